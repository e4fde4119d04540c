"""From the network's outputs to the logits of one note's choices. Pure."""

from __future__ import annotations

import numpy as np

from . import features as f
from .call_targets import NONE
from .encoder import Encoder

_PITCHES = np.arange(128)
# By last pitch: where in its table the interval to each pitch lies; by root, [12] for none, the
# degree of each pitch. Without a root all take one degree, which changes no odds.
LEAPS: f.I32 = (np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR).astype(np.int32)
DEGREES: f.I32 = np.array([(_PITCHES - root) % 12 for root in range(12)] + [_PITCHES * 0], np.int32)
_GUESS_PITCH, _GUESS_TIME = f.GUESS_PITCH.start, f.GUESS_TIME.start


def pitch_logits(
    out: f.F32, closing: bool, encoder: Encoder, low: int, count: int, follow: float = 0.0
) -> f.F32:
    """Logits [count] of the pitches from ``low``: register, leap, degree and guesses added up.

    ``follow`` is added to the pitch that the call asks for at this note.
    """
    last, root = encoder.last_pitch, encoder.root
    known, window = last >= 0, slice(low, low + count)
    logits = (
        out[f.REGISTER][window] + out[f.INTERVAL[closing]][LEAPS[last if known else 62, window]]
    )
    if root >= 0:
        logits += out[f.DEGREE[closing]][DEGREES[root, window]]
    if not known:
        return logits
    call_target, short, long = encoder.guesses
    last -= low
    if call_target != NONE:
        call_target += last
        if 0 <= call_target < count:
            logits[call_target] += out[_GUESS_PITCH] + follow
        if 0 <= call_target + 1 < count:
            logits[call_target + 1] += out[_GUESS_PITCH + 1]
        if 0 <= call_target - 1 < count:
            logits[call_target - 1] += out[_GUESS_PITCH + 2]
    if short != NONE and 0 <= last + short < count:
        logits[last + short] += out[_GUESS_PITCH + 3]
    if long != NONE and 0 <= last + long < count:
        logits[last + long] += out[_GUESS_PITCH + 4]
    return logits


def time_logits(out: f.F32, closing: bool, encoder: Encoder) -> f.F32:
    """Logits [TIME_BINS] of the time-shift to the next note."""
    logits = out[f.TIME[closing]].copy()
    call_target, echo = encoder.guess_times
    if call_target >= 0:
        logits[call_target] += out[_GUESS_TIME]
        if call_target + 1 < f.TIME_BINS:
            logits[call_target + 1] += out[_GUESS_TIME + 1]
        if call_target > 0:
            logits[call_target - 1] += out[_GUESS_TIME + 2]
    if echo >= 0:
        logits[echo] += out[_GUESS_TIME + 3]
    return logits


def duration_logits(out: f.F32, closing: bool, shift: int) -> f.F32:
    """Logits [DURATION_BINS] of the duration, given the bin of the time-shift to the next note."""
    logits: f.F32 = out[f.DURATION[closing]] + out[f.RATIO[closing]][f.RATIO_OF[shift]]
    return logits
