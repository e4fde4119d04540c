"""ControlValues: kept in range, with_control by value or by steps, in force from the line on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Brain
from lkjam_box.config.table import OPTIONS
from lkjam_box.protocol.controls import CHOICES, initial_controls, value_of, with_control, with_step
from lkjam_box.protocol.engine import ControlValues, Strategy, Style
from lkjam_box.protocol.records import ControlId, ControlSetting
from lkjam_box.turns.seat_controls import SeatControls


def test_the_options_name_every_strategy_and_style():
    for name, kind in (("strategy", Strategy), ("style", Style)):
        words = OPTIONS["brain"][name].allowed.split(", ")
        assert {word.upper() for word in words} == set(kind.__members__)
        for word in words:
            assert getattr(initial_controls(Brain(**{name: word})), name) is kind[word.upper()]


def test_without_options_they_are_the_engines_own():
    assert initial_controls(Brain()) == ControlValues()


@pytest.mark.parametrize(
    ("control", "value", "kept"),
    [
        (ControlId.STRATEGY, 9, Strategy.CONTRAST),
        (ControlId.STRATEGY, -1, Strategy.FREE),
        (ControlId.STYLE, 3.2, Style.BEBOP),
        (ControlId.DENSITY, 99, 5),
        (ControlId.REGISTER, -9, -3),
        (ControlId.HEAT, 7, 1.0),
        (ControlId.TEMPERATURE, 9, 2.0),
        (ControlId.TOP_P, 0, 0.1),
    ],
)
def test_a_value_out_of_range_is_the_nearest(control, value, kept):
    assert value_of(with_control(ControlValues(), control, value), control) == kept


@given(st.integers(0, 255), st.floats())
def test_any_value_leaves_controls_that_can_be_played(control, value):
    controls = with_control(ControlValues(), control, value)
    low, high = controls.window
    assert 0 <= low < high <= 127
    assert -1 <= controls.heat <= 1


def test_strategy_and_style_go_round_and_the_others_stop():
    assert (
        with_step(ControlValues(strategy=Strategy.CONTRAST), ControlId.STRATEGY, 1).strategy
        == Strategy.FREE
    )
    assert with_step(ControlValues(), ControlId.STRATEGY, -1).strategy is Strategy.CONTRAST
    assert with_step(ControlValues(density=5), ControlId.DENSITY, 1).density == 5
    assert with_step(ControlValues(register=-3), ControlId.REGISTER, -1).register == -3
    assert with_step(ControlValues(heat=0.33), ControlId.HEAT, 2).heat == pytest.approx(0.5)
    assert with_step(ControlValues(), ControlId.TOP_P, 1) == ControlValues()


def test_every_choice_is_a_step_from_the_one_before():
    for control, choices in CHOICES.items():
        controls = with_control(ControlValues(), control, choices[0])
        for choice in choices[1:]:
            controls = with_step(controls, control, 1)
            assert value_of(controls, control) == choice


def test_what_is_asked_counts_from_the_line():
    seat_controls = SeatControls((1, 2), Brain())
    assert seat_controls.ask(ControlSetting(1, ControlId.DENSITY, 3))
    assert (seat_controls.pending(1).density, seat_controls.in_force(1).density) == (3, 0)
    seat_controls.land(7)
    assert seat_controls.in_force(1).density == 3
    assert seat_controls.in_force(2) == ControlValues()


def test_a_turn_that_began_early_keeps_what_it_began_with():
    seat_controls = SeatControls((1,), Brain())
    seat_controls.ask(ControlSetting(1, ControlId.DENSITY, 3))
    seat_controls.land(7)  # its first note sounds before the line
    seat_controls.ask(ControlSetting(1, ControlId.DENSITY, 5))
    seat_controls.land(7)
    assert seat_controls.in_force(1).density == 3
    seat_controls.land(8)
    assert seat_controls.in_force(1).density == 5


def test_nothing_new_and_no_such_seat_say_so():
    seat_controls = SeatControls((1,), Brain())
    assert not seat_controls.ask(ControlSetting(1, ControlId.DENSITY, 0))
    assert not seat_controls.ask(ControlSetting(2, ControlId.DENSITY, 3))
    assert not seat_controls.ask(ControlSetting(1, ControlId.DENSITY, float("nan"), relative=True))
    assert not seat_controls.ask(ControlSetting(1, 99, 3))
