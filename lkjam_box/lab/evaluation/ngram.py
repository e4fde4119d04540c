"""N-gram baselines of every head: predictions of the next note from counts alone. Pure.

Orders 1 to 5, interpolated after Witten and Bell (1991): the distribution after a context is
mixed with that of the context one symbol shorter, whose weight grows with the number of
different symbols that followed. How fast is one number per order, fitted on a tenth of the
training tunes, held out from counting; then all are counted. None is fitted on the solos scored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ...brain import features as f
from ...brain.phrases import positions
from ..training.corpus import Solo
from ..training.teacher import Scores

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Rows = tuple[I64, I64]  # contexts [n, LONGEST] nearest first, targets [n]
Ngrams = dict[str, dict[str, dict[str, float]]]  # head -> kind and order -> score

ORDERS = 5
LONGEST = ORDERS - 1  # symbols of a context
NOTHING = 511  # the symbol before the first note and after the last
KEYS = range(-5, 7)  # semitones that the training solos are moved by, for pitch
GIVEN = {
    "pitch": "n - 1 pitches, in 12 keys; n - 1 intervals and the last pitch; both mixed",
    "time_shift": "n - 1 time-shifts",
    "duration": "time-shift to the next note, position, durations before; the first n - 1",
    "position": "position before, time-shifts before; the first n - 1",
    "velocity": "n - 1 velocities",
}
_BITS = 9
_STRENGTHS = 2.0 ** np.arange(-3, 9)
_WEIGHTS = np.arange(21) / 20
_FAR = 127  # intervals -127 .. 127
_SIZES = {
    "pitch": 128,
    "time_shift": f.TIME_BINS,
    "duration": f.DURATION_BINS,
    "position": 3,
    "velocity": f.VELOCITY_BINS,
}


@dataclass(frozen=True, slots=True)
class _Table:
    """What followed each context of one length: followers ``starts[i]`` to ``starts[i + 1]``."""

    length: int
    contexts: I64  # sorted
    starts: I64
    followers: I64
    counts: I64

    @classmethod
    def of(cls, length: int, rows: Rows) -> _Table:
        codes, counts = np.unique(_codes(rows[0], length) << _BITS | rows[1], return_counts=True)
        contexts, starts = np.unique(codes >> _BITS, return_index=True)
        ends = np.append(starts, len(codes)).astype(np.int64)
        return cls(length, contexts, ends, codes & (1 << _BITS) - 1, counts.astype(np.int64))

    def seen(self, contexts: I64, symbols: int) -> F64:
        """How often each symbol followed each context: [n, symbols]."""
        out = np.zeros((len(contexts), symbols))
        codes = _codes(contexts, self.length)
        at = np.minimum(np.searchsorted(self.contexts, codes), len(self.contexts) - 1)
        known = np.flatnonzero(self.contexts[at] == codes)
        begin, sizes = self.starts[at[known]], np.diff(self.starts)[at[known]]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        places = np.repeat(begin, sizes) + within
        out[np.repeat(known, sizes), self.followers[places]] = self.counts[places]
        return out


class Ngram:
    """Interpolated orders 1 to 5 over ``symbols`` kinds of symbols."""

    def __init__(self, symbols: int, rows: Rows, strengths: Sequence[float] = ()) -> None:
        self._symbols = symbols
        self._tables = [_Table.of(length, rows) for length in range(ORDERS)]
        self.strengths = tuple(strengths) or (1.0,) * ORDERS

    def odds(self, contexts: I64) -> list[F64]:
        """Probabilities [n, symbols] of orders 1 to 5."""
        out: list[F64] = []
        odds = np.full((len(contexts), self._symbols), 1 / self._symbols)
        for table, strength in zip(self._tables, self.strengths, strict=True):
            seen = table.seen(contexts, self._symbols)
            shorter = strength * (seen > 0).sum(axis=1, keepdims=True)
            total = seen.sum(axis=1, keepdims=True) + shorter
            odds = np.where(total > 0, (seen + shorter * odds) / np.maximum(total, 1e-9), odds)
            out.append(odds)
        return out

    def fitted(self, rows: Rows) -> tuple[float, ...]:
        """The strength of each order that makes ``rows`` likeliest, shortest order first."""
        contexts, targets = rows
        row = np.arange(len(targets))
        odds: F64 = np.full(len(targets), 1 / self._symbols)  # of the targets
        out = []
        for table in self._tables:
            seen = table.seen(contexts, self._symbols)
            hits, totals, kinds = seen[row, targets], seen.sum(axis=1), (seen > 0).sum(axis=1)
            known = totals > 0
            tried = []
            for strength in _STRENGTHS:
                mixed = (hits + strength * kinds * odds) / np.maximum(totals + strength * kinds, 1)
                tried.append(np.where(known, mixed, odds))
            best = int(np.argmax([np.log(one).sum() for one in tried]))
            odds = tried[best]
            out.append(float(_STRENGTHS[best]))
        return tuple(out)


class Baselines:
    """N-grams of all heads, trained on ``train``."""

    def __init__(self, train: Sequence[Solo]) -> None:
        titles = sorted({solo.title for solo in train})
        held = set(titles[4::10] or titles[1:2])
        counted = [solo for solo in train if solo.title not in held]
        fitting = [solo for solo in train if solo.title in held]
        self._ngrams: dict[str, Ngram] = {}
        self._weights = [0.5] * ORDERS
        trial: dict[str, Ngram] = {}
        for name, (symbols, rows_of) in _MODELS.items():
            keys = KEYS if name == "pitch" else range(1)
            if fitting:
                trial[name] = Ngram(symbols, _all(counted, rows_of, keys))
                trial[name].strengths = trial[name].fitted(_all(fitting, rows_of))
            strengths = trial[name].strengths if fitting else ()
            self._ngrams[name] = Ngram(symbols, _all(train, rows_of, keys), strengths)
        if fitting:
            self._weights = _fitted_weights(trial, fitting)

    def scores(self, solos: Sequence[Solo]) -> Ngrams:
        """Every note after the first, as :func:`..teacher.evaluate` scores them.

        ``{"pitch": {"pitch 1": {"nll", "ppl", "acc", "n"}, …, "mixed 5": …}, "time_shift":
        {"1": …}, …}``.
        """
        tallies: dict[str, dict[str, _Tally]] = {head: {} for head in _SIZES}
        for solo in solos:
            for head, kind, odds, targets in self._heads(solo):
                tallies[head].setdefault(kind, _Tally()).add(odds, targets)
        return {
            head: {kind: tally.score() for kind, tally in kinds.items()}
            for head, kinds in tallies.items()
        }

    def _heads(self, solo: Solo) -> Iterator[tuple[str, str, F64, I64]]:
        """(head, kind and order, odds [n, symbols], targets [n]) of one solo."""
        pitches, leaps, targets = _both(self._ngrams, solo)
        for order in range(ORDERS):
            weight = self._weights[order]
            mixed = weight * pitches[order] + (1 - weight) * leaps[order]
            for kind, odds in (
                ("pitch", pitches[order]),
                ("interval", leaps[order]),
                ("mixed", mixed),
            ):
                yield "pitch", f"{kind} {order + 1}", odds, targets
        for head in ("time_shift", "duration", "position", "velocity"):
            contexts, targets = _after_first(_MODELS[head][1](solo))
            for order, odds in enumerate(self._ngrams[head].odds(contexts), 1):
                yield head, str(order), odds, targets


def best(scores: Ngrams) -> Scores:
    """The best baseline of each head, by nll."""
    return {head: min(kinds.values(), key=lambda row: row["nll"]) for head, kinds in scores.items()}


class _Tally:
    def __init__(self) -> None:
        self._nll, self._hits, self._count = 0.0, 0, 0

    def add(self, odds: F64, targets: I64) -> None:
        self._nll -= float(np.log(odds[np.arange(len(targets)), targets]).sum())
        self._hits += int((odds.argmax(axis=1) == targets).sum())
        self._count += len(targets)

    def score(self) -> dict[str, float]:
        count = max(1, self._count)
        nll = self._nll / count
        return {"nll": nll, "ppl": math.exp(nll), "acc": self._hits / count, "n": self._count}


# --- solos as rows ---------------------------------------------------------------------


def _codes(contexts: I64, length: int) -> I64:
    """One number for the nearest ``length`` symbols."""
    code = np.zeros(len(contexts), np.int64)
    for column in range(length):
        code = code << _BITS | contexts[:, column]
    return code


def _before(symbols: I64) -> I64:
    """The LONGEST symbols before each one, nearest first."""
    padded = np.concatenate([np.full(LONGEST, NOTHING, np.int64), symbols])
    count = len(symbols)
    return np.stack([padded[LONGEST - k : LONGEST - k + count] for k in range(1, ORDERS)], axis=1)


def _pitches(solo: Solo) -> I64:
    return np.array([note.pitch for note in solo.notes], np.int64)


def _shifts(solo: Solo) -> I64:
    """Time-shift bin to the next note, NOTHING after the last."""
    notes = solo.notes
    bins = [f.time_bin(b.onset_beats - a.onset_beats) for a, b in pairwise(notes)]
    return np.array([*bins, NOTHING], np.int64)


def _pitch_rows(solo: Solo) -> Rows:
    pitches = _pitches(solo)
    return _before(pitches), pitches


def _interval_rows(solo: Solo) -> Rows:
    """Rows of every note after the first."""
    intervals = np.diff(_pitches(solo)) + _FAR
    return _before(intervals), intervals


def _time_rows(solo: Solo) -> Rows:
    """Rows of every note before the last."""
    shifts = _shifts(solo)[:-1]
    return _before(shifts), shifts


def _duration_rows(solo: Solo) -> Rows:
    lengths = np.array([f.duration_bin(note.duration_beats) for note in solo.notes], np.int64)
    before = _before(lengths)
    return np.stack([_shifts(solo), _places(solo), before[:, 0], before[:, 1]], axis=1), lengths


def _position_rows(solo: Solo) -> Rows:
    places, came = _places(solo), _before(_shifts(solo))
    return np.stack([_before(places)[:, 0], *came[:, :3].T], axis=1), places


def _velocity_rows(solo: Solo) -> Rows:
    loud = np.array([f.velocity_bin(note.velocity) for note in solo.notes], np.int64)
    return _before(loud), loud


def _places(solo: Solo) -> I64:
    return np.array(positions(solo.notes, solo.bpm), np.int64)


_MODELS: dict[str, tuple[int, Callable[[Solo], Rows]]] = {
    "pitch": (_SIZES["pitch"], _pitch_rows),
    "interval": (2 * _FAR + 1, _interval_rows),
    "time_shift": (_SIZES["time_shift"], _time_rows),
    "duration": (_SIZES["duration"], _duration_rows),
    "position": (_SIZES["position"], _position_rows),
    "velocity": (_SIZES["velocity"], _velocity_rows),
}


def _all(
    solos: Sequence[Solo], rows_of: Callable[[Solo], Rows], keys: Sequence[int] = range(1)
) -> Rows:
    """Rows of all solos in all keys; where a key leaves MIDI's pitches it is left out."""
    contexts, targets = [], []
    for solo in solos:
        before, target = rows_of(solo)
        for key in keys:
            if not key or (target.min() + key >= 0 and target.max() + key < 128):
                contexts.append(np.where(before == NOTHING, NOTHING, before + key))
                targets.append(target + key)
    return np.concatenate(contexts), np.concatenate(targets)


