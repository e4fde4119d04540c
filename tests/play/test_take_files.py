"""MIDI files: what is written reads back, what is wrong is one line."""

from __future__ import annotations

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.errors import FileError
from lkjam_box.music.harmony import Metre
from lkjam_box.music.note import Note
from lkjam_box.play.take import Loop, Played, Take
from lkjam_box.play.take_files import read_player, read_tracks, write_take

TICK_BEATS = 1 / 960


def take_of(*played: Played, seats=(0, 1), tempo=((0.0, 140.0),)) -> Take:
    loops = tuple(Loop(i, seat, 4.0 + 8 * i, 12.0 + 8 * i, i + 1) for i, seat in enumerate(seats))
    chords = ((4.0, "Cm7"), (12.0, "F7"))
    return Take("Test", Metre(4, 4), tempo, loops, chords, played, 20.0)


CALL = Played("player", Note(4.013, 60, 90, 0.5), 0)
ANSWER = Played("box", Note(12.0, 67, 80, 1.0), 1, seat=1)
CLICK = Played("click", Note(0.0, 76, 90, 0.1), 9)


def test_tracks_tempo_metre_and_markers(tmp_path):
    path = tmp_path / "take.mid"
    write_take(take_of(CALL, ANSWER, CLICK), path)
    file = mido.MidiFile(path)
    assert file.type == 1
    assert [track.name for track in file.tracks[1:]] == ["player", "box", "click", "chords"]
    conductor = file.tracks[0]
    assert [m.tempo for m in conductor if m.type == "set_tempo"] == [mido.bpm2tempo(140)]
    assert [(m.numerator, m.denominator) for m in conductor if m.type == "time_signature"] == [
        (4, 4)
    ]
    time, markers = 0, []
    for message in conductor:
        time += message.time
        if message.type == "marker":
            markers.append((time / file.ticks_per_beat, message.text))
    assert markers == [(4.0, "loop 1 human"), (12.0, "loop 2 box")]


def test_two_box_seats_are_told_apart(tmp_path):
    path = tmp_path / "take.mid"
    write_take(take_of(CALL, ANSWER, seats=(0, 1, 2)), path)
    texts = [m.text for m in mido.MidiFile(path).tracks[0] if m.type == "marker"]
    assert texts == ["loop 1 human", "loop 2 box A", "loop 3 box B"]


def test_a_players_own_track_is_read_back(tmp_path):
    path = tmp_path / "take.mid"
    write_take(take_of(CALL, ANSWER, CLICK), path)
    found = read_player(path)
    (note,) = found.notes
    assert (note.pitch, note.velocity) == (60, 90)
    assert note.onset_beats == pytest.approx(4.013, abs=TICK_BEATS)
    assert found.tempo[0] == (0.0, pytest.approx(140, abs=0.001))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.integers(0, 127), st.integers(1, 127), st.floats(0.02, 4)),
        min_size=1,
        max_size=20,
        unique_by=lambda note: note[1],
    )
)
def test_notes_survive_within_a_tick(tmp_path_factory, notes):
    path = tmp_path_factory.mktemp("smf") / "a.mid"
    written = sorted((Note(*note) for note in notes), key=lambda n: (n.onset_beats, n.pitch))
    write_take(take_of(*(Played("player", note, 0) for note in written)), path)
    tracks, _ = read_tracks(path)
    found = {note.pitch: note for note in tracks["player"]}
    assert len(found) == len(written)
    for note in written:
        other = found[note.pitch]
        assert other.onset_beats == pytest.approx(note.onset_beats, abs=TICK_BEATS)
        assert other.end_beats == pytest.approx(note.end_beats, abs=2 * TICK_BEATS)
        assert other.velocity == note.velocity


HEAD = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60"
NO_KEY = (
    HEAD + b"MTrk\x00\x00\x00\x0a\x00\xff\x59\x02\x04\x02\x00\xff\x2f\x00"
)  # neither major nor minor


@pytest.mark.parametrize("content", [b"", b"hello", HEAD[:13], NO_KEY])
def test_what_is_no_midi_file_is_one_line(tmp_path, content):
    path = tmp_path / "bad.mid"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_player(path)
    assert "\n" not in str(caught.value)
    assert "bad.mid" in str(caught.value)


def test_a_missing_file_and_one_without_notes_are_told(tmp_path):
    with pytest.raises(FileError, match=r"gone\.mid"):
        read_player(tmp_path / "gone.mid")
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(tmp_path / "empty.mid")
    with pytest.raises(FileError, match="no notes"):
        read_player(tmp_path / "empty.mid")
