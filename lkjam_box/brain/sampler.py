"""Draws from logits by uniform noise, in NumPy: exact top-p. The model file's graph draws alike.

The first choice is from the whole softmax: the first whose running sum reaches the noise. If the
choices strictly likelier than it have less than ``top_p`` of the mass, it lies in the nucleus and
is kept. Otherwise a second one is drawn from the nucleus, and that one counts. Both ways together
are exactly the renormalised nucleus, and only the second, rare one needs sorting.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from .features import F32

MASKED = -1e9


class Sampler:
    """Draws by one seed. Logits are scaled by :attr:`inverse_temperature` beforehand."""

    __slots__ = ("inverse_temperature", "top_p", "uniform")

    def __init__(self, seed: int, temperature: float, top_p: float) -> None:
        self.inverse_temperature = 1.0 / max(temperature, 1e-2)
        self.top_p = top_p
        self.uniform = random.Random(seed).random

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def draw(self, logits: F32) -> int:
        """A choice from one head; masked ones are never drawn."""
        return self.kept(logits, self.uniform())

    def kept(self, logits: F32, noise: float) -> int:
        """The choice that ``noise`` makes, or another one if that lies outside the nucleus."""
        return self.within(softmax(logits).tolist(), noise)

    def within(self, odds: Sequence[float], noise: float) -> int:
        """The same from odds, which add up to one."""
        choice = chosen(odds, noise)
        own = odds[choice]
        if sum([other for other in odds if other > own]) < self.top_p:
            return choice
        return self.likelier(odds, choice)

    def likelier(self, odds: Sequence[float], refused: int) -> int:
        """A choice from the nucleus of ``odds``, which add up to one; all of it is likelier than
        the refused one, which leaves little to sort."""
        least = odds[refused]
        places = [place for place, own in enumerate(odds) if own > least]
        places.sort(key=odds.__getitem__, reverse=True)
        mass, size = 0.0, 0
        for place in places:
            mass += odds[place]
            size += 1
            if mass >= self.top_p:
                break
        left = mass * self.uniform()
        for place in places[:size]:
            left -= odds[place]
            if left <= 0.0:
                return place
        return places[0]

    def softmax(self, logits: F32) -> int:
        """A choice from all of a head, whatever ``top_p``."""
        return chosen(softmax(logits).tolist(), self.uniform())


def softmax(logits: F32) -> F32:
    """The odds, which add up to one."""
    odds: F32 = np.exp(logits - logits.max())
    odds /= odds.sum()
    return odds


def chosen(odds: Sequence[float], noise: float) -> int:
    """The first choice whose running sum reaches ``noise``; the likelier, the more often."""
    last = 0
    for choice, own in enumerate(odds):
        if own > 0.0:
            noise -= own
            last = choice
            if noise <= 0.0:
                break
    return last
