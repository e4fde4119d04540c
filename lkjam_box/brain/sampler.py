"""Draws from the network's logits: temperature and exact top-p without sorting.

Gumbel rejection: argmax of logits plus Gumbel noise is an exact draw from the softmax. If
the mass strictly likelier than the drawn choice is under ``top_p`` it lies in the
nucleus and stands; otherwise that head draws again. Rejection from the softmax onto the
nucleus is exactly the renormalised nucleus.
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


class Sampler:
    """Draws by one seed."""

    __slots__ = ("_noise", "_random", "inverse_temperature", "top_p", "uniform")

    def __init__(self, seed: int, temperature: float, top_p: float) -> None:
        self._random = random.Random(seed)
        self._noise = _noise()
        self.inverse_temperature = 1.0 / max(temperature, 1e-3)
        self.top_p = top_p
        self.uniform = self._random.random

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.uniform()

    def one(self, logits: F32) -> int:
        """A draw from one head [n]. ``logits`` is used up; masked choices are never drawn."""
        return self._draw(logits, self._scaled(logits))

    def rows(self, logits: F32) -> list[int]:
        """A draw from every row of [heads, n], padded with :data:`MASKED`. Uses ``logits`` up."""
        heads, width = logits.shape
        logits *= self.inverse_temperature
        logits -= logits.max(axis=1, keepdims=True)
        start = self._place(heads * width)
        noise = self._noise[start : start + heads * width].reshape(heads, width)
        drawn: list[int] = (logits + noise).argmax(axis=1).tolist()
        if self.top_p >= 1.0:
            return drawn
        mass = np.exp(logits)
        limits = (mass.sum(axis=1) * self.top_p).tolist()
        for row, choice in enumerate(drawn):
            here = mass[row]
            if here[here > here[choice]].sum() >= limits[row]:
                drawn[row] = self._draw(logits[row], here)
        return drawn

    def _scaled(self, logits: F32) -> F32:
        logits *= self.inverse_temperature
        logits -= logits.max()
        return np.exp(logits)

    def _draw(self, logits: F32, mass: F32) -> int:
        width = len(logits)
        limit = mass.sum() * self.top_p
        for _ in range(_TRIES):
            start = self._place(width)
            choice = int((logits + self._noise[start : start + width]).argmax())
            if self.top_p >= 1.0 or mass[mass > mass[choice]].sum() < limit:
                return choice
        return int(logits.argmax())

    def _place(self, width: int) -> int:
        return int(self.uniform() * (_POOL - width))


def masked(logits: F32, keep: slice) -> F32:
    """A copy with everything outside ``keep`` impossible."""
    out = np.full_like(logits, MASKED)
    out[keep] = logits[keep]
    return out
