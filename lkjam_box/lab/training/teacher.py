"""Teacher-forced scores of a model file, run note by note through the box's runtime."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ...brain import features as f
from ...brain.model_runtime import Stepper
from .corpus import Solo
from .streams import Stream, encode, whole

Scores = dict[str, dict[str, float]]
HEADS = ("pitch", "time_shift", "duration", "position", "velocity")
GIVEN = {
    "pitch": "all notes before, own onset",
    "time_shift": "all notes before, own onset; to the next note",
    "duration": "all notes before, own onset, position, time-shift to the next note",
    "position": "all notes before, own onset",
    "velocity": "all notes before, own onset",
}
_PITCHES = np.arange(128)
_INTERVAL_OF = np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR
_DEGREE_OF = (_PITCHES[None] - np.arange(12)[:, None]) % 12


def evaluate(
    stepper: Stepper, solos: Sequence[Solo], report: Callable[[int], None] = lambda notes: None
) -> Scores:
    """Every note after the first of each solo; what is given stands in :data:`GIVEN`.

    ``{"pitch": {"nll", "ppl", "acc", "n"}, "time_shift": …, "duration": …, "position": …,
    "velocity": …}``; nll in nats. Position is that of the phrase rule.
    ``report`` is told the number of notes after each solo.
    """
    return score(stepper, (encode(solo, whole(solo), stepper.blind) for solo in solos), report)


def score(
    stepper: Stepper, streams: Iterable[Stream], report: Callable[[int], None] = lambda notes: None
) -> Scores:
    """:func:`evaluate` of streams that are encoded already, in any layout, and with the
    ``blind`` of ``stepper``."""
    tally = Tally()
    for stream in streams:
        tally.add(outputs(stepper, stream), stream)
        report(len(stream))
    return tally.scores()


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


def likeliest(out: f.F32, stream: Stream) -> f.I32:
    """The likeliest pitch of every note after the first: [notes - 1]."""
    best: f.I32 = _heads(out[1:], stream)["pitch"][0].argmax(axis=1).astype(np.int32)
    return best


class Tally:
    """Sums of loss, hits and notes of every head, over streams."""

    def __init__(self) -> None:
        self._nll = dict.fromkeys(HEADS, 0.0)
        self._hits = dict.fromkeys(HEADS, 0)
        self._count = dict.fromkeys(HEADS, 0)

    def add(self, out: f.F32, stream: Stream) -> None:
        """Outputs [notes, OUTPUTS] of a whole stream; its first note is left out."""
        for head, (logs, target) in _heads(out[1:], stream).items():
            self._nll[head] -= float(logs[np.arange(len(target)), target].sum())
            self._hits[head] += int((logs.argmax(axis=1) == target).sum())
            self._count[head] += len(target)

    def scores(self) -> Scores:
        out: Scores = {}
        for head in HEADS:
            count = max(1, self._count[head])
            nll = self._nll[head] / count
            out[head] = {
                "nll": nll,
                "ppl": math.exp(nll),
                "acc": self._hits[head] / count,
                "n": self._count[head],
            }
        return out


def _log_softmax(logits: f.F32) -> f.F32:
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: f.F32 = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs


def _add_guesses(
    logits: f.F32, out: f.F32, first: int, ids: f.I32, guesses: f.Guesses, start: f.I32 | int
) -> None:
    """Add column ``first`` + i of ``out`` to the choice of guess i in ``logits`` [n, choices]."""
    rows = np.arange(len(out))
    for i, (table, beside) in enumerate(guesses):
        value, there = f.guessed(ids, table)
        choice = start + value + beside
        there = there & (choice >= 0) & (choice < logits.shape[1])
        logits[rows[there], choice[there]] += out[there, first + i]


def _heads(out: f.F32, stream: Stream) -> dict[str, tuple[f.F32, f.I32]]:
    """{head: (log probabilities, targets)} of the notes after the first that have a target.

    Pitch and time-shift have one set of outputs for notes that close a phrase and one for the
    others. The position is not given, so both are mixed by the position head's probabilities.
    """
    position, pitch, velocity, duration, shift = stream.targets[1:].T
    last, root = stream.last[1:], stream.root[1:]
    row = np.arange(len(out))[:, None]
    places = _log_softmax(out[:, f.POSITION])
    odds = np.stack([np.logaddexp(places[:, 0], places[:, 1]), places[:, 2]])[:, :, None]

    def tones(closing: int) -> f.F32:
        interval = out[:, f.INTERVAL[closing]][row, _INTERVAL_OF[last]]
        degree = out[:, f.DEGREE[closing]][row, _DEGREE_OF[root]] * (root >= 0)[:, None]
        logits = out[:, f.REGISTER] + interval + degree
        _add_guesses(logits, out, f.GUESS_PITCH.start, stream.ids[1:], f.PITCH_GUESSES, last)
        return _log_softmax(logits)

    def mixed(a: f.F32, b: f.F32) -> f.F32:
        both: f.F32 = np.logaddexp(odds[0] + a, odds[1] + b)
        return both

    def times(closing: int) -> f.F32:
        logits = out[:, f.TIME[closing]].copy()
        _add_guesses(logits, out, f.GUESS_TIME.start, stream.ids[1:], f.TIME_GUESSES, 0)
        return _log_softmax(logits)

    shifts = mixed(times(0), times(1))
    closing = (position == 2)[:, None]
    lengths = np.where(closing, out[:, f.DURATION[1]], out[:, f.DURATION[0]])
    ratios = np.where(closing, out[:, f.RATIO[1]], out[:, f.RATIO[0]])
    lengths = lengths + ratios[row, f.RATIO_OF[shift]] * (shift >= 0)[:, None]
    moved = shift >= 0
    return {
        "pitch": (mixed(tones(0), tones(1)), pitch),
        "time_shift": (shifts[moved], shift[moved]),
        "duration": (_log_softmax(lengths), duration),
        "position": (places, position),
        "velocity": (_log_softmax(out[:, f.VELOCITY]), velocity),
    }
