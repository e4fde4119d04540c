"""Clicks on pulses, each once."""

from lkjam_box.config.options import Metronome as Options
from lkjam_box.music.harmony import Metre
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.stage.metronome import Metronome


def clicks(metre, until, step=1 / 96, origin=0.0):
    metronome = Metronome(Options(when="always"))
    found = []
    for here in (i * step for i in range(int(until / step))):
        beat = metronome.next_beats(here, origin, metre)
        if beat <= here:
            click = metronome.click(beat, here, origin, metre)
            found.append((click.beat, click.pitch))
    return found


def test_four_four():
    assert clicks(Metre(4, 4), 5) == [(0, 76), (1, 77), (2, 77), (3, 77), (4, 76)]


def test_six_eight_clicks_its_eighths():
    assert [pitch for _, pitch in clicks(Metre(6, 8), 3.1)] == [76, 77, 77, 77, 77, 77, 76]


def test_the_next_beat_is_one_not_clicked_yet():
    metronome = Metronome(Options())
    assert metronome.next_beats(0.0, 0.0, Metre()) == 0.0
    metronome.click(0.0, 0.0, 0.0, Metre())
    assert metronome.next_beats(0.0, 0.0, Metre()) == 1.0
    assert metronome.next_beats(0.5, 0.0, Metre()) == 1.0


def test_a_pulse_long_past_is_not_clicked_late():
    metronome = Metronome(Options())
    assert metronome.next_beats(0.5, 0.0, Metre()) == 1.0
    assert metronome.click(0.0, 0.5, 0.0, Metre()) is None
    assert metronome.next_beats(0.2, 0.0, Metre()) == 0.0


def test_when():
    assert Metronome(Options(when="count-in")).wanted(Mode.COUNT_IN)
    assert not Metronome(Options(when="count-in")).wanted(Mode.TRADING)
    assert Metronome(Options(when="always")).wanted(Mode.TRADING)
    assert not Metronome(Options(when="off")).wanted(Mode.COUNT_IN)
