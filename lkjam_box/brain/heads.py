"""From the network's outputs to the logits of one note's choices. Pure."""

from __future__ import annotations

import numpy as np

from . import features as f
from .encoder import NONE, Encoder

_PITCHES = np.arange(128)
_INTERVAL_OF = np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR
_PITCH_GUESSES = ((0, 0), (0, 1), (0, -1), (1, 0), (2, 0))  # (which guess, semitones beside it)


def pitch_logits(
    out: f.F32, closing: bool, encoder: Encoder, low: int, logits: f.F32, follow: float = 0.0
) -> None:
    """Fill ``logits`` for the pitches from ``low``: three views and the guesses added up.

    ``follow`` goes to what the call did at the same note.
    """
    high = low + len(logits)
    last, root = encoder.last_pitch, encoder.root
    known = last >= 0
    leaps = out[f.INTERVAL[closing]].take(_INTERVAL_OF[last if known else 62, low:high])
    np.add(out[f.REGISTER][low:high], leaps, out=logits)
    if root >= 0:
        logits += out[f.DEGREE[closing]].take(f.DEGREE_OF[root][low:high])
    if known:
        guesses = encoder.guesses
        first = f.GUESS_PITCH.start
        for i, (guess, beside) in enumerate(_PITCH_GUESSES):
            semitones = guesses[guess]
            if semitones != NONE and low <= (pitch := last + semitones + beside) < high:
                logits[pitch - low] += out[first + i] if i else out[first] + follow


def time_logits(out: f.F32, closing: bool, encoder: Encoder, logits: f.F32) -> None:
    """Fill ``logits`` [TIME_BINS] for the time-shift to the next note."""
    logits[:] = out[f.TIME[closing]]
    wished, echo = encoder.guess_times
    first = f.GUESS_TIME.start
    if wished >= 0:
        logits[wished] += out[first]
        if wished + 1 < f.TIME_BINS:
            logits[wished + 1] += out[first + 1]
        if wished > 0:
            logits[wished - 1] += out[first + 2]
    if echo >= 0:
        logits[echo] += out[first + 3]


def duration_logits(out: f.F32, closing: bool, shift: int) -> f.F32:
    """[DURATION_BINS], given the bin of the time-shift to the next note."""
    logits: f.F32 = out[f.DURATION[closing]] + out[f.RATIO[closing]].take(f.RATIO_OF[shift])
    return logits
