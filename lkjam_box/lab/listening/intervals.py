"""Intervals and agreement, with numpy and the standard library only. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
CONFIDENCE = 0.95
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval, from ``count`` judgements. All NaN without any."""

    value: float
    low: float
    high: float
    count: int


NOTHING = Estimate(math.nan, math.nan, math.nan, 0)


def wilson(hits: int, count: int) -> Estimate:
    """A share and its score interval (Wilson, "Probable inference, the law of succession, and
    statistical inference", JASA 22, 1927). It takes judgements as independent of each other."""
    if not count:
        return NOTHING
    z = _NORMAL.inv_cdf((1 + CONFIDENCE) / 2)
    share, scale = hits / count, 1 + z * z / count
    middle = (share + z * z / (2 * count)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half), count)


def crossed_means(marks: F64, rounds: int, seed: int) -> list[Estimate]:
    """Means of ``marks`` [listener, trial, column] over what is not NaN, a column each.

    Listeners and trials are both samples, so both are resampled with replacement, independently,
    and the weight of a mark is the product of how often its listener and its trial were drawn:
    the pigeonhole bootstrap (Owen, Annals of Applied Statistics 1(2), 2007). Its intervals are too
    wide where marks are pure noise. Few listeners make percentiles too narrow: they are widened
    as Hesterberg proposes ("What Teachers Should Know About the Bootstrap", The American
    Statistician 69(4), 2015, expanded percentiles). With a single listener the interval covers
    the choice of trials only; a single mark has none.
    """
    listeners, trials, columns = marks.shape
    given = ~np.isnan(marks)
    counts = given.sum(axis=(0, 1))
    if not counts.any():
        return [NOTHING] * columns
    random = np.random.default_rng(seed)
    by_listener = _drawn(random, listeners, rounds)
    by_trial = _drawn(random, trials, rounds)

    def weighted(values: F64) -> F64:  # [round, column]
        seen = (by_listener @ values.reshape(listeners, -1)).reshape(rounds, trials, columns)
        total: F64 = np.einsum("rtc,rt->rc", seen, by_trial)
        return total

    weights = weighted(given.astype(float))
    sums = weighted(np.where(given, marks, 0.0))
    found = []
    for column in range(columns):
        drawn = weights[:, column] > 0
        if not counts[column] or not drawn.any():
            found.append(NOTHING)
            continue
        means = sums[drawn, column] / weights[drawn, column]
        low = high = math.nan
        several = [n for axis in (1, 0) if (n := int(given[..., column].any(axis).sum())) > 1]
        if several:
            tail = _expanded_tail(min(several))
            low, high = np.quantile(means, [tail, 1 - tail])
        value = marks[..., column][given[..., column]].mean()
        found.append(Estimate(float(value), float(low), float(high), int(counts[column])))
    return found


def krippendorff_alpha(marks: F64) -> float:
    """Agreement of raters on ``marks`` [unit, rater], NaN where there is none, by squared
    difference (interval scale): 1 agreement, 0 chance, NaN when nothing can be compared.

    Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011: observed disagreement
    within units, over that expected among all values that share their unit with another.
    """
    rows = [row[~np.isnan(row)] for row in marks]
    rows = [row for row in rows if len(row) > 1]
    if not rows:
        return math.nan
    values = np.concatenate(rows)
    expected = values.var(ddof=1)
    if not expected:
        return math.nan
    within = sum(len(row) * row.var(ddof=1) for row in rows) / len(values)
    return float(1 - within / expected)


def _drawn(random: np.random.Generator, count: int, rounds: int) -> F64:
    """[round, item]: how often each of ``count`` items is drawn in a sample of ``count``."""
    weights = random.multinomial(count, np.full(count, 1 / count), size=rounds)
    return weights.astype(float)


def _expanded_tail(count: int) -> float:
    """The share to cut off each end so that a percentile interval is as wide as Student's."""
    student = _student((1 + CONFIDENCE) / 2, count - 1)
    return _NORMAL.cdf(-math.sqrt(count / (count - 1)) * student)


def _student(share: float, freedom: int) -> float:
    """Quantile of Student's t (Cornish-Fisher: Abramowitz and Stegun 26.7.5; exact for 1, 2)."""
    if freedom == 1:
        return math.tan(math.pi * (share - 0.5))
    if freedom == 2:
        return (2 * share - 1) * math.sqrt(2 / (4 * share * (1 - share)))
    z = _NORMAL.inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / float(freedom) ** power for power, term in enumerate(terms))
