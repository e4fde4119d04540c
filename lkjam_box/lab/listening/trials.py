"""The trials of a kit: calls, the order of the systems' answers, and their tokens. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random
from statistics import NormalDist

from msgspec.structs import replace

from ...brain.phrases import rest_beats
from ...music.note import Note
from ..training.corpus import Solo
from ..training.exchange import Exchange

SYSTEMS = ("human", "model", "markov")
ORDERS = tuple(permutations(range(len(SYSTEMS))))
LEAST_NOTES = 8
BPM_RANGE = (80.0, 240.0)
_LOUDNESS = NormalDist(80.0, 12.0)  # of velocities, in every line alike


@dataclass(frozen=True, slots=True)
class Trial:
    """A call and its clips. ``tokens[i]`` is the file name of the answer by ``systems[i]``.

    The page shows the tokens in this order, permuted by the listener's group (``ORDERS``). In a
    catch trial all systems are the same.
    """

    token: str
    exchange: Exchange  # the human's
    solo: Solo
    systems: tuple[str, ...]
    tokens: tuple[str, ...]
    catch: bool = False


def candidates(solo: Solo, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The ``exchanges`` of ``solo`` fit for listening: no extreme tempo, enough notes in both
    turns, chords throughout, and a rest before the line in both: an answer that the line cuts
    in the middle of a phrase would be unfair to the human."""
    if not BPM_RANGE[0] <= solo.bpm <= BPM_RANGE[1]:
        return []
    return [
        x
        for x in exchanges
        if all(
            len(notes) >= LEAST_NOTES
            and scene.end_beats - notes[-1].end_beats >= rest_beats(scene.bpm) / 2
            for notes, scene in ((x.call, x.call_scene), (x.answer, x.scene))
        )
        and _chords_throughout(x)
    ]


def choose(
    found: Sequence[tuple[Solo, Sequence[Exchange]]], count: int, random: Random
) -> list[tuple[Solo, Exchange]]:
    """``count`` exchanges: one of every tune before a second of any; none overlap."""
    tunes: dict[str, list[tuple[Solo, Exchange]]] = {}
    for solo, exchanges in found:
        tunes.setdefault(solo.title, []).extend((solo, x) for x in exchanges)
    for pairs in tunes.values():
        random.shuffle(pairs)
    names = sorted(name for name, pairs in tunes.items() if pairs)
    random.shuffle(names)
    chosen: list[tuple[Solo, Exchange]] = []
    while names and len(chosen) < count:
        for name in list(names):
            pairs = tunes[name]
            while pairs and any(_overlap(pairs[-1], other) for other in chosen):
                pairs.pop()
            if not pairs:
                names.remove(name)
            elif len(chosen) < count:
                chosen.append(pairs.pop())
    return chosen


def lay_out(chosen: Sequence[tuple[Solo, Exchange]], catches: int, random: Random) -> list[Trial]:
    """Trials in order of their tokens; the last ``catches`` of ``chosen`` become catch trials.

    All six orders of the systems occur equally often (by at most one), in blocks of six: a
    replicated Latin square, balanced also for which system follows which. Catch trials take
    the systems in turn.
    """
    trials = []
    real = len(chosen) - catches
    block: list[tuple[int, ...]] = []
    for number, (solo, exchange) in enumerate(chosen):
        catch = number >= real
        if catch:
            systems = (SYSTEMS[(number - real) % len(SYSTEMS)],) * len(SYSTEMS)
        else:
            block = block or random.sample(ORDERS, len(ORDERS))
            systems = tuple(SYSTEMS[i] for i in block.pop())
        token, *tokens = (f"{random.getrandbits(48):012x}" for _ in range(1 + len(SYSTEMS)))
        trials.append(Trial(token, exchange, solo, systems, tuple(tokens), catch))
    return sorted(trials, key=lambda trial: trial.token)


def evened(notes: Sequence[Note]) -> tuple[Note, ...]:
    """The same notes with the same spread of velocities whoever played them.

    Each keeps its rank among the line's: rank r of n takes the (r + 1/2) / n quantile of one
    normal distribution; equal velocities share the middle of their ranks.
    """
    order = sorted(note.velocity for note in notes)
    count = len(order)
    out = []
    for note in notes:
        below = sum(v < note.velocity for v in order)
        same = sum(v == note.velocity for v in order)
        quantile = (below + same / 2) / count
        out.append(replace(note, velocity=round(_LOUDNESS.inv_cdf(quantile))))
    return tuple(out)


def _chords_throughout(x: Exchange) -> bool:
    beats = range(int(x.scene.end_beats - x.call_scene.start_beats) + 1)
    harmony = x.scene.harmony
    return not any(harmony.chord_at(x.call_scene.start_beats + beat).silent for beat in beats)


def _overlap(one: tuple[Solo, Exchange], other: tuple[Solo, Exchange]) -> bool:
    return one[0].id == other[0].id and (
        one[1].call_scene.start_beats < other[1].scene.end_beats
        and other[1].call_scene.start_beats < one[1].scene.end_beats
    )
