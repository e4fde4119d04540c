"""What a strategy, a style and the controls add to the network's logits. Pure.

The network was trained with them as inputs, but notes drawn one by one follow them less than
asked, so each also adds a bias. With the controls at their defaults only ``FOLLOW`` does.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..music.harmony import Chord
from ..protocol.engine import REGISTER_STEP, ControlValues, Scene, Strategy, Style
from . import features as f

# Towards what the call did at the same note, or away from it.
FOLLOW = {
    Strategy.FREE: 0.85,
    Strategy.CONTINUATION: 0.0,
    Strategy.IMITATION: 1.2,
    Strategy.INVERSION: 1.2,
    Strategy.CONTRAST: -1.5,
}
# Without these the network plays chord tones a little less often than the players do, and ends
# phrases on them less often.
CHORD = 0.05
REST = 0.38
# Log odds of chord tones in the style's training solos minus those in all of the training solos
# (lkjam_box.lab.training.styles recomputes them); for experimental, in the solos farthest out;
# for pop, chosen.
CHORD_TONES = {
    Style.TRADITIONAL: 0.29,
    Style.SWING: 0.06,
    Style.BEBOP: 0.05,
    Style.COOL: 0.23,
    Style.HARDBOP: 0.11,
    Style.POSTBOP: -0.13,
    Style.FUSION: -0.28,
    Style.EXPERIMENTAL: -0.63,
    Style.POP: 0.8,
}
DENSITY = 0.25  # for each step of density and each halving of the time-shift
_USUAL_SHIFT_BEATS = 0.43  # the Weimar median within phrases (data README, section 6)
_SPREAD_SEMITONES = 7.0  # of the register asked for


class LogitBias:
    """The biases of one answer; ``times`` [TIME_BINS] is None where density adds none."""

    __slots__ = ("_chord", "_low", "_register", "follow", "times")

    def __init__(self, scene: Scene, controls: ControlValues) -> None:
        self.follow = FOLLOW[scene.strategy]
        self.times = _times(scene.density) if scene.density else None
        self._chord = CHORD + CHORD_TONES.get(scene.style, 0.0)
        self._low, high = controls.window
        self._register: f.F32 | None = None
        if controls.register:
            middle = (controls.low + controls.high) / 2 + REGISTER_STEP * controls.register
            away = (np.arange(self._low, high + 1) - middle) / _SPREAD_SEMITONES
            self._register = (-0.5 * away**2).astype(np.float32)

    def on_pitches(self, logits: f.F32, chord: Chord, closing: bool) -> None:
        """Add to ``logits`` of the pitches, from the lowest of the controls' window on."""
        weight = self._chord + REST if closing else self._chord
        if weight:
            logits += _chord_tones(chord.core, weight, self._low, self._low + len(logits))
        if self._register is not None:
            logits += self._register


@lru_cache(maxsize=8)
def _times(density: int) -> f.F32:
    """Bias [TIME_BINS] for short time-shifts at a high density, for long ones at a low one."""
    middle = np.array([sum(span) / 2 for span in f.TIME_SPANS])
    halvings = np.clip(np.log2(_USUAL_SHIFT_BEATS / middle), -4.0, 2.0)
    return (DENSITY * (density - 3) * halvings).astype(np.float32)


@lru_cache(maxsize=1024)
def _chord_tones(core: int, weight: float, low: int, high: int) -> f.F32:
    """``weight`` for the pitches from ``low`` to ``high`` (excluded) that lie in ``core``."""
    tones: f.F32 = np.float32(weight) * (core >> np.arange(low, high) % 12 & 1)
    return tones.astype(np.float32)
