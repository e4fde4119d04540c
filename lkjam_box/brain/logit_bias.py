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
from .sampler import MASKED

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
    """The biases of one answer, masks included: for open and for closing notes."""

    __slots__ = ("_chord", "_register", "_times", "follow", "low", "width")

    def __init__(self, scene: Scene, controls: ControlValues) -> None:
        self.follow = FOLLOW[scene.strategy]
        self._times = _times(scene.density)
        self._chord = CHORD + CHORD_TONES.get(scene.style, 0.0)
        self.low, high = controls.window
        self.width = high + 1 - self.low
        middle = (controls.low + controls.high) / 2 + REGISTER_STEP * controls.register
        self._register = (self.low, self.width, middle if controls.register else None)

    def pitches(self, chord: Chord) -> tuple[f.F32, f.F32]:
        """[open, closing] over ``chord``: of the pitches of the controls' window, lowest first."""
        open_one, closing = self._chord, self._chord + REST
        core, register = chord.core, self._register
        return _pitches(core, open_one, *register), _pitches(core, closing, *register)

    def times(self, room: int, bounded: bool) -> tuple[f.F32, f.F32]:
        """[open, closing], of the time-shift to the next note. None is nearer than 1/32 beat. That
        of an open note lies below bin ``room``, for a next note must follow; that of a closing one
        only if ``bounded``."""
        room = min(max(room, 2), f.TIME_BINS)
        return self._times[room], self._times[room if bounded else f.TIME_BINS]


@lru_cache(maxsize=8)
def _times(density: int) -> tuple[f.F32, ...]:
    """By room, biases [TIME_BINS] for short time-shifts at a high density, for long ones at a low
    one."""
    bias = np.zeros(f.TIME_BINS)
    if density:
        middle = np.array([sum(span) / 2 for span in f.TIME_SPANS])
        halvings = np.clip(np.log2(_USUAL_SHIFT_BEATS / middle), -4.0, 2.0)
        bias = DENSITY * (density - 3) * halvings
    bins = np.arange(f.TIME_BINS)
    rooms = range(f.TIME_BINS + 1)
    fitting = ((bins > 0) & (bins < room) for room in rooms)
    return tuple(np.where(fits, bias, MASKED).astype(np.float32) for fits in fitting)


@lru_cache(maxsize=1024)
def _pitches(core: int, weight: float, low: int, width: int, middle: float | None) -> f.F32:
    """``weight`` for the pitches from ``low`` on that lie in ``core``, less towards the ends of a
    register around ``middle``."""
    pitches = np.arange(low, low + width)
    bias = weight * (core >> pitches % 12 & 1)
    if middle is not None:
        bias = bias - 0.5 * ((pitches - middle) / _SPREAD_SEMITONES) ** 2
    return bias.astype(np.float32)
