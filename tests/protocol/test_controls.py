"""Dials: kept in range, turned by value or by steps, in force from the line on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Brain
from lkjam_box.config.table import OPTIONS
from lkjam_box.protocol.controls import CHOICES, first_dials, stepped, turned, value_of
from lkjam_box.protocol.engine import Dials, Strategy, Style
from lkjam_box.protocol.records import Dial, DialId
from lkjam_box.turns.seat_controls import DialDesk


def test_the_options_name_every_strategy_and_style():
    for name, kind in (("strategy", Strategy), ("style", Style)):
        words = OPTIONS["brain"][name].allowed.split(", ")
        assert {word.upper() for word in words} == set(kind.__members__)
        for word in words:
            assert getattr(first_dials(Brain(**{name: word})), name) is kind[word.upper()]


def test_without_options_they_are_the_engines_own():
    assert first_dials(Brain()) == Dials()


@pytest.mark.parametrize(
    ("dial", "value", "kept"),
    [
        (DialId.STRATEGY, 9, Strategy.CONTRAST),
        (DialId.STRATEGY, -1, Strategy.FREE),
        (DialId.STYLE, 3.2, Style.BEBOP),
        (DialId.DENSITY, 99, 5),
        (DialId.REGISTER, -9, -3),
        (DialId.HEAT, 7, 1.0),
        (DialId.TEMPERATURE, 9, 2.0),
        (DialId.TOP_P, 0, 0.1),
    ],
)
def test_a_value_out_of_range_is_the_nearest(dial, value, kept):
    assert value_of(turned(Dials(), dial, value), dial) == kept


@given(st.integers(0, 255), st.floats())
def test_any_value_leaves_dials_that_can_be_played(dial, value):
    dials = turned(Dials(), dial, value)
    low, high = dials.window
    assert 0 <= low < high <= 127
    assert -1 <= dials.heat <= 1


def test_strategy_and_style_go_round_and_the_others_stop():
    assert stepped(Dials(strategy=Strategy.CONTRAST), DialId.STRATEGY, 1).strategy == Strategy.FREE
    assert stepped(Dials(), DialId.STRATEGY, -1).strategy is Strategy.CONTRAST
    assert stepped(Dials(density=5), DialId.DENSITY, 1).density == 5
    assert stepped(Dials(register=-3), DialId.REGISTER, -1).register == -3
    assert stepped(Dials(heat=0.33), DialId.HEAT, 2).heat == pytest.approx(0.5)
    assert stepped(Dials(), DialId.TOP_P, 1) == Dials()


def test_every_choice_is_a_step_from_the_one_before():
    for dial, choices in CHOICES.items():
        dials = turned(Dials(), dial, choices[0])
        for choice in choices[1:]:
            dials = stepped(dials, dial, 1)
            assert value_of(dials, dial) == choice


def test_what_is_asked_counts_from_the_line():
    desk = DialDesk((1, 2), Brain())
    assert desk.turn(Dial(1, DialId.DENSITY, 3))
    assert (desk.asked(1).density, desk.in_force(1).density) == (3, 0)
    desk.land(7)
    assert desk.in_force(1).density == 3
    assert desk.in_force(2) == Dials()


def test_a_turn_that_began_early_keeps_what_it_began_with():
    desk = DialDesk((1,), Brain())
    desk.turn(Dial(1, DialId.DENSITY, 3))
    desk.land(7)  # its first note sounds before the line
    desk.turn(Dial(1, DialId.DENSITY, 5))
    desk.land(7)
    assert desk.in_force(1).density == 3
    desk.land(8)
    assert desk.in_force(1).density == 5


def test_nothing_new_and_no_such_seat_say_so():
    desk = DialDesk((1,), Brain())
    assert not desk.turn(Dial(1, DialId.DENSITY, 0))
    assert not desk.turn(Dial(2, DialId.DENSITY, 3))
    assert not desk.turn(Dial(1, DialId.DENSITY, float("nan"), relative=True))
    assert not desk.turn(Dial(1, 99, 3))
