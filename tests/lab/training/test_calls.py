import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.calls import EARLY_BEATS, windows
from lkjam_box.lab.training.corpus import Solo
from lkjam_box.protocol.engine import Feel, Style
from tests.lab.evaluation.turns import harmony, line

DATA = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not beside us")


def solo(notes, origin=0.0):
    over = harmony("Cj7", "F7", origin=origin)
    return Solo("s", "valid", 150.0, over, tuple(notes), style=Style.BEBOP, feel=Feel.SWING)


def test_windows_overlap_and_lie_on_bars():
    notes = line(*((2.0 + i, 60 + i) for i in range(24)))  # from the second bar
    found = windows(solo(notes, origin=-2.0), bars=2, least=6)
    assert [e.id for e in found] == ["s:1", "s:3"]
    first, second = found
    assert (first.call_scene.start_beats, first.call_scene.end_beats) == (2.0, 10.0)
    assert first.scene == second.call_scene
    assert first.answer == second.call
    assert [note.pitch for note in second.answer] == list(range(76, 84))
    assert (second.scene.start_beats, second.scene.end_beats) == (18.0, 26.0)
    assert (first.scene.bpm, first.scene.style, first.scene.feel) == (150, Style.BEBOP, Feel.SWING)
    assert first.closed
    assert first.seen


def test_anticipations_belong_behind_the_line_and_notes_end_at_it():
    early = EARLY_BEATS - 1e-6
    notes = line((0, 60), (3.5, 61, 1.0), (8 - early, 62, 3.0), (12 - EARLY_BEATS, 63))
    first, *rest = windows(solo(notes), bars=1, least=0)
    assert [note.pitch for note in first.call] == [60, 61]
    assert first.call[1].end_beats == 4.0
    # In time for the third bar; what is a full EARLY_BEATS early is not.
    assert [[note.pitch for note in e.answer] for e in (first, *rest)] == [[], [62, 63]]
    assert rest[0].answer[0].onset_beats == 8 - early
    assert rest[0].answer[1].end_beats == 12.0


def test_too_few_notes_are_no_call_and_no_answer():
    notes = line((0, 60), (1, 60), (4, 60), (8, 60), (9, 60), (12, 60), (13, 60))
    assert [e.id for e in windows(solo(notes), bars=1, least=2)] == ["s:2"]
    assert windows(solo(notes[:2]), bars=1, least=1) == []


@given(st.lists(st.floats(0.13, 3.0), min_size=2, max_size=40), st.integers(1, 4))
def test_no_note_is_lost_or_counted_twice(steps, bars):
    onset, notes = 0.0, []
    for i, step in enumerate(steps):
        notes.append((onset, 40 + i, step * 0.9))
        onset += step
    found = windows(solo(line(*notes)), bars, least=0)
    turns = [found[0].call, *(e.answer for e in found)] if found else []
    if found:
        assert [note.pitch for turn in turns for note in turn] == [
            40 + i for i in range(len(steps))
        ]
    for e in found:
        for notes_of, scene in ((e.call, e.call_scene), (e.answer, e.scene)):
            for note in notes_of:
                assert scene.start_beats - EARLY_BEATS < note.onset_beats
                assert note.onset_beats <= scene.end_beats - EARLY_BEATS
                assert note.end_beats <= scene.end_beats


@needs_data
def test_the_valid_solos_give_enough_calls():
    found = [e for s in corpus.load(DATA, "valid") for e in windows(s)]
    print(f"{len(found)} four-bar calls with answers in the valid solos")
    assert len(found) == 663
    assert len({e.id for e in found}) == 663
