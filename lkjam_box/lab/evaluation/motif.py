"""Motif response: how alike an answer is to its call, and to random other calls. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from statistics import fmean

from ...music.note import Note
from ..training import similarity
from ..training.exchange import Exchange
from .overlap import Measure, edges

Likeness = Callable[[Sequence[Note], Sequence[Note]], float]
LIKENESSES: dict[str, Likeness] = {
    "interval": similarity.interval_similarity,
    "contour": similarity.contour_similarity,
    "rhythm": similarity.rhythm_similarity,
    "correlation": similarity.contour_correlation,
}
MEASURES = (
    Measure("interval", "interval similarity to the call", "0 to 1", edges(0, 1, 20)),
    Measure("contour", "contour similarity to the call", "0 to 1", edges(0, 1, 20)),
    Measure("rhythm", "rhythm similarity to the call", "0 to 1", edges(0, 1, 20)),
    Measure("correlation", "correlation of the pitch curves", "-1 to 1", edges(-1, 1, 20)),
)


def likenesses(call: Sequence[Note], answer: Sequence[Note]) -> dict[str, float]:
    """Every one of ``LIKENESSES``; nan where it is undefined."""
    return {name: measure(call, answer) for name, measure in LIKENESSES.items()}


def values(exchange: Exchange) -> dict[str, list[float]]:
    """Every measure of one answer against its own call."""
    found = likenesses(exchange.call, exchange.answer)
    return {name: [] if math.isnan(value) else [value] for name, value in found.items()}


def random_calls(exchanges: Sequence[Exchange], seed: int = 0) -> list[tuple[Note, ...] | None]:
    """For each exchange a random call from another solo; None where there is none.

    Not from the same solo, where the answer may be the call of the next exchange.
    """
    rng = random.Random(seed)
    solos = [_solo(exchange) for exchange in exchanges]
    out: list[tuple[Note, ...] | None] = []
    for solo in solos:
        others = [i for i, other in enumerate(solos) if other != solo]
        out.append(exchanges[rng.choice(others)].call if others else None)
    return out


def _solo(exchange: Exchange) -> str:
    return exchange.id.rpartition(":")[0] or exchange.id


def similarity_table(
    exchanges: Sequence[Exchange], seed: int = 0
) -> dict[str, dict[str, dict[str, float]]]:
    """``{strategy: {likeness: {"call", "random", "n"}}}``, means over the answers.

    Answers by somebody who had not heard the call stand under "unheard". ``random`` is against
    :func:`random_calls`, nan without any.
    """
    rows: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {}
    for exchange, stranger in zip(exchanges, random_calls(exchanges, seed), strict=True):
        name = exchange.strategy.name.lower() if exchange.seen else "unheard"
        own = likenesses(exchange.call, exchange.answer)
        other = likenesses(stranger, exchange.answer) if stranger else {}
        rows.setdefault(name, []).append((own, other))
    return {
        name: {
            key: {
                "call": _mean([own[key] for own, _ in row]),
                "random": _mean([other.get(key, math.nan) for _, other in row]),
                "n": sum(not math.isnan(own[key]) for own, _ in row),
            }
            for key in LIKENESSES
        }
        for name, row in rows.items()
    }


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return fmean(known) if known else math.nan
