"""A histogram of lateness that allocates nothing and is read only when asked."""

from __future__ import annotations

from bisect import bisect_left

from .snapshot import LATENESS_EDGES_US


class Lateness:
    """Counts in microseconds between fixed edges, and the exact maximum.

    Quantiles are read off the upper edge of their bin (the last bin gives the maximum),
    so that a figure is never better than the truth.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(LATENESS_EDGES_US) + 1)
        self.max_us = 0.0
        self.total = 0

    def add(self, late_s: float) -> None:
        late_us = late_s * 1e6
        self.counts[bisect_left(LATENESS_EDGES_US, late_us)] += 1
        self.total += 1
        if late_us > self.max_us:
            self.max_us = late_us

    def quantile_us(self, share: float) -> float:
        need = share * self.total
        seen = 0
        for count, edge in zip(self.counts, LATENESS_EDGES_US, strict=False):
            seen += count
            if seen >= need and seen:
                return min(float(edge), self.max_us)
        return self.max_us
