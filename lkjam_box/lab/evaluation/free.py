"""Free-running answers: an engine's own answers to held-out calls, one by one. Pure.

An engine hears the notes of one call, nothing else, and answers over the bars of the
human's answer. Controls are set as a player would: the style of the solo, no density,
register of the box's default options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Protocol, runtime_checkable

from msgspec import structs

from ...brain.phrases import positions
from ...music.harmony import Harmony
from ...music.note import Note
from ...protocol.engine import ControlValues, Engine, Position, Question, Role, Scene, Strategy
from ..training.exchange import Exchange
from .markov_odds import players_key

CUT_BEATS = 1 / 24  # a last note that ends nearer to the line than this was cut by it,
LATE_BEATS = 1 / 4  # and so was one that begins nearer to the line than this


class Placed(Protocol):
    """A note of an engine's answer, with the position that the engine gave it."""

    @property
    def note(self) -> Note: ...
    @property
    def position(self) -> Position: ...
    @property
    def own(self) -> bool:
        """False when the line forced the position."""
        ...

    @property
    def unasked(self) -> bool:
        """False also when the engine chose the position only because the line was near."""
        ...


@runtime_checkable
class Placing(Protocol):
    """An engine that tells the position of every note it plays."""

    def placed(self, question: Question) -> Iterator[Placed]: ...


def chosen(calls: Sequence[Exchange], count: int, seed: int = 0) -> list[Exchange]:
    """``count`` calls spread evenly over all of them, in order; ``seed`` says which.

    With more asked for than there are, every call comes as often as the others or once
    more: its answers then differ by their seeds.
    """
    if not calls:
        return []
    rounds, rest = divmod(count, len(calls))
    first = Random(seed).random()
    picked = [int((i + first) * len(calls) / rest) for i in range(rest)]
    return [*list(calls) * rounds, *(calls[i] for i in picked)]


def answers(
    make_engine: Callable[[], Engine],
    calls: Sequence[Exchange],
    strategy: Strategy = Strategy.FREE,
    controls: ControlValues | None = None,
    seed: int = 0,
    report: Callable[[int], None] = lambda done: None,
) -> list[Exchange]:
    """Each call with the engine's answer in place of the human's; it forgets between calls.

    ``report`` is told after each answer how many there are. The n-th call is answered with
    a seed of ``seed`` and n.
    """
    engine, controls = make_engine(), controls or ControlValues()
    out = []
    for number, call in enumerate(calls):
        asked = replace(controls, strategy=strategy, style=call.scene.style)
        heard, scene = _playable(call.call_scene), asked.over(_playable(call.scene))
        engine.forget()
        for note, position in zip(call.call, positions(call.call, heard.bpm), strict=True):
            engine.hear(note, position, Role.HUMAN, heard)
        played = replace(call, scene=scene, strategy=strategy, seen=True)
        out.append(_answered(played, engine, heard, asked, seed * 1_000_003 + number))
        report(len(out))
    return out


def random_pairing(calls: Sequence[Exchange], seed: int = 0) -> list[Exchange]:
    """Each call with the human answer to another one, of another solo where there is one,
    moved to this call's bars and its time; its notes sound over these bars' chords."""
    random = Random(f"pairing {seed}")  # not the draws of motif.random_calls: they must differ
    out = []
    for call in calls:
        others = [x for x in calls if _solo(x) != _solo(call)] or [x for x in calls if x != call]
        if not others:
            continue
        other = random.choice(others)
        move = call.scene.start_beats - other.scene.start_beats
        notes = tuple(structs.replace(n, onset_beats=n.onset_beats + move) for n in other.answer)
        out.append(replace(call, answer=notes, closed=other.closed, seen=False))
    return out


def stops_by_itself(notes: Sequence[Note], scene: Scene) -> bool:
    """Whether an answer ended by itself and was not cut by the line, judged by its notes.

    For engines that tell no positions: the last note begins at least LATE_BEATS and ends at
    least CUT_BEATS before the line. False for an answer without notes.
    """
    if not notes:
        return False
    last, line = notes[-1], scene.end_beats
    return line - last.onset_beats >= LATE_BEATS and line - last.end_beats >= CUT_BEATS - 1e-9


def _answered(
    asked: Exchange, engine: Engine, heard: Scene, controls: ControlValues, seed: int
) -> Exchange:
    """``asked`` with the engine's answer, and whether that closed by itself inside the loop.

    Of an engine that tells no positions, every answer that closes counts as unasked.
    """
    scene = asked.scene
    if not isinstance(engine, Placing):
        notes = tuple(engine.answer(Question((), heard, scene, controls, seed)))
        closed = stops_by_itself(notes, scene)
        return replace(asked, answer=notes, closed=closed, unasked=closed)
    placed = tuple(engine.placed(Question((), heard, scene, controls, seed)))
    closed = unasked = False
    if placed:
        last = placed[-1]
        inside = last.note.end_beats <= scene.end_beats
        closed = last.own and last.position is Position.END and inside
        unasked = closed and last.unasked
    return replace(asked, answer=tuple(one.note for one in placed), closed=closed, unasked=unasked)


def _solo(call: Exchange) -> int:
    """The solo a call is of: windows of one solo share its harmony."""
    return id(call.scene.harmony)


def _playable(scene: Scene) -> Scene:
    """``scene`` with its key written as the box's engines read it."""
    return replace(scene, harmony=_keyed(scene.harmony))


@lru_cache(maxsize=64)
def _keyed(harmony: Harmony) -> Harmony:
    progression = harmony.progression
    return replace(harmony, progression=replace(progression, key=players_key(progression.key)))
