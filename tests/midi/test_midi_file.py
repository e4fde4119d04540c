"""What is put into a track is what mido reads, in order, to its end."""

from io import BytesIO

import mido
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import PITCH_BEND, PROGRAM, control_change, note_off, note_on, voice
from lkjam_box.midi.midi_file import (
    Track,
    file_bytes,
    marker,
    tempo,
    text,
    ticks,
    time_signature,
)


def read(*tracks):
    """[(name, [(tick, message of mido's)])] without the names; the end is in it."""
    file = mido.MidiFile(file=BytesIO(file_bytes(tracks)))
    assert (file.type, file.ticks_per_beat) == (1, 960)
    found = []
    for track in file.tracks:
        now, events = 0, []
        for message in track:
            now += message.time
            events.append((now, message.copy(time=0)))
        assert events[0][1].type == "track_name"
        found.append((track.name, events[1:]))
    return found


def test_a_conductor():
    events = [
        (ticks(4.0), marker("loop 1 human")),
        (0, time_signature(7, 8)),
        (0, tempo(140.0)),
        (ticks(4.0), text("F♯Δ 中")),
    ]
    [(name, found)] = read(Track.of("Só ♭", events, ticks(8.0)))
    assert name == "Só b"
    assert [tick for tick, _ in found] == [0, 0, 3840, 3840, 7680]
    metre, pace, where, chord, _ = (message for _, message in found)
    assert (metre.numerator, metre.denominator) == (7, 8)
    assert pace.tempo == mido.bpm2tempo(140)
    assert (where.text, chord.text) == ("loop 1 human", "F#maj7 ?")


def test_a_note_that_ends_on_a_tick_ends_before_the_next_begins():
    events = [(10, note_on(0, 60, 90)), (20, note_off(0, 60))]
    events += [(20, note_on(0, 60, 80)), (20, control_change(0, 64, 0)), (30, note_off(0, 60))]
    [(_, found)] = read(Track.of("box", reversed(events)))
    kinds = [(tick, message.type) for tick, message in found]
    assert kinds[1:4] == [(20, "control_change"), (20, "note_off"), (20, "note_on")]
    assert kinds[-1] == (30, "end_of_track")


def test_one_that_comes_with_an_earlier_tick_is_put_beside_the_last():
    track = Track("human", end_tick=5)
    for tick, event in ((10, voice(PROGRAM, 3, 7)), (8, voice(PITCH_BEND, 3, 0, 80))):
        track.add(tick, event)
    [(_, found)] = read(track)
    assert [tick for tick, _ in found] == [10, 10, 10]
    assert (found[0][1].program, found[1][1].pitch) == (7, 80 * 128 - 8192)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1 << 20),
        st.builds(note_on, st.integers(0, 15), st.integers(0, 127), st.integers(0, 127)),
    )
)


@given(EVENTS, st.integers(0, 1 << 20))
def test_every_event_is_in_the_file(events, end_tick):
    [(_, found)] = read(Track.of("", events, end_tick))
    assert sorted((tick, bytes(message.bytes())) for tick, message in found[:-1]) == sorted(
        (tick, bytes(message)) for tick, message in events
    )
    assert found[-1][0] == max([end_tick, *(tick for tick, _ in events)])
