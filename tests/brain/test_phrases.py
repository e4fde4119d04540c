from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain.phrases import positions, rest_beats
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Position

S, C, E = Position.START, Position.CONTINUE, Position.END


def _notes(*onsets, length=0.5):
    return [Note(o, 60, 80, length) for o in onsets]


def test_a_rest_closes_a_phrase():
    assert positions(_notes(0, 0.5, 1, 3, 3.5), 120) == (S, C, E, S, E)


def test_a_lone_note_closes():
    assert positions(_notes(0, 3, 3.5), 120) == (E, S, E)
    assert positions(_notes(2), 120) == (E,)
    assert positions([], 120) == ()


def test_slow_music_breathes_in_shorter_beats():
    notes = _notes(0, 0.5, 1.65)  # a rest of .65 beats
    assert positions(notes, 60) == (S, E, E)
    assert positions(notes, 240) == (S, C, E)
    assert rest_beats(120) == 0.75


@given(st.lists(st.floats(0.1, 3), min_size=1, max_size=40), st.floats(40, 300))
def test_every_phrase_opens_once_and_closes_once(gaps, bpm):
    onsets = [sum(gaps[:i]) for i in range(len(gaps))]
    places = positions(_notes(*onsets, length=0.1), bpm)
    opening = True
    for place in places:
        assert (place == C) <= (not opening)
        assert (place == S) <= opening
        opening = place == E
    assert places[-1] == E
