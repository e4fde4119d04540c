"""Teacher-forced scores of a model file, run note by note through the box's runtime."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..brain import features as f
from ..brain.runtime import Stepper
from ..training.corpus import Solo
from ..training.streams import Stream, encode, whole

Scores = dict[str, dict[str, float]]
_PITCHES = np.arange(128)
_INTERVAL_OF = np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR
_DEGREE_OF = (_PITCHES[None] - np.arange(12)[:, None]) % 12


def evaluate(
    stepper: Stepper, solos: Sequence[Solo], report: Callable[[int], None] = lambda notes: None
) -> Scores:
    """Every note after the first of each solo, given all before it and its own onset.

    ``{"pitch": {"nll", "ppl", "acc", "n"}, "time_shift": …, "duration": …, "position": …,
    "velocity": …}``; nll in nats. Position is that of the phrase rule; pitch, velocity and
    duration are given the position, duration also the time-shift to the next note (drawn
    before it when playing). ``report`` is told the number of notes after each solo.
    """
    heads = ("pitch", "time_shift", "duration", "position", "velocity")
    nll = dict.fromkeys(heads, 0.0)
    hits = dict.fromkeys(heads, 0)
    count = dict.fromkeys(heads, 0)
    for solo in solos:
        stream = encode(solo, whole(solo))
        out = outputs(stepper, stream)[1:]
        for head, (logits, target) in _heads(out, stream).items():
            peak = logits.max(axis=1, keepdims=True)
            log_sum = peak[:, 0] + np.log(np.exp(logits - peak).sum(axis=1))
            nll[head] += float((log_sum - logits[np.arange(len(target)), target]).sum())
            hits[head] += int((logits.argmax(axis=1) == target).sum())
            count[head] += len(target)
        report(len(solo.notes))
    return {
        head: {
            "nll": nll[head] / max(1, count[head]),
            "ppl": math.exp(nll[head] / max(1, count[head])),
            "acc": hits[head] / max(1, count[head]),
            "n": count[head],
        }
        for head in heads
    }


def outputs(stepper: Stepper, stream: Stream) -> f.F32:
    """Raw outputs [notes, OUTPUTS] of a stream, state fed back from zero."""
    x = np.zeros((1, f.FLOATS + stepper.hidden), np.float32)
    out = np.empty((len(stream), f.OUTPUTS), np.float32)
    for i in range(len(stream)):
        x[0, : f.FLOATS] = stream.floats[i]
        said = stepper.step(stream.ids[i], x)[0]
        out[i] = said[: f.OUTPUTS]
        x[0, f.FLOATS :] = said[f.OUTPUTS :]
    return out


def _heads(out: f.F32, stream: Stream) -> dict[str, tuple[f.F32, f.I32]]:
    """{head: (logits, targets)} of the notes after the first that have a target."""
    position, pitch, velocity, duration, shift = stream.targets[1:].T
    last, root = stream.last[1:], stream.root[1:]
    closing = (position == 2)[:, None]

    def view(pair: tuple[slice, slice]) -> f.F32:
        return np.where(closing, out[:, pair[1]], out[:, pair[0]])

    row = np.arange(len(out))[:, None]
    tones = out[:, f.REGISTER] + view(f.INTERVAL)[row, _INTERVAL_OF[last]]
    tones = tones + view(f.DEGREE)[row, _DEGREE_OF[root]] * (root >= 0)[:, None]
    ratio = out[:, f.RATIO][row, f.RATIO_OF[shift]] * (shift >= 0)[:, None]
    moved = shift >= 0
    return {
        "pitch": (tones, pitch),
        "time_shift": (view(f.TIME)[moved], shift[moved]),
        "duration": (view(f.DURATION) + ratio, duration),
        "position": (out[:, f.POSITION], position),
        "velocity": (out[:, f.VELOCITY], velocity),
    }
