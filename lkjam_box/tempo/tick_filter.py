"""A linear fit through ticks, one tick at a time. Pure, plain floats and tuples.

Least squares over a growing past is a Kalman filter with two states, the time of the next
tick and the period; forgetting a little at each tick bounds the memory. Variances are in
units of the arrival noise's, so they only tell how many ticks the state knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, sqrt

from ..midi.messages import TICKS_PER_BEAT

SLOWEST_BPM, FASTEST_BPM = 20.0, 310.0
LONGEST_S = 60.0 / TICKS_PER_BEAT / SLOWEST_BPM
SHORTEST_S = 60.0 / TICKS_PER_BEAT / FASTEST_BPM

MEMORY_TICKS = 80  # weights fall to 1/e in so many; as good as a window of twice that
UNKNOWN = 1e8  # variance of what is not known
GATE_SD = 6.0
GATE_FLOOR_S = 0.0012
LATE_COST, EARLY_COST = 18.0, 60.0  # lateness has many causes, earliness none

_FORGET = MEMORY_TICKS / (MEMORY_TICKS - 1.0)

FilterState = tuple[float, float, float, float, float]
"""Time of the next tick and period (s); variance of the first, covariance, of the second."""

Heard = tuple[float, FilterState]
"""When a tick came, and the state as it was just before."""


def learn(state: FilterState, error_s: float) -> FilterState:
    """Take in a tick that came ``error_s`` after its time; step to the next."""
    next_s, period_s, a, b, c = state
    gain = 1.0 / (a + 1.0)
    slope = b * gain
    period_s += slope * error_s
    if not SHORTEST_S <= period_s <= LONGEST_S:
        period_s = min(max(period_s, SHORTEST_S), LONGEST_S)
    next_s += a * gain * error_s + period_s
    a, b, c = a * gain, slope, c - slope * b
    return next_s, period_s, (a + b + b + c) * _FORGET, (b + c) * _FORGET, c * _FORGET


def coast(state: FilterState, ticks: int = 1) -> FilterState:
    """Let ticks pass and learn nothing."""
    return (state[0] + ticks * state[1], *state[1:])


def gate_s(state: FilterState, noise_s: float) -> float:
    """A tick further than this from its time is no measure of the tempo."""
    return max(GATE_SD * noise_s * sqrt(state[2] + 1.0), GATE_FLOOR_S)


def follow(state: FilterState, error_s: float, noise_s: float) -> FilterState:
    """Learn, or coast where the tick is far off."""
    return coast(state) if abs(error_s) > gate_s(state, noise_s) else learn(state, error_s)


def cost_of(state: FilterState, error_s: float, noise_s: float) -> float:
    """How badly a state foretold a tick: twice a negative log-likelihood, bounded."""
    spread = state[2] + 1.0
    size = error_s * error_s / (noise_s * noise_s * spread)
    return min(size, LATE_COST if error_s > 0.0 else EARLY_COST) + log(spread)


def tell(
    past: Sequence[Heard], start: int, state: FilterState, noise_s: float, limit: float = inf
) -> tuple[float, FilterState]:
    """Follow the ticks from ``start`` again with another state: the cost, the state after them.

    As soon as the cost passes ``limit`` it is infinity, and the state as it was then.
    """
    cost, variance = 0.0, noise_s * noise_s
    floor = (GATE_FLOOR_S / noise_s) ** 2
    for index in range(start, len(past)):
        error_s = past[index][0] - state[0]
        spread = state[2] + 1.0
        size = error_s * error_s / variance
        if size / spread > GATE_SD**2 and size > floor:
            cost += min(size / spread, LATE_COST if error_s > 0.0 else EARLY_COST)
            state = coast(state)
        else:
            cost += min(size / spread, LATE_COST)
            state = learn(state, error_s)
        cost += log(spread)
        if cost > limit:
            return inf, state
    return (cost if SHORTEST_S < state[1] < LONGEST_S else inf), state


def told(past: Sequence[Heard], noise_s: float) -> float:
    """The cost of the ticks for the states that foretold them."""
    return sum(cost_of(state, time_s - state[0], noise_s) for time_s, state in past)
