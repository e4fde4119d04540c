"""Line-ups change on a line, and the music goes on with whoever comes next."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.options import Brain
from lkjam_box.protocol.records import HUMAN, LAST_SEAT, ControlId, ControlSetting
from lkjam_box.turns.grid import Tune, from_seat, line_up_number, line_up_of, seats_of
from lkjam_box.turns.scheduler import TurnScheduler
from lkjam_box.turns.seat_controls import SeatControls

from .test_scheduler import began, blues, scheduler

LINE_UPS = st.lists(st.integers(0, LAST_SEAT), min_size=1, max_size=8).map(tuple)


@settings(deadline=None)
@given(LINE_UPS)
def test_a_line_up_fits_into_a_command(seats):
    assert line_up_of(float(line_up_number(seats))) == seats


@settings(deadline=None)
@given(st.floats() | st.integers(-5, 5**9).map(float))
def test_any_other_number_is_a_line_up_or_none(number):
    seats = line_up_of(number)
    assert len(seats) <= 8
    assert all(0 <= seat <= LAST_SEAT for seat in seats)


@settings(deadline=None)
@given(LINE_UPS, st.integers(0, 99), st.integers(0, LAST_SEAT))
def test_after_a_seat_comes_its_neighbour(line_up, loop, last):
    turned = from_seat(line_up, loop, last)
    place = loop % len(line_up)
    assert sorted(turned) == sorted(line_up)
    if last in line_up:
        assert turned[(place - 1) % len(line_up)] == last
        assert turned[place] == line_up[(line_up.index(last) + 1) % len(line_up)]
    else:
        assert turned[place] == line_up[0]


@pytest.mark.parametrize(
    ("asked", "seats"),
    [
        ("human A B", [0, 1, 2, 0, 1, 2]),  # asked for in the human's turn
        ("human human A", [0, 0, 1, 0, 0, 1]),
        ("A B", [0, 1, 2, 1, 2, 1]),
        ("human", [0, 0, 0, 0, 0, 0]),
        ("B human", [0, 2, 0, 2, 0, 2]),
    ],
)
def test_a_new_line_up_lands_on_the_next_line_and_goes_on(asked, seats):
    box = scheduler()
    box.started()
    turns = began(box, 4.0)
    box.set_line_up(seats_of(tuple(asked.split())))
    assert box.pending
    turns += began(box, 4 + 16 * 5)
    assert [turn.seat for turn in turns] == seats
    assert [turn.start_beats for turn in turns] == [4, 20, 36, 52, 68, 84]


def test_a_new_set_begins_with_the_first_seat():
    box = scheduler()
    box.started()
    began(box, 20.0)
    box.set_line_up((1, 2, HUMAN))
    began(box, 52.0)
    box.reset(52.0)
    assert [turn.seat for turn in began(box, 100.0)][:3] == [1, 2, HUMAN]


def test_while_nothing_plays_it_counts_at_once_and_a_tune_keeps_it():
    box = scheduler()
    box.set_line_up((HUMAN, 1, 2))
    box.set_tune(Tune(blues(name="Other")), 2, 0, new_form=True)
    assert box.grid.seats == box.line_up == (HUMAN, 1, 2)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("wtnrs"), LINE_UPS), max_size=30))
def test_whatever_is_asked_for_and_stopped_somebody_plays(acts):
    box, beat = TurnScheduler(Tune(blues()), (HUMAN, 1), 1), 0.0
    box.started()
    for act, line_up in acts:
        if act == "w":
            box.set_line_up(line_up)
        elif act == "t":
            box.set_tune(Tune(blues(name="Other")), 2, 0, new_form=True)
        elif act == "s":
            box.stopped()
            box.continued(beat)
        elif act == "r":
            box.reset(beat)
        beat += 4.0
        for turn in began(box, beat):
            assert turn.seat in box.grid.seats
        assert sorted(box.next_grid.seats) == sorted(box.line_up)


def test_a_seat_that_joins_plays_like_the_first():
    seat_controls = SeatControls((1,), Brain())
    seat_controls.ask(ControlSetting(1, ControlId.DENSITY, 3))
    assert seat_controls.sit((0 + 1, 2)) == [2]
    assert seat_controls.pending(2).density == 3
    assert seat_controls.sit((1, 2)) == []
    assert SeatControls((), Brain()).sit((3,)) == [3]
