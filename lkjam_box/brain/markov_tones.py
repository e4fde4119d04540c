"""Draws the pitches of a Markov answer, each by its place in the turn. Pure.

Places are twelfths of a beat from the turn's first line.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ..music.scales import key_mask, pitch_weights
from ..protocol.engine import ControlValues, Scene
from .markov_licks import STEP_SHARES, STEPS
from .markov_reply import centre_of
from .suffixes import Step

_NEWEST = 6  # how many of a context's followers are weighed, newest first
_BENDS = ((0, 1.0), (1, 0.25), (-1, 0.25))  # semitones off a heard interval, their weights
_COPY_BENDS = ((0, 1.0), (1, 0.4), (-1, 0.4), (2, 0.1), (-2, 0.1))  # off a repeated pitch
_SHARPNESS = (1.0, 1.15, 1.4, 1.6)  # pull to the chord: off the beat, on it, mid-bar, beat 1


class Tones:
    """Draws pitches inside the controls' window, about ``centre``; ``heard_pitch`` is where the
    player plays, 0 while unknown."""

    def __init__(
        self, scene: Scene, controls: ControlValues, heard_pitch: float, random: Random
    ) -> None:
        self._scene, self._random = scene, random
        low, high = controls.window
        self.low, self.high = max(0, low), min(127, high)
        temperature, self._top_p = controls.heated
        self._cool = 1 / max(temperature, 0.05)
        metre = scene.harmony.progression.metre
        self.bar = round(metre.bar_beats * 12)
        self.bar_shift = round(scene.harmony.bar_place(scene.start_beats) * 12)
        self.pulse = 12 * 4 // metre.unit
        self._key = key_mask(scene.harmony.progression.key)
        self._fits: dict[tuple[int, float], list[float]] = {}
        pitch = self.fold(heard_pitch or (self.low + self.high) / 2)
        self.centre = centre_of(scene.strategy, pitch, self.low, self.high)
        self.before = -1  # the pitch before the last one

    def fold(self, pitch: float) -> float:
        """``pitch`` moved by octaves into the window; its nearer edge if none lies inside."""
        while pitch < self.low and pitch + 12 <= self.high:
            pitch += 12
        while pitch > self.high and pitch - 12 >= self.low:
            pitch -= 12
        return max(self.low, min(self.high, pitch))

    def bar_place(self, place: int) -> int:
        return (place + self.bar_shift) % self.bar

    def sharpness(self, place: int) -> float:
        """How strongly the chord decides at ``place``: the exponent on its weights."""
        inside = self.bar_place(place)
        if inside == 0:
            return _SHARPNESS[3]
        if inside % self.pulse:
            return _SHARPNESS[0]
        return _SHARPNESS[2] if inside * 2 == self.bar else _SHARPNESS[1]

    def opening(self, place: int, near: int) -> int:
        """Draw a phrase's first pitch, near ``near``."""
        return self._drawn({near + d: 6.0 - abs(d) for d in range(-5, 6)}, near, place)

    def following(self, steps: Sequence[Step], pitch: int, place: int) -> int:
        """Draw the next pitch by heard intervals, or a semitone off, and the chord at ``place``."""
        if steps is STEPS:
            return self._drawn({pitch + i: share for i, share in STEP_SHARES}, pitch, place)
        weights: dict[int, float] = {}
        for interval, _, _ in steps[-_NEWEST:]:
            for bend, share in _BENDS:
                reached = pitch + interval + bend
                weights[reached] = weights.get(reached, 0.0) + share
        return self._drawn(weights, pitch, place)

    def copied(self, pitch: int, place: int) -> int:
        """Draw ``pitch`` or one up to 2 semitones off, by how well they fit the chord."""
        fit = self._fit(place)
        beside = ((pitch + bend, share) for bend, share in _COPY_BENDS)
        ranked = [(share * fit[p % 12], p) for p, share in beside if self.low <= p <= self.high]
        return self._pick(ranked or [(1.0, round(self.fold(pitch)))])

    def resting(self, pitch: int, place: int) -> int:
        """The chord tone of the window nearest to ``pitch``; ``pitch`` itself if there is none."""
        chord = self._scene.harmony.chord_at(self._beat(place))
        for distance in range(7):
            for reached in (pitch - distance, pitch + distance):
                if self.low <= reached <= self.high and chord.core_has(reached):
                    return reached
        return pitch

    # --- inside

    def _beat(self, place: int) -> float:
        return self._scene.start_beats + place / 12 + 1e-6

    def _fit(self, place: int) -> list[float]:
        """Weight of each pitch class over the chord at ``place``."""
        harmony = self._scene.harmony
        index = harmony.progression.index_at(self._beat(place) - harmony.origin_beats)
        sharpness = self.sharpness(place)
        fit = self._fits.get((index, sharpness))
        if fit is None:
            weights = pitch_weights(harmony.progression.chords[index], self._key)
            fit = self._fits[index, sharpness] = [weight**sharpness for weight in weights]
        return fit

    def _drawn(self, weights: dict[int, float], pitch: int, place: int) -> int:
        fit, low, high = self._fit(place), self.low, self.high
        centre, before = self.centre, self.before
        ranked = []
        for reached, share in weights.items():
            if not low <= reached <= high:
                continue
            weight = share * fit[reached % 12]
            if reached == pitch:
                weight *= 0.3
            elif reached == before:
                weight *= 0.6
            away = abs(reached - centre)
            if away > 8:
                weight *= 8 / away / (away - 7)
            ranked.append((weight, reached))
        if not ranked:
            return self.resting(round(self.fold(pitch)), place)
        return self._pick(ranked)

    def _pick(self, weighed: list[tuple[float, int]]) -> int:
        """One of (weight, pitch), by temperature and top-p."""
        cool = self._cool
        ranked = [(weight if cool == 1.0 else weight**cool, pitch) for weight, pitch in weighed]
        ranked.sort(reverse=True)
        kept = self._top_p * sum(weight for weight, _ in ranked)
        drawn = self._random.random() * kept
        for weight, pitch in ranked:
            drawn -= weight
            if drawn <= 0:
                return pitch
        return ranked[0][1]
