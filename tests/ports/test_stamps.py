"""Kernel deltas, anchored: late arrivals must not show, drift must not add up."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.ports.stamps import StampClock

PERIOD_S = 2.5 / 120  # 24 a beat at 120 BPM


def errors_us(seconds, *, drift=0.0, delay=lambda rng: 30e-6 + rng.expovariate(1 / 300e-6)):
    rng = random.Random(4)
    clock, previous, errors = StampClock(), 0.0, []
    for n in range(int(seconds / PERIOD_S)):
        wire = 1000 + n * PERIOD_S
        driver = wire * (1 + drift)
        delta = driver - previous if n else 0.0
        previous = driver
        errors.append((clock.stamp(wire + delay(rng), delta) - wire) * 1e6)
    return errors


@pytest.mark.parametrize("drift", [0.0, 100e-6, -40e-6])
def test_arrival_jitter_goes_and_drift_is_followed(drift):
    settled = errors_us(600, drift=drift)[500:]
    assert max(settled) - min(settled) < 150
    assert min(settled) >= 0
    assert max(settled) < 250


def test_bunched_arrivals_after_a_stall_keep_their_places():
    clock = StampClock()
    for n in range(100):
        clock.stamp(10 + n * PERIOD_S, PERIOD_S if n else 0.0)
    late = 10 + 110 * PERIOD_S
    stamps = [clock.stamp(late, PERIOD_S) for _ in range(100, 110)]
    for n, stamp in enumerate(stamps, 100):
        assert stamp == pytest.approx(10 + n * PERIOD_S, abs=60e-6)


def test_a_lost_sum_is_anchored_anew():
    clock = StampClock()
    clock.stamp(10.0, 0.0)
    assert clock.stamp(500.0, 0.01) == 500.0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1))
def test_never_after_arrival_never_falling(steps):
    clock, now, last = StampClock(), 100.0, 0.0
    for wait, delta in steps:
        now += wait
        stamp = clock.stamp(now, delta)
        assert last <= stamp <= now
        last = stamp
