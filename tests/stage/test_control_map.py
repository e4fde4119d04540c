"""Controllers: the range split evenly, the middle neutral, only ours taken."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Controls as Options
from lkjam_box.midi.messages import control, note_on
from lkjam_box.protocol.controls import CHOICES
from lkjam_box.protocol.records import Dial, DialId
from lkjam_box.stage.control_map import Controls, choice_of


@pytest.mark.parametrize("dial", CHOICES)
def test_the_range_is_split_evenly(dial):
    found = [choice_of(dial, value) for value in range(128)]
    assert found == sorted(found)
    counts = Counter(found)
    assert set(counts) == set(CHOICES[dial])
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("dial", [DialId.REGISTER, DialId.HEAT])
def test_the_middle_of_the_knob_is_neutral(dial):
    assert choice_of(dial, 64) == 0.0


def test_every_seat_or_one():
    message = control(5, 16, 127)
    assert Controls(Options(), (1, 2)).dials(message) == [
        Dial(1, DialId.STRATEGY, 4.0),
        Dial(2, DialId.STRATEGY, 4.0),
    ]
    assert Controls(Options(seat="B"), (1, 2)).dials(message) == [Dial(2, DialId.STRATEGY, 4.0)]


def test_a_channel_for_each_seat():
    controls = Controls(Options(seat="each", channel=16), (1, 2))
    assert controls.dials(control(15, 18, 0)) == [Dial(1, DialId.DENSITY, 0.0)]
    assert controls.dials(control(0, 18, 0)) == [Dial(2, DialId.DENSITY, 0.0)]
    assert controls.dials(control(1, 18, 0)) is None
    assert controls.steered == (1, 2)


def test_program_changes_only_when_asked():
    assert Controls(Options(), (1,)).dials(bytes((0xC0, 3))) is None
    controls = Controls(Options(program="style"), (1,))
    assert controls.dials(bytes((0xC0, 3))) == [Dial(1, DialId.STYLE, 3.0)]
    assert controls.dials(bytes((0xC0, 100))) == []  # ours, but there is no such style


@given(st.integers(0, 15), st.integers(0, 127), st.integers(0, 127))
def test_what_is_not_ours_sounds(channel, number, value):
    controls = Controls(Options(), (1,))
    assert controls.dials(note_on(channel, number, value)) is None
    assert (controls.dials(control(channel, number, value)) is None) == (
        number not in range(16, 21)
    )
