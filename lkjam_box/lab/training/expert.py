"""Stage 3: calls and answers on a loop grid, each labelled with its strategy.

Human answers are what the player played next; others are made from the call by rule
(:mod:`.replies`). A layout gives each stretch of notes a role and a line, so that the
encoder sees whole turns and answers that end before their line.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from ...music.note import Note
from ...protocol.engine import Role, Strategy
from .calls import EARLY_BEATS, between
from .corpus import Solo
from .pairs import Pair
from .replies import reply
from .similarity import contour_correlation, interval_similarity
from .streams import CLEAN_BEATS, Stretch, density_of

LEAST_NOTES = 3
_BARS = (1, 2, 4, 4)
_MADE = (Strategy.CONTINUATION, Strategy.IMITATION, Strategy.INVERSION, Strategy.CONTRAST)


@dataclass(frozen=True, slots=True)
class Shares:
    """Probabilities with which an answer is chosen and labelled."""

    human: float = 0.3  # that it is what the player played next, if that ends in time
    labelled: float = 0.5  # that such an answer has its strategy as label, not FREE
    density: float = 0.5  # that an answer has its density as label
    free: float = 0.12  # that an imitation is labelled FREE


def label_of(call: Sequence[Note], answer: Sequence[Note]) -> Strategy:
    """Which strategy a human's answer comes nearest to; FREE when none."""
    if len(call) < 4 or len(answer) < 4:
        return Strategy.FREE
    likeness = interval_similarity(call, answer)
    if likeness > 0.5:
        return Strategy.IMITATION
    correlation = contour_correlation(call, answer)
    if correlation < -0.6:
        return Strategy.INVERSION
    near = abs(answer[0].pitch - call[-1].pitch) <= 4
    if near and answer[0].onset_beats - call[-1].end_beats < 2.0:
        return Strategy.CONTINUATION
    return Strategy.CONTRAST if likeness < 0.1 else Strategy.FREE


def exchanges(
    solo: Solo, rng: random.Random, shares: Shares = Shares()
) -> tuple[Solo, list[Stretch]]:
    """(solo of calls and answers, its layout): every other window of 1 to 4 bars is the player's
    call, the one after it an answer by the player or by rule."""
    notes, bar = solo.notes, solo.harmony.progression.metre.bar_beats
    origin = solo.harmony.origin_beats
    line = origin + bar * math.floor((notes[0].onset_beats - origin + EARLY_BEATS) / bar)
    line += bar * rng.randrange(4)
    out: list[Note] = []
    layout: list[Stretch] = []
    end = notes[-1].onset_beats
    while line < end:
        length = bar * rng.choice(_BARS)
        call = between(notes, line, line + length)
        if len(call) >= LEAST_NOTES and out and out[-1].end_beats > call[0].onset_beats:
            out[-1] = _cut(out[-1], call[0].onset_beats)
        if len(call) >= LEAST_NOTES:
            real = between(notes, line + length, line + 2 * length)
            strategy, answer = _answer(solo, call, line, length, real, rng, shares)
            if answer:
                call_end = min(line + length, answer[0].onset_beats)
                call = (*call[:-1], _cut(call[-1], call_end))
                first = len(out)
                out += call
                layout.append(Stretch(first, len(out), Role.HUMAN, line + length, line))
                density = density_of(len(answer), length) if rng.random() < shares.density else 0
                first, line_b = len(out), line + length
                out += answer
                layout.append(
                    Stretch(first, len(out), Role.BOX, line_b + length, line_b, strategy, density)
                )
        line += 2 * length
    return replace(solo, notes=tuple(out), phrases=()), layout


def _answer(
    solo: Solo,
    call: tuple[Note, ...],
    line: float,
    length: float,
    real: tuple[Note, ...],
    rng: random.Random,
    shares: Shares,
) -> tuple[Strategy, tuple[Note, ...]]:
    closes = len(real) >= LEAST_NOTES and real[-1].end_beats <= line + 2 * length - CLEAN_BEATS
    if closes and rng.random() < shares.human:
        label = label_of(call, real) if rng.random() < shares.labelled else Strategy.FREE
        return label, real
    strategy = rng.choice(_MADE)
    start = line + length
    made = reply(
        call, line, strategy, solo.harmony, start, start + length, rng, solo.low, solo.high
    )
    if strategy is Strategy.IMITATION and rng.random() < shares.free:
        strategy = Strategy.FREE
    return strategy, made


def paired(solo: Solo, pairs: Sequence[Pair], rng: random.Random) -> list[Stretch]:
    """A layout of the unchanged solo: of each annotated pair the call is a human's turn and the
    response right after it the box's answer; all other notes are a human's, without a line."""
    bar = solo.harmony.progression.metre.bar_beats
    origin = solo.harmony.origin_beats
    layout: list[Stretch] = []
    at = 0
    for pair in sorted(pairs, key=lambda pair: pair.call[0]):
        (call, call_last), (first, last) = pair.call, pair.response
        if call < at or first != call_last + 1 or last >= len(solo.notes):
            continue
        if call > at:
            layout.append(_open(solo, at, call))
        line = solo.notes[first].onset_beats
        ends = solo.notes[last].end_beats
        after = origin + bar * math.ceil((ends - origin) / bar)
        following = solo.notes[last + 1].onset_beats if last + 1 < len(solo.notes) else math.inf
        closes = after <= following + EARLY_BEATS
        layout.append(Stretch(call, first, Role.HUMAN, math.inf, solo.notes[call].onset_beats))
        label = Strategy.FREE
        if rng.random() < 0.3:
            label = label_of(solo.notes[call:first], solo.notes[first : last + 1])
        layout.append(
            Stretch(first, last + 1, Role.BOX, after if closes else math.inf, line, label)
        )
        at = last + 1
    if at < len(solo.notes):
        layout.append(_open(solo, at, len(solo.notes)))
    return layout


def _open(solo: Solo, first: int, last: int) -> Stretch:
    """Notes that belong to no pair; their start marks a new turn."""
    return Stretch(first, last, Role.HUMAN, math.inf, solo.notes[first].onset_beats - 0.01)


def _cut(note: Note, end: float) -> Note:
    room = max(1 / 64, end - note.onset_beats)
    return structs.replace(note, duration_beats=min(note.duration_beats, room))
