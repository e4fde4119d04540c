"""Whose hand a key is: what is known of melody and left hand, and a key's score by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum, inf
from operator import mul

from .keys import MATES_S, REACH, Key

SURE = 1.0  # a melody note that scores less is none to measure others by
FORGET_S = 30.0  # a left hand that rests so long is forgotten
_CHORD_S = 0.05  # keys of one chord of the left hand

# What `lkjam-box bench listen --fit` prints, in the order of `Hands.features`.
WEIGHTS: tuple[float, ...] = (
    5.34,  # to begin with
    -2.02,  # leap from the melody's last note, less after a rest
    1.82,  # fall or rise of it, to an octave
    0.44,  # away from where the melody lies, to an octave
    -1.58,  # the same, without its sign
    0.77,  # above the left hand's chords, to a sixth
    0.48,  # above its last one
    0.46,  # time since it struck
    -2.23,  # under a key of the same moment
    -5.39,  # by so much
    -1.71,  # over one
    3.95,  # by so much
    -5.62,  # and that is of the same hand
    9.28,  # in a thick melody
    -4.75,  # a thick melody
    -2.20,  # under a held note
    -2.92,  # by so much
)


class Hands:
    """``learn_line`` and ``learn_left`` take settled keys, ``score`` is above 0 for melody."""

    weights = WEIGHTS

    def __init__(self) -> None:
        self.line: Key | None = None  # the melody's last sure note
        self.line_pitch = 0.0  # where it lies
        self._thick = 0.0  # how often it comes with other keys of its hand: 0 to 1
        self._left_s = -inf  # when the left hand last struck; never: none is known
        self._left_pitch = self._left_top = 0.0  # top of its last chord; of its chords, sinking

    def know_left(self, at_s: float) -> bool:
        return at_s - self._left_s < FORGET_S

    def forget_left(self) -> None:
        self._left_s = -inf

    def learn_line(self, key: Key, has_mates: bool) -> None:
        trust = min(1.0, key.score / 3)
        if self.line is None:
            self.line_pitch = float(key.pitch)
        self.line_pitch += 0.2 * trust * (key.pitch - self.line_pitch)
        self._thick += 0.15 * (has_mates - self._thick)
        if self.line is None or key.score >= SURE:
            self.line = key

    def learn_left(self, key: Key) -> None:
        pitch, same = key.pitch, key.on_s - self._left_s < _CHORD_S
        sunk = self._left_top + 0.1 * (pitch - self._left_top) if self._left_s > -inf else pitch
        self._left_pitch = max(self._left_pitch, pitch) if same else pitch
        self._left_top, self._left_s = max(pitch, sunk), key.on_s

    def score(self, key: Key, line: Key, cover: Key | None, with_it: Iterable[Key]) -> float:
        return fsum(map(mul, self.weights, self.features(key, line, cover, with_it)))

    def features(
        self, key: Key, line: Key, cover: Key | None, with_it: Iterable[Key]
    ) -> tuple[float, ...]:
        """What the weights are for, in tens of semitones: of ``key`` after (or before) ``line``,
        under the held note ``cover``, with the keys that belong to its moment."""
        pitch = key.pitch
        fall = min(max(pitch - line.pitch, -24), 24)
        near = min(max(pitch - self.line_pitch, -24), 24)
        above = below = 24
        mate = 0.0
        for other in with_it:
            step = other.pitch - pitch
            if step > 0:
                above = min(above, step)
            elif -REACH <= step < 0:
                below = min(below, -step)
                if abs(other.on_s - key.on_s) < MATES_S:
                    mate = 1.0
        covered = min(cover.pitch - pitch, 24) if cover else 0
        return (
            1.0,
            abs(fall) / 10 / (1 + min(max(key.on_s - line.on_s, 0.0), 4) / 2),
            min(max(fall, -12), 12) / 10,
            min(max(near, -12), 12) / 10,
            abs(near) / 10,
            min(max(pitch - self._left_top, -8), 8) / 10,
            min(max(pitch - self._left_pitch, -24), 24) / 10,
            min(max(key.on_s - self._left_s, 0.0), 8.0) / 4,  # in spans of 4 s
            float(above < 24),
            above / 10 if above < 24 else 0.0,
            float(below < 24),
            below / 10 if below < 24 else 0.0,
            mate,
            mate * self._thick,
            self._thick,
            float(covered > 0),
            covered / 10,
        )
