"""Turns come from the timeline alone; changes land on lines."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.music.harmony import Chord, Metre, Progression
from lkjam_box.protocol.records import HUMAN
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.turns.grid import Grid, Tune, seat_name, seats_of
from lkjam_box.turns.scheduler import TurnScheduler

C7 = Chord("C7", 0, 0, 0b010010010001)
F7 = Chord("F7", 5, 5, 0b001000101001)


def blues(metre=Metre(4, 4), name="Blues"):
    return Progression(name, "C", metre, (0.0, 4 * metre.bar_beats), (C7, F7), 12, 4)


def scheduler(turn_bars=4, preroll=1, loops=0, line_up=("human", "A"), metre=Metre(4, 4)):
    return TurnScheduler(Tune(blues(metre)), seats_of(line_up), turn_bars, preroll, loops)


def began(scheduler, beat):
    return scheduler.advance(beat, 120.0)


def test_seats_have_names():
    assert seats_of(("human", "A", "B")) == (0, 1, 2)
    assert [seat_name(seat) for seat in (0, 1, 2)] == ["human", "A", "B"]


def test_nothing_begins_before_the_clock_starts():
    box = scheduler()
    assert box.next_line_beats() == float("inf")
    assert began(box, 100) == []
    assert box.mode is Mode.ARMED


def test_a_bar_is_counted_in_before_the_first_human_loop():
    box = scheduler()
    box.started()
    assert (box.mode, box.next_line_beats()) == (Mode.COUNT_IN, 4.0)
    assert began(box, 3.999) == []
    (turn,) = began(box, 4.0)
    assert (turn.loop, turn.seat, turn.start_beats, turn.end_beats) == (0, HUMAN, 4.0, 20.0)
    assert turn.origin_beats == 4.0
    (turn,) = began(box, 20.0)
    assert (turn.loop, turn.seat) == (1, 1)


def test_fours_run_over_a_twelve_bar_form():
    box = scheduler()
    box.started()
    turns = began(box, 4 + 16 * 5)
    assert [t.start_beats for t in turns] == [4, 20, 36, 52, 68, 84]
    assert {t.origin_beats for t in turns} == {4.0}


def test_a_set_ends_after_its_loops():
    box = scheduler(loops=2)
    box.started()
    assert [t and t.loop for t in began(box, 1000)] == [0, 1, None]
    assert (box.mode, box.turn) == (Mode.DONE, None)
    assert box.next_line_beats() == float("inf")


def test_a_progression_lands_whole_on_the_next_line_and_begins_its_form_there():
    box = scheduler()
    box.started()
    began(box, 4.0)
    waltz = blues(Metre(3, 4), "Waltz")
    box.set_tune(Tune(waltz, 1), 2, 0, new_form=True)
    assert box.pending
    assert box.grid.tune.progression.name == "Blues"
    (turn,) = began(box, 20.0)
    assert (turn.progression, turn.origin_beats, turn.end_beats) == (1, 20.0, 26.0)
    assert not box.pending


def test_a_key_keeps_the_form_where_it_is():
    box = scheduler()
    box.started()
    began(box, 4.0)
    box.set_tune(Tune(blues(), 0, 5), 4, 0, new_form=False)
    (turn,) = began(box, 20.0)
    assert (turn.transpose, turn.origin_beats) == (5, 4.0)


def test_a_change_on_the_line_lands_on_the_next_one():
    box = scheduler()
    box.started()
    began(box, 4.0)
    began(box, 20.0)
    box.set_tune(Tune(blues()), 2, 0, new_form=False)
    assert box.next_line_beats() == 36.0
    (turn,) = began(box, 36.0)
    assert turn.end_beats == 44.0


def test_a_change_makes_a_new_plan():
    box = scheduler()
    box.started()
    began(box, 4.0)
    plan = box.plan(120.0)
    assert box.plan(120.0) is plan
    box.set_tune(Tune(blues()), 1, 0, new_form=False)
    changed = box.plan(120.0)
    assert changed is not plan
    assert changed.serial != plan.serial
    assert changed.end_beats == 24.0
    assert began(box, 20.0) == [changed]


def test_a_hand_over_ends_the_turn_at_the_next_bar_and_the_form_goes_on():
    box = scheduler()
    box.started()
    began(box, 4.0)
    assert box.hand_over(9.0)
    (turn,) = began(box, 12.0)
    assert (turn.loop, turn.seat, turn.start_beats, turn.end_beats) == (1, 1, 12.0, 28.0)
    assert turn.origin_beats == 4.0


def test_nothing_is_handed_over_in_the_last_bar_or_by_the_box():
    box = scheduler()
    box.started()
    began(box, 4.0)
    assert not box.hand_over(17.0)
    began(box, 20.0)
    assert not box.hand_over(21.0)


def test_stop_then_continue_goes_on_in_the_same_loop():
    box = scheduler()
    box.started()
    began(box, 25.0)
    box.stopped()
    assert (box.mode, box.turn) == (Mode.ARMED, None)
    box.continued(25.0)
    assert (box.turn.loop, box.turn.seat) == (1, 1)
    (turn,) = began(box, 36.0)
    assert turn.loop == 2


def test_with_the_human_first_the_middle_of_the_boxs_turn_becomes_his():
    box = scheduler()
    box.started()
    began(box, 25.0)
    box.stopped()
    box.continued(26.0, human_first=True)
    assert (box.turn.seat, box.turn.start_beats, box.turn.end_beats) == (HUMAN, 24.0, 40.0)
    (turn,) = began(box, 40.0)
    assert turn.seat == 1


@pytest.mark.parametrize(("beat", "seat"), [(20.0, 1), (19.98, 1), (36.0, HUMAN)])
def test_on_a_line_it_is_the_turn_of_whose_line_it_is(beat, seat):
    box = scheduler()
    box.started()
    began(box, beat - 1)
    box.stopped()
    box.continued(beat, human_first=True)
    assert (box.turn.seat, box.turn.start_beats) == (seat, round(beat))


def test_elsewhere_the_set_begins_anew_with_the_human_and_the_form_stays():
    box = scheduler(loops=3, line_up=("A", "human", "B"))
    box.started()
    began(box, 30.0)
    box.stopped()
    box.located()
    box.continued(4 + 16 * 9 + 5, human_first=True)
    assert (box.turn.loop, box.turn.seat, box.turn.start_beats) == (0, HUMAN, 152.0)
    assert box.turn.origin_beats == 4.0
    assert [t and t.seat for t in began(box, 1000)] == [2, 1, None]


def test_located_at_the_first_line_is_a_start():
    box = scheduler(line_up=("A", "human"))
    box.started()
    box.stopped()
    box.located()
    box.continued(4.0, human_first=True)
    assert (box.turn.loop, box.turn.seat) == (0, 1)


def test_a_jump_of_whole_bars_changes_nothing():
    box = scheduler()
    box.started()
    began(box, 20.0)
    before, plan = box.turn, box.plan(120.0)
    box.jumped(28.0, 24.0)
    assert (box.turn, box.plan(120.0)) == (before, plan)


@pytest.mark.parametrize(
    ("beat", "ahead", "end"),
    [
        (30.0, 30.0, 34.0),  # half a bar is cut off: it was a bar
        (34.0, 34.0, 34.0),  # in the last bar: the line is here
        (32.0, 31.0, 35.0),  # on a bar line, to the second beat: three beats are a bar
        (30.0, 29.0, 37.0),  # to the second beat: two and three beats are one bar
        (30.0, 0.1, 36.0),  # less than four ticks: transport was late
    ],
)
def test_after_a_jump_lines_are_on_the_songs_bar_lines(beat, ahead, end):
    box = scheduler()
    box.started()
    began(box, 20.0)
    box.jumped(beat, ahead)
    assert box.turn.end_beats == end
    turns = began(box, end + 16)
    assert [(t.seat, t.start_beats) for t in turns] == [(HUMAN, end), (1, end + 16)]


def test_song_position_takes_the_loop_from_the_timeline():
    box = scheduler()
    box.started()
    began(box, 4.0)
    box.set_tune(Tune(blues()), 1, 0, new_form=False)
    began(box, 20.0)
    box.stopped()
    box.located()
    box.continued(4 + 4 * 7 + 1)
    assert (box.turn.loop, box.turn.start_beats) == (7, 32.0)


def test_the_line_is_here_begins_loop_0_without_count_in():
    box = scheduler()
    box.started(count_in=False)
    (turn,) = began(box, 0.0)
    assert (turn.loop, turn.start_beats) == (0, 0.0)


def test_arming_while_the_clock_runs_counts_in_from_the_next_bar():
    box = scheduler()
    box.started()
    began(box, 4.0)
    box.idle()
    assert began(box, 50.0) == []
    box.arm(50.0)
    assert box.next_line_beats() == 52.0
    began(box, 52.0)
    assert box.mode is Mode.COUNT_IN
    (turn,) = began(box, 56.0)
    assert (turn.loop, turn.start_beats) == (0, 56.0)


def test_arming_on_a_bar_line_means_the_next_one():
    grid = Grid(Tune(blues()), (0, 1), 4)
    assert grid.next_bar(8.0) == 12.0
    assert grid.next_bar(7.9) == 8.0


def test_stop_by_the_player_outlasts_start():
    box = scheduler()
    box.idle()
    box.started()
    assert began(box, 100.0) == []
    assert box.mode is Mode.IDLE


@given(
    turn_bars=st.integers(1, 16),
    preroll=st.integers(0, 4),
    metre=st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(7, 8), Metre(6, 8), Metre(5, 4)]),
    line_up=st.sampled_from([("human", "A"), ("human", "A", "B"), ("A", "human", "human", "B")]),
    steps=st.lists(st.floats(0, 9), max_size=60),
)
def test_loops_tile_the_timeline_and_seats_take_turns(turn_bars, preroll, metre, line_up, steps):
    box = scheduler(turn_bars, preroll, 0, line_up, metre)
    box.started()
    beat, turns = 0.0, []
    for step in steps:
        beat += step
        turns += began(box, beat)
    assert [t.loop for t in turns] == list(range(len(turns)))
    assert [t.seat for t in turns] == [
        seats_of(line_up)[i % len(line_up)] for i in range(len(turns))
    ]
    for turn, following in pairwise(turns):
        assert turn.end_beats == following.start_beats
        assert turn.end_beats - turn.start_beats == turn_bars * metre.bar_beats
    assert all(t.start_beats <= beat for t in turns)


requests = st.sampled_from(["tune", "key", "bars", "hand", "idle", "arm", "stop", "spp", "reset"])


@given(st.lists(st.tuples(requests, st.floats(0, 7)), max_size=60))
def test_turns_never_overlap_whatever_is_asked_for(acts):
    """Serials rise, a turn never begins before the last one's line, no change is lost."""
    box = scheduler(turn_bars=2)
    box.started()
    beat, turns = 0.0, []
    for act, step in acts:
        beat += step
        turns += [t for t in began(box, beat) if t]
        match act:
            case "tune":
                box.set_tune(Tune(blues(Metre(3, 4)), 1), 1, 0, new_form=True)
            case "key":
                box.set_tune(Tune(blues(), 0, 2), 2, 0, new_form=False)
            case "bars":
                box.set_tune(Tune(blues()), 1, 0, new_form=False)
            case "hand":
                box.hand_over(beat)
            case "idle":
                box.idle()
            case "arm":
                box.arm(beat)
            case "reset":
                box.reset(beat)
            case "stop":
                box.stopped()
                box.continued(beat)
                turns = [box.turn] if box.turn else []
            case "spp":
                box.stopped()
                box.located()
                beat, turns = 0.0, []
                box.started()
        if box.turn and turns and box.turn.serial == turns[-1].serial:
            turns[-1] = box.turn
        assert box.next_line_beats() > beat or box.mode is Mode.COUNT_IN or not box.turn
    assert [t.serial for t in turns] == sorted({t.serial for t in turns})
    for turn, following in pairwise(turns):
        if following.loop == turn.loop + 1:
            assert following.start_beats >= turn.end_beats
