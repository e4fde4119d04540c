"""The notes on the wire survive the process that sent them."""

from lkjam_box.midi.messages import PITCH_BEND, PRESSURE, control_change, note_off, note_on, voice
from lkjam_box.ports.held import Held, silence


def test_another_opener_sees_what_sounds(tmp_path):
    ours = Held.open(tmp_path / "held")
    ours.sent(note_on(0, 60, 90))
    ours.sent(note_on(9, 36, 90))
    ours.sent(note_on(0, 62, 90))
    ours.sent(note_on(0, 62, 0))
    ours.sent(control_change(9, 7, 100))
    theirs = Held.open(tmp_path / "held")
    assert theirs.notes() == [(0, 60), (9, 36)]
    theirs.sent(note_off(9, 36))
    theirs.sent(control_change(0, 123, 0))
    assert ours.notes() == []


def test_silence_ends_known_keys_first_then_all_channels():
    held = Held()
    held.sent(note_on(3, 60, 90))
    messages = silence(held)
    assert messages[0] == note_off(3, 60)
    assert {m for m in messages if m[0] == 0xBF} == {bytes((0xBF, n, 0)) for n in (64, 123, 120)}
    assert len(messages) == 1 + 48
    for message in messages:
        held.sent(message)
    assert held.notes() == []


def test_another_opener_makes_neutral_what_was_moved(tmp_path):
    ours = Held.open(tmp_path / "held")
    for message in (
        note_on(15, 60, 90),
        control_change(15, 2, 100),
        control_change(15, 2, 0),
        voice(PITCH_BEND, 15, 1, 2),
        voice(PRESSURE, 0, 9),
        control_change(0, 74, 9),
    ):
        ours.sent(message)
    theirs = Held.open(tmp_path / "held")
    assert theirs.notes() == [(15, 60)]
    neutral = [voice(PRESSURE, 0, 0), voice(PITCH_BEND, 15, 0, 64), control_change(15, 2, 100)]
    assert theirs.neutral() == neutral
    assert silence(theirs)[-3:] == neutral
    theirs.sent(note_off(15, 60))
    assert not ours