def _after_first(rows: Rows) -> Rows:
    return rows[0][1:], rows[1][1:]


def _both(ngrams: dict[str, Ngram], solo: Solo) -> tuple[list[F64], list[F64], I64]:
    """Probabilities of the next pitch, by pitches and by intervals, per order; true pitches [n]."""
    contexts, targets = _after_first(_pitch_rows(solo))
    last = contexts[:, 0]
    reached = np.arange(128)[None] - last[:, None] + _FAR
    leaps = []
    for odds in ngrams["interval"].odds(_interval_rows(solo)[0]):
        over = np.take_along_axis(odds, reached, axis=1)
        leaps.append(over / over.sum(axis=1, keepdims=True))
    return ngrams["pitch"].odds(contexts), leaps, targets


def _fitted_weights(ngrams: dict[str, Ngram], solos: Sequence[Solo]) -> list[float]:
    """The weight of the pitch n-grams in the mixture with the interval n-grams, per order."""
    logs = np.zeros((ORDERS, len(_WEIGHTS)))
    for solo in solos:
        pitches, leaps, targets = _both(ngrams, solo)
        row = np.arange(len(targets))
        for order in range(ORDERS):
            a, b = pitches[order][row, targets], leaps[order][row, targets]
            logs[order] += np.log(_WEIGHTS[:, None] * a + (1 - _WEIGHTS[:, None]) * b).sum(axis=1)
    return [float(_WEIGHTS[int(best)]) for best in logs.argmax(axis=1)]
