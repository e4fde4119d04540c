"""Figures of ``bench cost``: what was counted, and as what."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

INSTRUCTIONS, NANOSECONDS = "instructions", "nanoseconds"


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A nanosecond of processor time, where the clock counts instructions one of those; a count of
    wake-ups where the name says so. ``p99`` and ``n`` where many were counted."""

    value: float  # the median of many
    p99: float = 0.0
    n: int = 1


class Found(msgspec.Struct, frozen=True):
    """A whole run. ``counts`` is "instructions" or "nanoseconds"."""

    counts: str
    machine: str
    figures: dict[str, Figure]


def spread(values: Sequence[float]) -> Figure:
    """Raises ValueError for no values."""
    if not values:
        raise ValueError("nothing was counted")
    ordered, n = sorted(values), len(values)
    middle = ordered[n // 2]
    return Figure(float(middle), float(ordered[min(int(0.99 * n), n - 1)]) if n > 1 else 0.0, n)
