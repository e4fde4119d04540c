"""Draws from the network's logits: temperature and exact top-p without sorting.

Gumbel rejection: argmax of logits plus Gumbel noise is an exact draw from the softmax. If
the mass strictly likelier than the drawn choice is under ``top_p`` it lies in the
nucleus and stands; otherwise draw again. Rejection from the softmax onto the nucleus is
exactly the renormalised nucleus. A choice likelier than 1 - ``top_p`` always lies in
it, so most draws need no comparing.
"""

from __future__ import annotations

import random
from functools import cache

import numpy as np

from .features import F32

MASKED = -1e9
_POOL = 1 << 17
_TRIES = 12


@cache
def _noise() -> F32:
    """Gumbel noise, the same in every process; a draw reads it from a random place."""
    return np.random.default_rng(20).gumbel(size=_POOL).astype(np.float32)


_ONES = np.ones(256, np.float32)


class Sampler:
    """Draws by one seed. Logits are scaled by :attr:`inverse_temperature` beforehand."""

    __slots__ = ("_noise", "inverse_temperature", "top_p", "uniform")

    def __init__(self, seed: int, temperature: float, top_p: float) -> None:
        self._noise = _noise()
        self.inverse_temperature = 1.0 / max(temperature, 1e-2)
        self.top_p = top_p
        self.uniform = random.Random(seed).random

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def draw(self, logits: F32) -> int:
        """A choice from one head [n <= 256]; masked ones are never drawn."""
        for _ in range(_TRIES):
            choice = self.softmax(logits)
            if self.top_p >= 1.0 or self._holds(np.exp(logits - logits[choice]), choice):
                return choice
        return int(logits.argmax())

    def two(self, logits: F32, cut: int) -> tuple[int, int]:
        """A choice from ``logits[:cut]`` and one from ``logits[cut:]``, for less than two draws."""
        if self.inverse_temperature > 2.5:  # too steep for one exponential of both
            return self.draw(logits[:cut]), self.draw(logits[cut:])
        width = len(logits)
        start = int(self.uniform() * (_POOL - width))
        noisy = logits + self._noise[start : start + width]
        first, second = int(noisy[:cut].argmax()), int(noisy[cut:].argmax())
        if self.top_p < 1.0:
            odds = np.exp(logits)
            if not self._holds(odds[:cut], first):
                first = self.draw(logits[:cut])
            if not self._holds(odds[cut:], second):
                second = self.draw(logits[cut:])
        return first, second

    def softmax(self, logits: F32) -> int:
        """A choice from all of a head, whatever ``top_p``."""
        width = len(logits)
        start = int(self.uniform() * (_POOL - width))
        return int((logits + self._noise[start : start + width]).argmax())

    def _holds(self, odds: F32, choice: int) -> bool:
        """Whether ``choice`` lies in the nucleus. The quick answer first."""
        own, total = odds[choice], odds.dot(_ONES[: len(odds)])
        if (1.0 - self.top_p) * total < own:
            return True
        return bool(np.add.reduce(odds[odds > own]) < self.top_p * total)


def masked(logits: F32, keep: slice) -> F32:
    """A copy with everything outside ``keep`` impossible."""
    out = np.full_like(logits, MASKED)
    out[keep] = logits[keep]
    return out
