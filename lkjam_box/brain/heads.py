"""From the network's outputs to the logits of one note's choices. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import features as f
from .call_targets import NONE
from .encoder import Encoder

_Index = npt.NDArray[np.intp]
_PITCHES = np.arange(128)
_INTERVAL_OF = np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR
_GUESS_PITCH, _GUESS_TIME = f.GUESS_PITCH.start, f.GUESS_TIME.start
# By [closing][time-shift bin]: indices into the outputs, of the ratio of each duration bin.
_RATIOS: tuple[tuple[_Index, ...], ...] = tuple(
    tuple((part.start + f.RATIO_OF).astype(np.intp)) for part in f.RATIO
)


class _Places(NamedTuple):
    """Indices into the outputs for a range of pitches: ``register`` by pitch, ``leaps`` by
    [closing][last pitch], ``degrees`` by [closing][root], None at [12] (= [-1])."""

    register: slice
    leaps: tuple[tuple[_Index, ...], ...]
    degrees: tuple[tuple[_Index | None, ...], ...]


@lru_cache(maxsize=64)
def _places(low: int, high: int) -> _Places:
    """The indices of the pitches ``low`` to ``high`` (excluded)."""
    leaps = tuple(tuple((_INTERVAL_OF + part.start)[:, low:high]) for part in f.INTERVAL)
    over = [pitches[low:high] for pitches in f.DEGREE_OF]
    degrees = tuple((*(part.start + degree for degree in over), None) for part in f.DEGREE)
    return _Places(slice(f.REGISTER.start + low, f.REGISTER.start + high), leaps, degrees)


def pitch_logits(
    out: f.F32, closing: bool, encoder: Encoder, low: int, logits: f.F32, follow: float = 0.0
) -> None:
    """Fill ``logits`` for the pitches from ``low``: register, leap, degree and guesses added up.

    ``follow`` is added to the pitch that the call asks for at this note.
    """
    count, last = len(logits), encoder.last_pitch
    known = last >= 0
    register, leaps, over = _places(low, low + count)
    np.add(out[register], out[leaps[closing][last if known else 62]], logits)
    degrees = over[closing][encoder.root]
    if degrees is not None:
        logits += out[degrees]
    if not known:
        return
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


def time_logits(out: f.F32, closing: bool, encoder: Encoder, logits: f.F32) -> None:
    """Fill ``logits`` [TIME_BINS] for the time-shift to the next note."""
    logits[:] = out[f.TIME[closing]]
    call_target, echo = encoder.guess_times
    if call_target >= 0:
        logits[call_target] += out[_GUESS_TIME]
        if call_target + 1 < f.TIME_BINS:
            logits[call_target + 1] += out[_GUESS_TIME + 1]
        if call_target > 0:
            logits[call_target - 1] += out[_GUESS_TIME + 2]
    if echo >= 0:
        logits[echo] += out[_GUESS_TIME + 3]


def duration_logits(out: f.F32, closing: bool, shift: int) -> f.F32:
    """Logits [DURATION_BINS] of the duration, given the bin of the time-shift to the next note."""
    logits: f.F32 = out[f.DURATION[closing]] + out[_RATIOS[closing][shift]]
    return logits
