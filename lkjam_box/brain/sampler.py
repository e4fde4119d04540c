"""Draws from the network's logits: temperature and exact top-p without sorting.

Gumbel rejection: argmax of logits plus Gumbel noise is an exact draw from the softmax. If
the choices strictly likelier than the drawn one have less than ``top_p`` of the mass, it
lies in the nucleus and is kept; otherwise draw again. Rejection from the softmax onto the
nucleus is exactly the renormalised nucleus. A choice likelier than 1 - ``top_p`` always
lies in the nucleus, so most draws need no comparing.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np

from .features import F32

MASKED = -1e9
_POOL = 1 << 17
_TRIES = 12
_STEEP = 2.5  # an inverse temperature; beyond it exponentials might overflow


@cache
def _noise() -> F32:
    """Gumbel noise, the same in every process; a draw reads it from a random place."""
    return np.random.default_rng(20).gumbel(size=_POOL).astype(np.float32)


_ONES = [np.ones(width, np.float32) for width in range(257)]  # dot product with one: a sum


class Sampler:
    """Draws by one seed. Logits are scaled by :attr:`inverse_temperature` beforehand."""

    __slots__ = ("inverse_temperature", "noise", "steep", "top_p", "uniform")

    def __init__(self, seed: int, temperature: float, top_p: float) -> None:
        self.noise = _noise()
        self.inverse_temperature = 1.0 / max(temperature, 1e-2)
        # Whether logits are too far apart to take exponentials of them as they are.
        self.steep = self.inverse_temperature > _STEEP
        self.top_p = top_p
        self.uniform = random.Random(seed).random

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def draw(self, logits: F32) -> int:
        """A choice from one head [n <= 256]; masked ones are never drawn."""
        for _ in range(_TRIES):
            choice = self.softmax(logits)
            if self.top_p >= 1.0:
                return choice
            odds = np.exp(logits - logits[choice] if self.steep else logits)
            if self.holds(odds, choice, odds.dot(_ONES[len(odds)])):
                return choice
        return int(logits.argmax())

    def softmax(self, logits: F32) -> int:
        """A choice from all of a head, whatever ``top_p``."""
        width = len(logits)
        start = int(self.uniform() * (_POOL - width))
        return int((logits + self.noise[start : start + width]).argmax())

    def holds(self, odds: F32, choice: int, total: float) -> bool:
        """Whether ``choice`` lies in the nucleus of ``odds``, which add up to ``total``."""
        own = odds[choice]
        if (1.0 - self.top_p) * total < own:
            return True
        return bool(odds.dot(odds > own) < self.top_p * total)


class Pair:
    """Draws from two heads at once, which costs less than two draws.

    Fill :attr:`first` and :attr:`second`, then :meth:`draw`. The arrays and their views are
    made once for all notes of an answer.
    """

    def __init__(self, sampler: Sampler, first: int, second: int) -> None:
        """``first`` and ``second`` are how many choices the heads have."""
        width = first + second
        logits, noisy, odds = np.empty((3, width), np.float32)
        self.first, self.second = logits[:first], logits[first:]
        self._logits, self._noisy, self._odds = logits, noisy, odds
        self._noisy_first, self._noisy_second = noisy[:first], noisy[first:]
        self._odds_first, self._odds_second = odds[:first], odds[first:]
        self._sides: F32 = np.zeros((width, 2), np.float32)  # odds times this: both totals
        self._sides[:first, 0] = self._sides[first:, 1] = 1.0
        self._sampler, self._starts = sampler, _POOL - width

    def draw(self) -> tuple[int, int]:
        """A choice from each head."""
        sampler = self._sampler
        if sampler.steep:
            return sampler.draw(self.first), sampler.draw(self.second)
        logits, noisy, odds = self._logits, self._noisy, self._odds
        start = int(sampler.uniform() * self._starts)
        np.add(logits, sampler.noise[start : start + len(logits)], noisy)
        first, second = int(self._noisy_first.argmax()), int(self._noisy_second.argmax())
        if sampler.top_p < 1.0:
            np.exp(logits, odds)
            totals = odds.dot(self._sides).tolist()
            if not sampler.holds(self._odds_first, first, totals[0]):
                first = sampler.draw(self.first)
            if not sampler.holds(self._odds_second, second, totals[1]):
                second = sampler.draw(self.second)
        return first, second


def masked(logits: F32, keep: slice) -> F32:
    """A copy of ``logits`` in which choices outside ``keep`` are never drawn."""
    out = np.full_like(logits, MASKED)
    out[keep] = logits[keep]
    return out
