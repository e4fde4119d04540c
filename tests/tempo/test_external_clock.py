"""The rules of MIDI clock, one test each, and what must hold whatever comes."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.midi.messages import (
    ACTIVE_SENSING,
    CONTINUE,
    START,
    STOP,
    TICK,
    Message,
    note_on,
    real_time,
    song_position,
)
from lkjam_box.protocol.shared_state import Sync
from lkjam_box.tempo.clock import Clock, Transport
from lkjam_box.tempo.external_clock import JUMP_S, JUMP_TICKS, QUIET_S, ExternalClock

F8, FA, FB, FC, FE = map(real_time, (TICK, START, CONTINUE, STOP, ACTIVE_SENSING))
TICK_S = 60 / 120 / 24
STOPPED_S = JUMP_TICKS * TICK_S + JUMP_S  # after Stop


def ticks(clock: ExternalClock, start_s: float, count: int) -> tuple[float, list[Transport]]:
    """Feed ``count`` ticks at 120 BPM from ``start_s``; returns when the next is due."""
    events: list[Transport] = []
    for n in range(count):
        events += clock.message(start_s + n * TICK_S, F8)
    return start_s + count * TICK_S, events


def playing(count: int = 48) -> tuple[ExternalClock, float]:
    """A clock that started at 10.0 s and had ``count`` ticks."""
    clock = ExternalClock()
    clock.message(9.99, FA)
    next_s, _ = ticks(clock, 10.0, count)
    return clock, next_s


def test_it_is_a_clock() -> None:
    clock: Clock = ExternalClock()
    assert clock.sync is Sync.WAITING
    assert clock.take_output(1.0) == b""
    assert clock.next_poll_s() == inf
    clock.set_bpm(1.0, 90.0)
    assert clock.bpm == pytest.approx(120.0)
    assert clock.display_bpm == 0.0  # none is known yet


def test_24_ticks_are_a_beat() -> None:
    clock, _ = playing(49)
    assert clock.beat_at(10.0 + 48 * TICK_S) == pytest.approx(2.0)
    assert clock.time_of(4.0) == pytest.approx(12.0)
    assert clock.bpm == pytest.approx(120.0)


def test_start_only_arms_and_the_first_tick_after_it_is_beat_0() -> None:
    clock = ExternalClock()
    assert clock.message(1.0, FA) == ()
    assert not clock.running
    assert clock.time_of(1.0) == inf
    assert clock.message(1.5, F8) == (Transport.STARTED,)
    assert clock.running
    assert clock.beat_at(1.5) == pytest.approx(0.0)
    assert clock.position_ticks == 0
    clock.message(1.5 + TICK_S, F8)
    assert clock.beat_at(1.5 + TICK_S) == pytest.approx(1 / 24)


def test_ticks_before_start_set_the_tempo_and_no_place() -> None:
    clock = ExternalClock()
    next_s, events = ticks(clock, 1.0, 30)
    assert events == []
    assert (clock.running, clock.sync) == (False, Sync.LOCKED)
    assert clock.beat_at(next_s) == 0.0
    clock.message(next_s - 0.001, FA)
    assert clock.message(next_s, F8) == (Transport.STARTED,)
    assert clock.time_of(1.0) == pytest.approx(next_s + 0.5)


def test_start_between_ticks_does_not_move_the_grid() -> None:
    clock, next_s = playing()
    clock.message(next_s - 0.6 * TICK_S, FA)
    clock.message(next_s, F8)
    assert clock.time_of(3.0) == pytest.approx(next_s + 0.5)


def test_start_while_running_is_a_jump_to_0_and_beats_go_on() -> None:
    clock, next_s = playing()
    assert clock.message(next_s - 0.001, FA) == ()
    assert clock.running
    assert clock.message(next_s, F8) == (Transport.JUMPED,)
    assert clock.position_ticks == 0
    assert clock.beat_at(next_s) == pytest.approx(2.0, abs=1e-6)
    assert clock.ahead_beats == 2.0
    clock.go_to_song()
    assert (clock.beat_at(next_s), clock.ahead_beats) == (pytest.approx(0.0, abs=1e-6), 0.0)


def test_start_after_ticks_stayed_away_is_no_jump() -> None:
    clock, next_s = playing()
    clock.message(next_s + 0.2, FA)
    assert clock.message(next_s + 0.203, F8) == (Transport.STARTED,)
    assert clock.beat_at(next_s + 0.203) == pytest.approx(0.0, abs=1e-6)


def test_a_machine_that_restarts_its_ticks_at_start_is_followed_at_once() -> None:
    clock, next_s = playing()
    off_s = next_s + 0.4 * TICK_S
    clock.message(off_s, FA)
    clock.message(off_s, F8)
    assert clock.time_of(2.0) == pytest.approx(off_s)
    assert clock.time_of(3.0) == pytest.approx(off_s + 0.5, abs=0.002)


@pytest.mark.parametrize("between", [0, 1])
@pytest.mark.parametrize("way", [(FA,), (FB,), (song_position(96), FB), (FB, song_position(96))])
def test_stop_and_on_within_about_a_tick_is_a_jump(way: tuple[Message, ...], between: int) -> None:
    clock, next_s = playing(48)
    assert clock.message(next_s - 0.015, FC) == ()
    next_s, events = ticks(clock, next_s, between)
    for message in way:
        events += clock.message(next_s - 0.004, message)
    assert Transport.STOPPED not in events
    assert clock.message(next_s, F8) == (Transport.JUMPED,)
    place = {FA: 0, FB: 48}.get(way[0], 576) if len(way) == 1 else 576
    assert clock.position_ticks == place
    assert clock.beat_at(next_s) == pytest.approx((48 + between) / 24, abs=1e-3)
    assert clock.sync is Sync.LOCKED


def test_a_start_handed_on_with_the_tick_after_is_a_jump_still() -> None:
    clock, next_s = playing(48)
    clock.message(next_s - 0.9 * TICK_S, FC)
    clock.message(next_s, F8)
    clock.message(next_s + TICK_S, FA)
    assert clock.message(next_s + TICK_S, F8) == (Transport.JUMPED,)
    assert (clock.position_ticks, clock.beat_at(next_s + TICK_S)) == (0, pytest.approx(49 / 24))


def test_a_stop_is_silent_soon_and_a_stop_for_good_a_little_later() -> None:
    clock, next_s = playing(48)
    clock.message(next_s, FC)
    assert clock.next_poll_s() == pytest.approx(next_s + QUIET_S)
    assert QUIET_S < 0.02
    assert clock.poll(next_s + QUIET_S) == ()
    assert not clock.running
    assert clock.next_poll_s() == pytest.approx(next_s + STOPPED_S)
    assert clock.poll(next_s + STOPPED_S) == (Transport.STOPPED,)
    assert clock.sync is Sync.STOPPED


def test_song_position_where_it_stands_is_no_move() -> None:
    clock, next_s = playing(50)
    clock.message(next_s, FA)
    ticks(clock, next_s, 50)  # beats are 50 ticks ahead of the song
    next_s += 50 * TICK_S
    clock.message(next_s, FC)
    clock.poll(next_s + 1)
    assert clock.message(next_s + 1, song_position(8)) == ()
    clock.message(next_s + 1.5, FB)
    assert clock.message(next_s + 1.5, F8) == (Transport.CONTINUED,)
    assert (clock.position_ticks, clock.beat_at(next_s + 1.5)) == (48, pytest.approx(98 / 24))


def test_continue_plays_the_next_unplayed_tick() -> None:
    clock, next_s = playing(48)  # ticks 0 to 47
    assert clock.message(next_s - 0.01, FC) == ()
    next_s, events = ticks(clock, next_s, 10)
    assert events == [Transport.STOPPED]
    assert clock.message(next_s - 0.01, FB) == ()
    assert clock.message(next_s, F8) == (Transport.CONTINUED,)
    assert clock.position_ticks == 48
    assert clock.beat_at(next_s) == pytest.approx(2.0)


def test_continue_while_running_does_nothing() -> None:
    clock, next_s = playing()
    assert clock.message(next_s - 0.001, FB) == ()
    assert clock.message(next_s, F8) == ()
    assert clock.position_ticks == 48


def test_song_position_and_continue() -> None:
    clock, next_s = playing()
    clock.message(next_s - 0.01, FC)
    next_s += 0.1
    assert clock.message(next_s - 0.005, song_position(200))[-1] is Transport.LOCATED
    assert clock.beat_at(next_s) == pytest.approx(50.0)
    clock.message(next_s - 0.001, FB)
    clock.message(next_s, F8)
    assert clock.position_ticks == 1200
    assert clock.beat_at(next_s) == pytest.approx(50.0)


def test_song_position_may_go_back() -> None:
    clock, next_s = playing()
    clock.message(next_s - 0.01, FC)
    next_s += 0.1
    clock.message(next_s - 0.005, song_position(0))
    clock.message(next_s - 0.001, FB)
    clock.message(next_s, F8)
    assert clock.beat_at(next_s) == pytest.approx(0.0, abs=1e-6)


def test_song_position_is_ignored_while_running_and_before_start() -> None:
    clock, next_s = playing()
    assert clock.message(next_s - 0.01, song_position(4)) == ()
    clock.message(next_s, F8)
    assert clock.position_ticks == 48
    clock.message(next_s + 0.001, FC)
    clock.message(next_s + 0.002, FA)
    assert clock.message(next_s + 0.003, song_position(4)) == ()
    clock.message(next_s + TICK_S, F8)
    assert clock.position_ticks == 0


def test_stop_is_sticky_and_ticks_then_only_set_the_tempo() -> None:
    clock, next_s = playing()
    clock.message(next_s - 0.01, FC)
    next_s += 0.1
    assert clock.poll(next_s) == (Transport.STOPPED,)
    held = clock.beat_at(next_s)
    for n in range(96):  # on at 100 BPM
        assert clock.message(next_s + n * 0.025, F8) == ()
    assert clock.sync is Sync.STOPPED
    assert not clock.running
    assert clock.beat_at(next_s + 3.0) == held
    assert clock.bpm == pytest.approx(100.0, rel=1e-3)
    assert clock.message(next_s + 3.0, FC) == ()  # twice is once


def test_a_late_tick_does_not_stop_the_music() -> None:
    clock, next_s = playing()
    assert clock.poll(next_s + 0.3) == ()
    assert clock.sync is Sync.FREEWHEEL
    assert clock.beat_at(next_s + 0.3) == pytest.approx(2.6)
    assert clock.running


def test_dropout_after_two_beats_and_warm_relock_in_place() -> None:
    clock, next_s = playing(48)
    gone_s = next_s - TICK_S + 1.0
    assert clock.next_poll_s() < gone_s
    assert clock.poll(gone_s - 0.001) == ()
    assert clock.next_poll_s() == pytest.approx(gone_s)
    assert clock.poll(gone_s) == (Transport.LOST,)
    assert (clock.running, clock.sync) == (False, Sync.NO_CLOCK)
    assert clock.poll(gone_s + 1) == ()
    assert clock.bpm == pytest.approx(120.0)
    # The cable is back after five beats; the machine went on.
    back_s = next_s + 2.5
    assert clock.message(back_s, F8) == (Transport.FOUND,)
    assert clock.beat_at(back_s) == pytest.approx(7.0)
    assert clock.sync is Sync.LOCKED
    ticks(clock, back_s + TICK_S, 24)
    assert clock.time_of(8.0) == pytest.approx(back_s + 0.5, abs=1e-3)


def test_lost_and_found_in_one_go_when_nobody_polled() -> None:
    clock, next_s = playing()
    assert clock.message(next_s + 3.0, F8) == (Transport.LOST, Transport.FOUND)


def test_slow_clocks_get_four_periods() -> None:
    clock = ExternalClock(freewheel_beats=0.1)
    clock.message(0.0, FA)
    for n in range(30):
        clock.message(n * 0.0625, F8)  # 40 BPM
    last_s = 29 * 0.0625
    assert clock.poll(last_s + 0.249) == ()
    assert clock.poll(last_s + 0.251) == (Transport.LOST,)


def test_a_machine_silent_while_stopped_is_not_lost() -> None:
    clock, next_s = playing()
    clock.message(next_s - 0.01, FC)
    assert clock.poll(next_s + 5) == (Transport.STOPPED,)
    assert clock.sync is Sync.WAITING
    clock.message(next_s + 9.0, FA)
    assert clock.message(next_s + 9.004, F8) == (Transport.STARTED,)
    assert clock.time_of(1.0) == pytest.approx(next_s + 9.504, abs=1e-3)


def test_stop_while_lost_stays_stopped() -> None:
    clock, next_s = playing()
    clock.poll(next_s + 2)
    assert clock.message(next_s + 3, FC) == ()
    assert clock.message(next_s + 4, F8) == ()
    assert clock.sync is Sync.STOPPED


def test_one_lost_tick_is_found_by_those_that_follow() -> None:
    clock, next_s = playing(96)
    _, _ = ticks(clock, next_s + TICK_S, 1)  # tick 96 never came; this is 97
    assert clock.position_ticks == 96  # a gap alone tells nothing
    next_s, _ = ticks(clock, next_s + 2 * TICK_S, 3)
    assert clock.position_ticks == 100
    assert clock.beat_at(next_s) == pytest.approx(101 / 24)


def test_a_stall_loses_no_tick() -> None:
    clock, next_s = playing(96)
    for n in range(4):  # 96 to 99 come at once
        clock.message(next_s + 3 * TICK_S + n * 0.0003, F8)
    assert clock.position_ticks == 99
    next_s, _ = ticks(clock, next_s + 4 * TICK_S, 24)
    assert clock.position_ticks == 123
    assert clock.time_of(124 / 24) == pytest.approx(next_s, abs=1e-3)


def test_a_tick_sent_twice_is_taken_back() -> None:
    clock, next_s = playing(96)
    clock.message(next_s, F8)
    clock.message(next_s + 0.0005, F8)
    next_s, _ = ticks(clock, next_s + TICK_S, 5)
    assert clock.position_ticks == 101
    assert clock.time_of(102 / 24) == pytest.approx(next_s, abs=1e-3)


def test_joining_a_running_clock() -> None:
    clock = ExternalClock()
    assert clock.line_is_here(0.5) == ()  # no clock, nothing to join
    next_s, _ = ticks(clock, 1.0, 60)
    early_s = next_s - 0.3 * TICK_S  # the next tick is the nearest
    assert clock.line_is_here(early_s) == (Transport.LOCATED,)
    assert clock.running
    assert clock.beat_at(early_s) == pytest.approx(-0.3 / 24, abs=1e-4)
    assert clock.message(next_s, F8) == ()
    assert (clock.position_ticks, clock.sync) == (0, Sync.LOCKED)
    assert clock.time_of(4.0) == pytest.approx(next_s + 2.0)


def test_joining_just_after_the_tick() -> None:
    clock = ExternalClock()
    next_s, _ = ticks(clock, 1.0, 60)
    clock.line_is_here(next_s - 0.8 * TICK_S)  # the last tick is the nearest
    assert clock.time_of(0.0) == pytest.approx(next_s - TICK_S)
    clock.message(next_s, F8)
    assert clock.position_ticks == 1


def test_active_sensing_is_not_clock() -> None:
    clock, next_s = playing()
    assert clock.message(next_s, FE) == ()
    assert clock.message(next_s, note_on(0, 60, 64)) == ()
    assert clock.position_ticks == 47


def test_tempo_is_clamped_to_what_music_is() -> None:
    clock = ExternalClock()
    for n in range(200):
        clock.message(n * 0.002, F8)
    assert 20.0 <= clock.bpm <= 310.0


def test_two_messages_at_one_time_are_taken_in_order() -> None:
    clock, next_s = playing()
    clock.message(next_s, FC)
    clock.message(next_s, song_position(8))
    clock.message(next_s, FB)
    assert clock.message(next_s, F8) == (Transport.JUMPED,)
    assert clock.position_ticks == 48


MESSAGES = st.sampled_from(
    [*[F8] * 12, FA, FB, FC, FE, song_position(3), song_position(0), "poll", "line"]
)
STEPS_S = st.one_of(
    st.just(0.0), st.floats(0.0, 0.05), st.floats(0.018, 0.023), st.floats(0.1, 3.0)
)
MOVES = {Transport.STARTED, Transport.LOCATED, Transport.CONTINUED}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(STEPS_S, MESSAGES), max_size=120))
def test_the_beat_never_falls_while_running(steps: list[tuple[float, Message | str]]) -> None:
    clock, now_s, beat = ExternalClock(), 100.0, 0.0
    for step_s, message in steps:
        now_s += step_s
        if message == "poll":
            events = clock.poll(now_s)
        elif message == "line":
            events = clock.line_is_here(now_s)
        else:
            events = clock.message(now_s, message)
        now_beat = clock.beat_at(now_s)
        if clock.running and not MOVES & set(events):
            assert now_beat >= beat
        beat = now_beat
        assert clock.next_poll_s() > now_s or clock.poll(clock.next_poll_s()) is not None
        assert 20.0 <= clock.bpm <= 310.0
        if clock.running and message == F8:
            assert now_beat >= (clock.position_ticks - 1.001) / 24 + clock.ahead_beats


@settings(max_examples=60, deadline=None)
@given(
    st.floats(40.0, 300.0),
    st.lists(st.floats(0.0, 0.0006), min_size=60, max_size=120),
    st.floats(0.0, 8.0),
)
def test_time_of_is_the_inverse_of_beat_at(
    bpm: float, lates_s: list[float], ahead_beats: float
) -> None:
    clock, tick_s = ExternalClock(), 60 / bpm / 24
    clock.message(4.9, FA)
    for n, late_s in enumerate(lates_s):
        clock.message(5.0 + n * tick_s + late_s, F8)
    now_s = 5.0 + len(lates_s) * tick_s
    beat = clock.beat_at(now_s) + ahead_beats
    assert clock.sync is Sync.LOCKED
    assert clock.beat_at(clock.time_of(beat)) == pytest.approx(beat, abs=1e-9)
