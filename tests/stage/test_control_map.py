"""Controllers: the range split evenly, the middle neutral, only ours taken."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Controls as Options
from lkjam_box.midi.messages import PROGRAM, control_change, note_on, voice
from lkjam_box.protocol.controls import CHOICES
from lkjam_box.protocol.records import ControlId, ControlSetting
from lkjam_box.stage.control_map import ControlMap, choice_of

FIVE = {"strategy": "16", "style": "17", "density": "18", "register": "19", "heat": "20"}


@pytest.mark.parametrize("control", CHOICES)
def test_the_range_is_split_evenly(control):
    found = [choice_of(control, value) for value in range(128)]
    assert found == sorted(found)
    counts = Counter(found)
    assert set(counts) == set(CHOICES[control])
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("control", [ControlId.REGISTER, ControlId.HEAT])
def test_the_middle_of_the_knob_is_neutral(control):
    assert choice_of(control, 64) == 0.0


def test_every_seat_or_one():
    message = control_change(5, 16, 127)
    assert ControlMap(Options(**FIVE), (1, 2)).settings(message) == [
        ControlSetting(1, ControlId.STRATEGY, 4.0),
        ControlSetting(2, ControlId.STRATEGY, 4.0),
    ]
    assert ControlMap(Options(seat="B", **FIVE), (1, 2)).settings(message) == [
        ControlSetting(2, ControlId.STRATEGY, 4.0)
    ]


def test_a_channel_for_each_seat():
    controls = ControlMap(Options(seat="each", channel=16, **FIVE), (1, 2))
    assert controls.settings(control_change(15, 18, 0)) == [
        ControlSetting(1, ControlId.DENSITY, 0.0)
    ]
    assert controls.settings(control_change(0, 18, 0)) == [
        ControlSetting(2, ControlId.DENSITY, 0.0)
    ]
    assert controls.settings(control_change(1, 18, 0)) is None
    assert controls.steered == (1, 2)


def test_program_changes_only_when_asked():
    assert ControlMap(Options(), (1,)).settings(voice(PROGRAM, 0, 3)) is None
    controls = ControlMap(Options(program="style"), (1,))
    assert controls.settings(voice(PROGRAM, 0, 3)) == [ControlSetting(1, ControlId.STYLE, 3.0)]
    assert controls.settings(voice(PROGRAM, 0, 100)) == []  # ours, but there is no such style


@given(st.integers(0, 15), st.integers(0, 127), st.integers(0, 127))
def test_what_is_not_ours_sounds(channel, number, value):
    message, struck = control_change(channel, number, value), note_on(channel, number, value)
    controls = ControlMap(Options(**FIVE), (1,))
    assert controls.settings(struck) is None
    assert (controls.settings(message) is None) == (number not in range(16, 21))
    assert ControlMap(Options(), (1,)).settings(message) is None  # none is, until it is learnt
