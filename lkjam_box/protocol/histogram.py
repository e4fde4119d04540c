"""A histogram of times that allocates nothing and is read only when asked. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import MutableSequence, Sequence
from math import ceil

PER_DECADE = 20
EDGES_US = tuple(round(10 ** (step / PER_DECADE), 3) for step in range(6 * PER_DECADE + 1))
"""1 us to 1 s, each 12 % above the one before."""

SLOTS = len(EDGES_US) + 2
"""Counts up to each edge, then those above the last, then the maximum in whole us."""

_MAX = SLOTS - 1
_LONGEST_US = 1e18


class Histogram:
    """Counts in ``counts``, :data:`SLOTS` numbers that other processes may read meanwhile, and
    adds to the numbers already there; without ``counts``, in numbers of its own."""

    __slots__ = ("_counts", "_max_us")

    def __init__(self, counts: MutableSequence[int] | memoryview | None = None) -> None:
        self._counts = [0] * SLOTS if counts is None else counts
        self._max_us = float(self._counts[_MAX])

    def add(self, time_s: float) -> None:
        """Count one time; below 0 it counts as 0. Takes 0.3 us and no memory."""
        time_us = time_s * 1e6
        try:
            self._counts[bisect_left(EDGES_US, time_us)] += 1
        except ValueError:  # full, and stays so
            pass
        if time_us > self._max_us:
            self._max_us = time_us
            self._counts[_MAX] = ceil(min(time_us, _LONGEST_US))

    def read(self) -> Figures:
        return Figures(self._counts)


class Figures:
    """A copy of a histogram, which does not change while figures are read from it.

    Quantiles are read off the upper edge of their bin, or are the maximum where that is less,
    so that a figure is never better than the truth, nor worse than it by more than 12 %.
    """

    __slots__ = ("counts", "max_us", "total")

    def __init__(self, slots: Sequence[int] | memoryview) -> None:
        self.counts = tuple(slots[:_MAX])
        self.max_us = int(slots[_MAX])
        self.total = sum(self.counts)

    def quantile_us(self, share: float) -> float:
        """The time that a ``share`` (0 to 1) of all does not exceed; 0 when nothing was counted."""
        need, seen = share * self.total, 0
        for count, edge in zip(self.counts, EDGES_US, strict=False):
            seen += count
            if seen >= need and seen:
                return min(edge, float(self.max_us))
        return float(self.max_us)
