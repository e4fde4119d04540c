"""The six dimensions of free-running answers: every measure, its figures, its distance
from the human's. Pure; all results can be written as JSON (None where nothing is known).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..training.exchange import Exchange
from . import adherence, contour, motif, ornament, phrase, rhythm
from .overlap import Measure, kl, overlap

Values = dict[str, dict[str, list[float]]]
TITLES = {
    "motif": "Motif response",
    "phrase": "Phrase boundary",
    "harmony": "Harmonic adherence",
    "ornament": "Linear ornamentation",
    "rhythm": "Rhythmic density",
    "contour": "Melodic contour",
}
DIMENSIONS: dict[str, tuple[Measure, ...]] = {
    "motif": motif.MEASURES,
    "phrase": phrase.MEASURES,
    "harmony": adherence.MEASURES,
    "ornament": ornament.MEASURES,
    "rhythm": rhythm.MEASURES,
    "contour": contour.MEASURES,
}
_OF_ONE: dict[str, Callable[[Exchange], dict[str, list[float]]]] = {
    "motif": motif.values,
    "phrase": phrase.values,
    "harmony": adherence.values,
    "ornament": ornament.values,
    "rhythm": rhythm.values,
    "contour": contour.values,
}


def values(exchanges: Sequence[Exchange]) -> Values:
    """``{dimension: {measure: raw values of all answers, in order}}``, never nan."""
    out: Values = {
        name: {measure.key: [] for measure in measures} for name, measures in DIMENSIONS.items()
    }
    for exchange in exchanges:
        for name, of_one in _OF_ONE.items():
            for key, found in of_one(exchange).items():
                out[name][key] += found
    return out


def figures(exchanges: Sequence[Exchange], seed: int = 0) -> dict[str, Any]:
    """``{dimension: {measure: {"mean", "p5", "p50", "p95", "n"}}, "tables": …}``.

    Tables: ``similarity`` per strategy, to the call and to random ones (``seed``);
    ``chord_tones`` by place and ``ornaments`` per 100, over the notes of all answers;
    ``swing`` by tempo.
    """
    summaries: dict[str, Any] = {
        name: {key: _summary(found) for key, found in by_key.items()}
        for name, by_key in values(exchanges).items()
    }
    tables = {
        "similarity": motif.similarity_table(exchanges, seed),
        "chord_tones": adherence.chord_tone_table(exchanges),
        "ornaments": ornament.ornament_table(exchanges),
        "swing": rhythm.swing_table(exchanges),
    }
    whole: dict[str, Any] = _for_json({**summaries, "tables": tables})
    return whole


def against(human: Sequence[Exchange], other: Sequence[Exchange]) -> dict[str, Any]:
    """``{dimension: {measure: {"kl", "overlap", "n_human", "n_other"}}}``: see :mod:`.overlap`."""
    a, b = values(human), values(other)
    distances: dict[str, Any] = _for_json(
        {
            name: {
                measure.key: {
                    "kl": kl(a[name][measure.key], b[name][measure.key], measure.bins),
                    "overlap": overlap(a[name][measure.key], b[name][measure.key], measure.bins),
                    "n_human": len(a[name][measure.key]),
                    "n_other": len(b[name][measure.key]),
                }
                for measure in measures
            }
            for name, measures in DIMENSIONS.items()
        }
    )
    return distances


def _summary(found: Sequence[float]) -> dict[str, float]:
    if not found:
        return {"mean": math.nan, "p5": math.nan, "p50": math.nan, "p95": math.nan, "n": 0}
    p5, p50, p95 = (float(x) for x in np.percentile(found, (5, 50, 95)))
    return {"mean": float(np.mean(found)), "p5": p5, "p50": p50, "p95": p95, "n": len(found)}


def _for_json(value: Any) -> Any:
    """``value`` with None in place of nan and infinity, which JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _for_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_for_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
