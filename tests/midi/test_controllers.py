"""What is neutral: everything in the middle or off, and as loud as the player plays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.controllers import Control, Controllers, control_of
from lkjam_box.midi.messages import (
    CONTROL_CHANGE,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    control_change,
    note_off,
    note_on,
    voice,
)

BREATH, VOLUME, EXPRESSION = 2, 7, 11


def heard(*messages):
    controllers = Controllers()
    for message in messages:
        controllers.take(message)
    return controllers


def level(controllers, number):
    return controllers.neutral(Control(0, CONTROL_CHANGE, number))


def blown(number, *values):
    """A breath that rises under a note, falls, and ends with it."""
    yield note_on(0, 60, 90)
    for value in values:
        yield control_change(0, number, value)
    yield note_off(0, 60)


@pytest.mark.parametrize(
    ("moved", "neutral"),
    [
        (voice(PITCH_BEND, 2, 1, 3), voice(PITCH_BEND, 2, 0, 64)),
        (voice(PRESSURE, 2, 90), voice(PRESSURE, 2, 0)),
        (voice(POLY_PRESSURE, 2, 60, 90), voice(POLY_PRESSURE, 2, 60, 0)),
        (control_change(2, EXPRESSION, 40), control_change(2, EXPRESSION, 127)),
        *((control_change(2, n, 90), control_change(2, n, 0)) for n in (1, 33, 64, 66, 67, 69)),
    ],
)
def test_what_was_moved_goes_back(moved, neutral):
    controllers = heard(moved)
    assert controllers.rest() == [neutral]
    assert controllers.rest((0, 1)) == []
    controllers.take(neutral)
    assert controllers.rest() == []


@pytest.mark.parametrize("number", [5, 10, 65, 71, 74, 100, 120, 123])
def test_what_shapes_the_sound_stays(number):
    assert control_of(control_change(0, number, 90)) is None


@given(st.integers(16, 127))
def test_a_volume_that_was_set_stays(value):
    before = heard(control_change(0, VOLUME, value), note_on(0, 60, 90))
    assert before.rest() == []
    while_playing = heard(note_on(0, 60, 90), control_change(0, VOLUME, max(value, 32)))
    assert while_playing.rest() == []


@given(
    st.sampled_from([BREATH, VOLUME]),
    st.lists(st.integers(0, 127), min_size=1, max_size=20),
    st.integers(0, 31),
)
def test_a_breath_that_fell_is_as_loud_as_it_was_under_the_notes(number, values, last):
    controllers = heard(*blown(number, *values, last))
    assert level(controllers, number) >= max(*values, 64)
    assert 0 not in (level(controllers, number), level(heard(*blown(number, 0)), number))


def test_a_breath_that_nobody_heard_is_at_its_factory_level():
    assert level(heard(control_change(0, BREATH, 0)), BREATH) == 127
    assert level(heard(control_change(0, VOLUME, 0)), VOLUME) == 100


def test_what_was_loud_two_phrases_ago_counts_no_more():
    controllers = heard(*blown(VOLUME, 120, 0))
    for loudest in (120, 90, 90):
        assert level(controllers, VOLUME) == 120
        controllers.begin_phrase(0)
        for message in blown(VOLUME, 5, loudest, 0):
            controllers.take(message)
    controllers.begin_phrase(0)
    assert level(controllers, VOLUME) == 90


def test_a_volume_turned_down_for_good_is_followed_after_a_phrase():
    controllers = heard(*blown(VOLUME, 100, 20))
    assert level(controllers, VOLUME) == 100
    for _ in range(2):
        controllers.begin_phrase(0)
        for message in (note_on(0, 60, 90), note_off(0, 60)):
            controllers.take(message)
    assert level(controllers, VOLUME) == 20
