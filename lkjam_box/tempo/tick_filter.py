"""A straight line through ticks, one tick at a time. Pure, plain floats and tuples.

Least squares over a growing past is a Kalman filter with two states, the time of the next
tick and the period; forgetting a little at each tick bounds the memory. Variances are in
units of the arrival noise's, so they only tell how many ticks the line knows.
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
"""When a tick came, and the line as it was just before."""


def learn(line: FilterState, error_s: float) -> FilterState:
    """Take in a tick that came ``error_s`` after its time; step to the next."""
    next_s, period_s, a, b, c = line
    gain = 1.0 / (a + 1.0)
    slope = b * gain
    period_s += slope * error_s
    if not SHORTEST_S <= period_s <= LONGEST_S:
        period_s = min(max(period_s, SHORTEST_S), LONGEST_S)
    next_s += a * gain * error_s + period_s
    a, b, c = a * gain, slope, c - slope * b
    return next_s, period_s, (a + b + b + c) * _FORGET, (b + c) * _FORGET, c * _FORGET


def coast(line: FilterState, ticks: int = 1) -> FilterState:
    """Let ticks pass and learn nothing."""
    return (line[0] + ticks * line[1], *line[1:])


def gate_s(line: FilterState, noise_s: float) -> float:
    """A tick further than this from its time is no measure of the tempo."""
    return max(GATE_SD * noise_s * sqrt(line[2] + 1.0), GATE_FLOOR_S)


def follow(line: FilterState, error_s: float, noise_s: float) -> FilterState:
    """Learn, or coast where the tick is far off."""
    return coast(line) if abs(error_s) > gate_s(line, noise_s) else learn(line, error_s)


def cost_of(line: FilterState, error_s: float, noise_s: float) -> float:
    """How badly a line foretold a tick: twice a negative log-likelihood, bounded."""
    spread = line[2] + 1.0
    size = error_s * error_s / (noise_s * noise_s * spread)
    return min(size, LATE_COST if error_s > 0.0 else EARLY_COST) + log(spread)


def tell(
    past: Sequence[Heard], start: int, line: FilterState, noise_s: float, limit: float = inf
) -> tuple[float, FilterState]:
    """Follow the ticks from ``start`` again with another line: its cost, and it now.

    The cost is infinity, and the line wherever it was, as soon as it passes ``limit``.
    """
    cost, variance = 0.0, noise_s * noise_s
    floor = (GATE_FLOOR_S / noise_s) ** 2
    for index in range(start, len(past)):
        error_s = past[index][0] - line[0]
        spread = line[2] + 1.0
        size = error_s * error_s / variance
        if size / spread > GATE_SD**2 and size > floor:
            cost += min(size / spread, LATE_COST if error_s > 0.0 else EARLY_COST)
            line = coast(line)
        else:
            cost += min(size / spread, LATE_COST)
            line = learn(line, error_s)
        cost += log(spread)
        if cost > limit:
            return inf, line
    return (cost if SHORTEST_S < line[1] < LONGEST_S else inf), line


def told(past: Sequence[Heard], noise_s: float) -> float:
    """What the ticks cost the line that was followed."""
    return sum(cost_of(line, time_s - line[0], noise_s) for time_s, line in past)
