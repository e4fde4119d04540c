"""The box as master: what it sends, and where it is."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.midi.messages import CONTINUE, START, STOP, Message, real_time, song_position
from lkjam_box.protocol.shared_state import Sync
from lkjam_box.tempo.clock import Clock, Transport
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.internal_clock import InternalClock

FA, FB, FC = map(real_time, (START, CONTINUE, STOP))
TICK_S = 60 / 120 / 24


def test_it_ticks_while_stopped() -> None:
    clock: Clock = InternalClock(120.0)
    assert clock.poll(5.0) == ()
    assert clock.take_output(5.0) == b"\xf8"
    assert clock.take_output(6.0) == b"\xf8" * 48
    assert (clock.running, clock.sync) == (False, Sync.INTERNAL)
    assert clock.time_of(0.0) == inf
    assert clock.next_poll_s() == pytest.approx(6.0 + TICK_S)


def test_start_arms_and_the_next_tick_is_beat_0() -> None:
    clock = InternalClock(120.0)
    clock.poll(5.0)
    assert clock.message(5.0 + 0.5 * TICK_S, FA) == ()
    assert clock.poll(5.0 + 0.9 * TICK_S) == ()
    assert clock.poll(5.0 + TICK_S) == (Transport.STARTED,)
    assert clock.take_output(5.0 + TICK_S) == b"\xf8\xfa\xf8"
    assert clock.beat_at(5.0 + TICK_S) == pytest.approx(0.0, abs=1e-9)
    assert clock.time_of(2.0) == pytest.approx(5.0 + TICK_S + 1.0)


def test_stop_holds_and_continue_goes_on_with_the_next_tick() -> None:
    clock = InternalClock(120.0)
    clock.message(0.0, FA)
    clock.poll(1.01)  # started with the tick at TICK_S
    assert clock.message(1.01, FC) == (Transport.STOPPED,)
    held = clock.beat_at(1.01)
    assert clock.beat_at(2.0) == held
    clock.take_output(2.0)
    assert clock.message(2.001, FB) == ()
    assert clock.poll(2.001 + TICK_S) == (Transport.CONTINUED,)
    tick = round(clock.beat_at(clock.next_poll_s()) * 24)
    assert (tick - 1) / 24 == pytest.approx(held, abs=1 / 24)
    assert clock.take_output(2.001 + TICK_S) == b"\xfb\xf8"


def test_song_position_while_stopped() -> None:
    clock = InternalClock()
    assert clock.message(0.0, song_position(16)) == (Transport.LOCATED,)
    assert clock.beat_at(0.1) == 4.0
    clock.message(0.5, FB)
    clock.poll(0.5 + TICK_S)
    assert clock.beat_at(0.5 + TICK_S) == pytest.approx(4.0, abs=1 / 24)


def test_continue_and_stop_twice_do_nothing() -> None:
    clock = InternalClock()
    clock.message(0.0, FA)
    clock.poll(1.0)
    assert clock.message(1.0, FB) == ()
    clock.message(1.0, FC)
    assert clock.message(1.0, FC) == ()


def test_a_change_of_tempo_does_not_move_the_place() -> None:
    clock = InternalClock(120.0)
    clock.message(0.0, FA)
    clock.poll(10.3)
    before = clock.beat_at(10.3)
    clock.set_bpm(10.3, 60.0)
    assert clock.beat_at(10.3) == pytest.approx(before)
    assert clock.beat_at(11.3) == pytest.approx(before + 1.0)
    assert clock.display_bpm == 60.0
    clock.set_bpm(11.3, 1000.0)
    assert clock.bpm == 310.0


def test_ticks_do_not_drift() -> None:
    clock = InternalClock(123.4)
    clock.poll(0.0)
    sent, now_s = 1, 0.0
    clock.take_output(0.0)
    while now_s < 600.0:
        now_s = clock.next_poll_s()
        sent += len(clock.take_output(now_s))
    assert now_s == pytest.approx((sent - 1) * 60 / 123.4 / 24, abs=1e-9)


def test_the_line_is_here_runs_from_the_next_tick() -> None:
    clock = InternalClock(120.0)
    clock.poll(0.0)
    clock.take_output(0.0)
    assert clock.line_is_here(0.01) == (Transport.LOCATED,)
    assert clock.running
    assert clock.beat_at(TICK_S) == pytest.approx(0.0, abs=1e-9)
    assert clock.take_output(TICK_S) == b"\xfa\xf8"


def test_a_follower_of_our_clock_is_where_we_are() -> None:
    master, slave = InternalClock(97.0), ExternalClock()
    master.poll(0.0)
    now_s = 0.0
    for step in range(4000):
        if step == 100:
            master.message(now_s, FA)
        if step == 2000:
            master.message(now_s, FC)
        if step == 2300:
            master.message(now_s, FB)
        for status in master.take_output(now_s):
            slave.message(now_s, real_time(status))
        master.poll(now_s)
        slave.poll(now_s)
        now_s = max(now_s + 0.001, min(master.next_poll_s(), now_s + 0.02))
        if step % 50 == 49 and step > 200:
            assert slave.running == master.running
            assert slave.beat_at(now_s) == pytest.approx(master.beat_at(now_s), abs=1.5 / 24)


STEPS = st.lists(
    st.tuples(
        st.floats(0.0, 0.4), st.sampled_from([None, FA, FB, FC, song_position(5), 120.0, 47.5])
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_beats_never_fall_and_every_tick_is_sent(
    steps: list[tuple[float, Message | float | None]],
) -> None:
    clock, now_s, beat, running = InternalClock(120.0), 1.0, 0.0, False
    sent = bytearray()
    for step_s, message in steps:
        now_s += step_s
        events = clock.poll(now_s)
        if isinstance(message, float):
            clock.set_bpm(now_s, message)
        elif message:
            events += clock.message(now_s, message)
        sent += clock.take_output(now_s)
        events += clock.poll(now_s)
        now_beat = clock.beat_at(now_s)
        if running and clock.running and not events:
            assert now_beat >= beat - 1e-9
        beat, running = now_beat, clock.running
        assert clock.next_poll_s() > now_s
        if running:
            assert clock.time_of(now_beat) == pytest.approx(now_s, abs=1e-6)
    slave = ExternalClock()
    for n, status in enumerate(sent):
        slave.message(n * 0.01, real_time(status))
    assert slave.running == (clock.running or slave.running)
