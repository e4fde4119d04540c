import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training.corpus_chords import parse_corpus_chord as chord
from lkjam_box.lab.training.pitches import bebop, nearest, scale, sounding, step, steps_between
from lkjam_box.music.harmony import NO_CHORD, Harmony, Metre, Progression


def pcs(mask):
    return {pc for pc in range(12) if mask >> pc & 1}


@pytest.mark.parametrize(
    ("symbol", "notes"),
    [
        ("Cj7", {0, 2, 4, 5, 7, 9, 11}),
        ("D-7", {2, 4, 5, 7, 9, 11, 0}),  # dorian
        ("G7", {7, 9, 11, 0, 2, 4, 5}),  # mixolydian
        ("G79b13b", {7, 8, 11, 0, 2, 3, 5}),
        ("Bm7b5", {11, 1, 2, 4, 5, 7, 9}),  # locrian with the natural ninth
        ("Cj7911#", {0, 2, 4, 6, 7, 9, 11}),  # lydian
        ("C7alt", {0, 1, 3, 4, 6, 8, 10}),
        ("Co7", {0, 2, 3, 5, 6, 8, 9, 11}),
        ("C-6", {0, 2, 3, 5, 7, 9, 11}),  # melodic minor
        ("C", {0, 2, 4, 5, 7, 9, 11}),
        ("C-", {0, 2, 3, 5, 7, 9, 10}),
        ("Csus", {0, 2, 5, 7, 9, 10}),
    ],
)
def test_scales_of_chords(symbol, notes):
    assert pcs(scale(chord(symbol))) == notes


@pytest.mark.parametrize("symbol", ["C7", "F-7", "Bb6", "D-6"])
@pytest.mark.parametrize("heading", [-1, 1])
def test_every_second_note_of_a_bebop_scale_is_a_chord_tone(symbol, heading):
    found = chord(symbol)
    pitch = next(p for p in range(60, 72) if found.core_has(p))
    for _ in range(8):
        pitch = step(pitch, bebop(found), 2 * heading)
        assert found.core_has(pitch)


@given(st.integers(24, 100), st.integers(1, 0xFFF), st.integers(24, 60), st.integers(12, 40))
def test_the_nearest_is_in_the_mask_and_within(pitch, mask, low, span):
    found = nearest(pitch, mask, low, low + span)
    assert low <= found <= low + span
    if low <= pitch <= low + span:
        others = [p for p in range(low, low + span + 1) if mask >> (p % 12) & 1]
        assert abs(found - pitch) == min(abs(p - pitch) for p in others) or found == pitch
        assert found in others or min(abs(p - pitch) for p in others) > 6


@given(st.integers(40, 90), st.integers(40, 90), st.integers(1, 0xFFF))
def test_steps_lead_to_the_goal(pitch, goal, mask):
    found = step(pitch, mask, steps_between(pitch, goal, mask))
    if mask >> (goal % 12) & 1:
        assert found == goal
    else:
        assert abs(found - goal) < 12


def test_nothing_to_step_through():
    assert pcs(scale(NO_CHORD)) == pcs(bebop(NO_CHORD)) == set(range(12))
    assert nearest(61, 0) == 61
    assert step(61, 0, 2) == 63


def test_a_pushed_note_sounds_over_the_chord_it_means():
    form = Progression("x", "C", Metre(), (0.0, 4.0), (chord("Cj7"), chord("F7")), 2)
    heard = [sounding(Harmony(form), beat).symbol for beat in (3.8, 3.9, 4.1)]
    assert heard == ["Cj7", "F7", "F7"]
