"""Fits the weights by which :mod:`...stage.hands` tells hands apart, to takes of known melody.

Logistic regression on what a voice measures of every key as it settles. The first round follows
the true melody, later ones, which add to its samples, what the weights so far make of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from ...stage.hands import Hands
from ...stage.keys import Key as Struck
from ...stage.voice import Voice
from ..training.corpus import Solo
from .played_keys import Key
from .two_hands import take

ROUNDS, KEYS = 4, 600  # keys of each take
_SHRINK = 1.0  # how much large weights cost
Sample = tuple[tuple[float, ...], bool]


class _Hands(Hands):
    """Hands that keep what they measured of each key."""

    def __init__(self, weights: tuple[float, ...]) -> None:
        super().__init__()
        self.weights = weights
        self.seen: dict[int, tuple[float, ...]] = {}

    def features(
        self, key: Struck, line: Struck, cover: Struck | None, with_it: Iterable[Struck]
    ) -> tuple[float, ...]:
        features = self.seen[id(key)] = super().features(key, line, cover, with_it)
        return features


class _Pupil(Voice):
    """A voice that takes samples; with no weights it is told what is melody."""

    def __init__(self, keys: Sequence[Key], weights: tuple[float, ...]) -> None:
        self._measured = _Hands(weights)
        super().__init__(self._measured)
        self.samples: list[Sample] = []
        self._truth = {(key.on_s, key.pitch): key.line for key in keys if not key.grace}

    def _judge_key(
        self, key: Struck, line: Struck | None, cover: Struck | None, now_s: float
    ) -> None:
        super()._judge_key(key, line, cover, now_s)
        if not self._measured.weights:
            key.melody = self._truth.get((key.on_s, key.pitch), False)
            key.score = 5.0 if key.melody else -5.0

    def _learn(self, key: Struck) -> list[Struck]:
        features = self._measured.seen.pop(id(key), ())
        truth = self._truth.get((key.on_s, key.pitch))
        if features and truth is not None:
            self.samples.append((features, truth))
        return super()._learn(key)


def fit(solos: Sequence[Solo], kinds: Sequence[str]) -> tuple[float, ...]:
    """Weights in the order of the features, rounded."""
    weights: tuple[float, ...] = ()
    samples: list[Sample] = []
    for seed in range(ROUNDS):
        for kind in kinds:
            for solo in solos:
                samples += _heard(take(solo, kind, seed)[:KEYS], weights)
        weights = tuple(round(float(weight), 2) for weight in _logistic(samples))
    return weights


def _heard(keys: Sequence[Key], weights: tuple[float, ...]) -> list[Sample]:
    voice = _Pupil(keys, weights)
    moves = [(key.on_s, True, key) for key in keys] + [(key.off_s, False, key) for key in keys]
    for at_s, down, key in sorted(moves, key=lambda move: move[:2]):
        if down:
            voice.press(Struck(at_s, at_s, key.pitch, key.velocity))
        else:
            voice.release(at_s, at_s, key.pitch)
    return voice.samples


def _logistic(samples: Sequence[Sample]) -> npt.NDArray[np.float64]:
    """Weights of a logistic regression, by Newton's steps."""
    features = np.array([found for found, _ in samples])
    truth = np.array([melody for _, melody in samples], float)
    weights = np.zeros(features.shape[1])
    shrink = np.eye(len(weights)) * _SHRINK
    for _ in range(40):
        odds = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        bend = (features * (odds * (1 - odds))[:, None]).T @ features + shrink
        step = np.linalg.solve(bend, features.T @ (truth - odds) - _SHRINK * weights)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights
