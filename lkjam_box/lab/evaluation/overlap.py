"""How near one distribution lies to another: both counted into the same bins. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
SMOOTHING = 0.5  # added to every bin before the divergence (Krichevsky-Trofimov)


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing counted on every answer; ``bins`` are the edges it is compared in.

    What lies outside counts in the first or last bin.
    """

    key: str
    words: str  # for a report
    unit: str
    bins: tuple[float, ...]


def edges(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` equal bins from ``low`` to ``high``: count + 1 edges."""
    return tuple(low + (high - low) * i / count for i in range(count + 1))


def log_edges(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` bins from ``low`` to ``high``, each as many times its neighbour."""
    return tuple(low * (high / low) ** (i / count) for i in range(count + 1))


def histogram(values: Sequence[float], bins: Sequence[float]) -> F64:
    """How many values lie in each bin: [len(bins) - 1]. nan is not counted."""
    known = np.asarray([value for value in values if not math.isnan(value)], float)
    counts, _ = np.histogram(known.clip(bins[0], bins[-1]), bins=np.asarray(bins))
    return counts.astype(np.float64)


def kl(human: Sequence[float], other: Sequence[float], bins: Sequence[float]) -> float:
    """KL divergence of ``other`` from ``human`` in nats: sum of p ln(p/q), p the human's.

    ``SMOOTHING`` is added to every bin of both, so that it stays finite. It is not 0 for two
    samples of one source: with K bins about (K - 1)/2 (1/n_human + 1/n_other). nan if either
    is empty.
    """
    p, q = histogram(human, bins), histogram(other, bins)
    if not p.sum() or not q.sum():
        return math.nan
    p, q = p + SMOOTHING, q + SMOOTHING
    p, q = p / p.sum(), q / q.sum()
    return float((p * np.log(p / q)).sum())


def overlap(human: Sequence[float], other: Sequence[float], bins: Sequence[float]) -> float:
    """Overlapping area of the two histograms, 0 (apart) to 1 (the same); not smoothed.

    Symmetric; a little under 1 for two small samples of one source. nan if either is empty.
    """
    p, q = histogram(human, bins), histogram(other, bins)
    if not p.sum() or not q.sum():
        return math.nan
    return float(np.minimum(p / p.sum(), q / q.sum()).sum())
