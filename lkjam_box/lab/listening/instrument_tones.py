"""The sounds of a clip, made from partials and noise: in tune, and the same on every machine.

No SoundFont: the synthesiser that :mod:`...play.synth` uses plays every note equally loud and
loops several instruments of its font out of tune, which a listening test cannot bear.
Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
SAMPLE_RATE_HZ = 24_000
TONE_S = 4.0


@dataclass(frozen=True, slots=True)
class Voice:
    """Harmonics of amplitude ``partials``; the n-th decays by e in 1 / (fall + n damp) s."""

    partials: tuple[float, ...]
    attack_s: float
    fade_s: float  # after a note's end
    fall_per_s: float
    damp_per_s: float

    def tone(self, pitch: int) -> F32:
        """:data:`TONE_S` seconds of one pitch. The array is cached: do not change it in place."""
        return _pitched(self, pitch)


@dataclass(frozen=True, slots=True)
class Drum:
    """Filtered noise and a few partials that are no harmonics."""

    fall_per_s: float
    noise: float  # its share; the rest is partials
    low_hz: float  # noise below is cut
    fade_s: float = 0.02

    def tone(self, pitch: int) -> F32:
        """The stroke, whatever ``pitch`` is."""
        return _struck(self)


CALL = Voice((1, 0.7, 0.5, 0.35, 0.22, 0.14, 0.08, 0.05), 0.012, 0.03, 0.2, 0.0)  # a horn
ANSWER = Voice((1, 0.5, 0.3, 0.2, 0.12, 0.07, 0.04), 0.003, 0.04, 0.5, 0.5)  # a guitar
BASS = Voice((1, 0.75, 0.5, 0.3, 0.16, 0.08), 0.006, 0.06, 1.0, 0.5)
COMP = Voice((1, 0.3, 0.12, 0.06), 0.004, 0.05, 1.5, 0.8)  # an electric piano
RIDE = Drum(5.0, 0.55, 4000.0)
HAT = Drum(60.0, 1.0, 5000.0)
STICK = Drum(90.0, 0.5, 800.0)
_INHARMONIC_HZ = (1130.0, 2310.0, 3470.0, 4190.0, 5630.0)


@lru_cache(maxsize=512)
def _pitched(voice: Voice, pitch: int) -> F32:
    time_s = np.arange(round(TONE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros_like(time_s)
    for n, share in enumerate(voice.partials, 1):
        if n * hertz < 0.45 * SAMPLE_RATE_HZ:
            fall = np.exp(-time_s * (voice.fall_per_s + n * voice.damp_per_s))
            sound += share * fall * np.sin(2 * np.pi * n * hertz * time_s)
    sound *= np.minimum(1.0, time_s / voice.attack_s) / sum(voice.partials)
    return sound.astype(np.float32)


@lru_cache(maxsize=16)
def _struck(drum: Drum) -> F32:
    time_s = np.arange(round(TONE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    white = np.fft.rfft(np.random.default_rng(1).standard_normal(len(time_s)))
    white[np.fft.rfftfreq(len(time_s), 1 / SAMPLE_RATE_HZ) < drum.low_hz] = 0
    noise = np.fft.irfft(white, len(time_s))
    ring = np.mean([np.sin(2 * np.pi * hertz * time_s) for hertz in _INHARMONIC_HZ], axis=0)
    sound: F64 = drum.noise * noise / np.abs(noise).max() + (1 - drum.noise) * ring
    sound *= np.exp(-time_s * drum.fall_per_s) * np.minimum(1.0, time_s / 0.001)
    return sound.astype(np.float32)
