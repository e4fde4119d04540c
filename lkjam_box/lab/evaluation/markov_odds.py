"""The Markov engine's probabilities of the next pitch, teacher-forced. Pure.

The engine only draws, so probabilities are derived from its memory
(:class:`...brain.suffixes.Suffixes`): counts of what followed the longest known context,
backing off to shorter ones as ``followers`` does, then its vocabulary, then its stock of steps;
where a phrase begins, weights that fall off linearly from the last pitch, as in the engine. All
are multiplied by its weights of pitches over the chord. Left out is what acts in a draw only:
the six newest followers, moves by a semitone, the register and top-p. ``FLOOR`` of the mass
is spread evenly, as the engine never plays some intervals at all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random

import numpy as np

from ...brain.encoder import ANTICIPATION_BEATS
from ...brain.markov_licks import STEP_SHARES, VOCABULARY
from ...brain.phrases import positions
from ...brain.suffixes import ORDER, START, Step, Suffixes, symbol
from ...music.scales import key_mask, pitch_weights
from ...protocol.engine import Position
from ..training.corpus import Solo
from .ngram import F64

GIVEN = {
    "pitch": "steps before in the phrase, from its memory; chord and key at the onset",
    "time_shift": "no odds: lengths are drawn from lists, on a grid of twelfths of a beat",
    "duration": "no odds: as time_shift",
    "position": "no odds: phrases end when a length drawn from a list is over",
    "velocity": "no odds: made from place and pitch",
}
FLOOR = 0.02
ESCAPE = 1.5  # as in brain.suffixes
LARGE = 1 << 20  # steps: nothing of a corpus is forgotten
_OPENING = {step: 6 - abs(step) for step in range(-5, 6)}
_STOCK = dict(STEP_SHARES)


_Counted = Callable[[Sequence[Step]], Mapping[int, int]]


class _AlwaysZero(Random):
    """Always 0: so ``followers`` never backs off from a context that has followers."""

    def random(self) -> float:
        return 0.0


_ZERO = _AlwaysZero()


def scores(train: Sequence[Solo], solos: Iterable[Solo]) -> dict[str, dict[str, float]]:
    """``{"on stage": {"nll", "ppl", "acc", "n"}, "trained": …}`` of every note after the first.

    "on stage": the memory holds only this solo up to the note; "trained" (left out when
    ``train`` is empty): it holds all of ``train``, forgets nothing and learns no more.
    """
    solos = list(solos)
    out = {"on stage": _score(solos, None)}
    if train:
        memory = Suffixes(LARGE)
        for solo in train:
            for context, step in _steps(solo):
                if step is not None:
                    memory.learn(context, step)
        out["trained"] = _score(solos, memory)
    return out


def _score(solos: Iterable[Solo], trained: Suffixes | None) -> dict[str, float]:
    nll, hits, count = 0.0, 0, 0
    counted = _remembered() if trained is not None else _counted
    for solo in solos:
        memory = Suffixes() if trained is None else trained
        key = key_mask(players_key(solo.harmony.progression.key))
        for i, (context, step) in enumerate(_steps(solo), 1):
            note, last = solo.notes[i], solo.notes[i - 1].pitch
            chord = solo.harmony.chord_at(note.onset_beats + ANTICIPATION_BEATS)
            fits = np.tile(pitch_weights(chord, key), 11)[:128]
            weights = _odds(memory, context if step is not None else [], last, counted) * fits
            odds = FLOOR / 128 + (1 - FLOOR) * weights / weights.sum()
            nll -= math.log(odds[note.pitch])
            hits += int(odds.argmax() == note.pitch)
            count += 1
            if step is not None and trained is None:
                memory.learn(context, step)
    mean = nll / max(1, count)
    return {"nll": mean, "ppl": math.exp(mean), "acc": hits / max(1, count), "n": count}


def players_key(text: str) -> str:
    """A key of the corpus (``Eb-min``, ``D-dor``, ``F#-chrom``) as the box writes it (``Ebm``)."""
    tonic, _, mode = text.partition("-")
    return tonic + ("m" if mode in ("min", "dor") else "")


def _steps(solo: Solo) -> list[tuple[list[int], Step | None]]:
    """(context, step) of every note after the first; step None where a new phrase begins."""
    out: list[tuple[list[int], Step | None]] = []
    context = [START]
    places = positions(solo.notes, solo.bpm)
    for last, note, place in zip(solo.notes, solo.notes[1:], places, strict=False):
        if place == Position.END:
            out.append(([START], None))
            context = [START]
            continue
        way_beats = max(note.onset_beats - last.onset_beats, 1e-3)
        interval = max(-12, min(12, note.pitch - last.pitch))
        twelfths = max(1, min(48, round(way_beats * 12)))
        step = (interval, twelfths, max(0.2, min(1.0, last.duration_beats / way_beats)))
        out.append((context, step))
        context = [*context[1 - ORDER :], symbol(interval, twelfths)]
    return out


def _counted(steps: Sequence[Step]) -> Mapping[int, int]:
    return Counter(step[0] for step in steps)


def _remembered() -> _Counted:
    """:func:`_counted` with a cache, for lists that no longer change: a corpus' are long."""
    known: dict[int, Mapping[int, int]] = {}

    def counted(steps: Sequence[Step]) -> Mapping[int, int]:
        found = known.get(id(steps))
        if found is None:
            found = known[id(steps)] = _counted(steps)
        return found

    return counted


def _odds(memory: Suffixes, context: Sequence[int], last: int, counted: _Counted) -> F64:
    """Weights of the 128 pitches after ``last``; an empty context: a phrase begins."""
    odds = np.zeros(128)
    if not context:
        _spread(odds, last, _OPENING, 1.0)
        return odds
    left = 1.0
    for source in (memory, VOCABULARY):
        seen: list[Step] = []
        for length in range(min(ORDER, len(context)), 0, -1):
            steps = source.followers(context[-length:], _ZERO)
            if not steps or steps is seen:
                continue
            seen = steps
            share = len(steps) / (len(steps) + ESCAPE)
            _spread(odds, last, counted(steps), left * share)
            left *= 1 - share
    _spread(odds, last, _STOCK, left)
    return odds


def _spread(odds: F64, last: int, steps: Mapping[int, int], share: float) -> None:
    """Add ``share`` to ``odds``, divided among the intervals of ``steps`` by their weights."""
    unit = share / sum(steps.values())
    for interval, weight in steps.items():
        if 0 <= last + interval < 128:
            odds[last + interval] += weight * unit
