"""Turns of a take, and rules that say what of it is melody: the box, and two yardsticks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...config.options import Config
from ...midi.messages import note_off, note_on
from ...music.note import Note
from ...protocol.records import Turn
from ...stage.channel_guard import ChannelGuard
from ...stage.human import Human
from ...stage.ledger import Ledger
from ...stage.mpe import Zones
from ...stage.view import View
from ..training.corpus import Solo
from .played_keys import Key

BARS, LEAST = 4, 6  # of a call; fewer notes are none
EARLY_BEATS = Config().turns.early_beats
_TOP_S = 0.025


@dataclass(frozen=True, slots=True)
class Call:
    """A human turn of a take: lines in beats, its keys, and the melody as it is played."""

    solo: Solo
    start: float
    end: float
    keys: tuple[Key, ...]
    line: tuple[Note, ...]

    @property
    def beat_s(self) -> float:
        return 60 / self.solo.bpm


Rule = Callable[[Sequence[Call], Sequence[Key]], list[list[Note]]]


def calls(solo: Solo, keys: Sequence[Key]) -> list[Call]:
    """Every other four bars of a take, as the human's turns of a set with one box seat."""
    harmony, beat_s = solo.harmony, 60 / solo.bpm
    first = solo.notes[0].onset_beats + EARLY_BEATS - harmony.origin_beats
    start = harmony.origin_beats + first // (4 * BARS) * 4 * BARS
    found = []
    while start < solo.notes[-1].onset_beats:
        end = start + 4 * BARS
        around = (start - EARLY_BEATS) * beat_s, end * beat_s
        inside = tuple(key for key in keys if around[0] <= key.on_s < around[1])
        line = _line(inside, start, end, beat_s)
        if len(line) >= LEAST:
            found.append(Call(solo, start, end, inside, line))
        start = end + 4 * BARS
    return found


def _line(keys: Sequence[Key], start: float, end: float, beat_s: float) -> tuple[Note, ...]:
    """The melody of a turn: a note ends where the next, or an ornament of it, begins."""
    early = [key for key in keys if key.line and key.on_s < start * beat_s < key.off_s]
    line = [*early[-1:], *(key for key in keys if key.line and key.on_s >= start * beat_s)]
    limits_s = sorted(key.on_s for key in keys if key.line or key.grace)
    notes = []
    for key in line:
        next_s = next((at_s for at_s in limits_s if at_s > key.on_s), end * beat_s)
        onset, off = max(key.on_s / beat_s, start), min(key.off_s, next_s) / beat_s
        notes.append(Note(onset, key.pitch, key.velocity, min(off, end) - onset))
    return tuple(notes)


def ours(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    """The box's own ears, through a whole take."""
    if not turns:
        return []
    human = Human(
        Config(),
        ledger=Ledger(),
        guard=ChannelGuard(),
        zones=Zones(),
        view=View(wants_model=False),
        send=lambda message: None,
        to_brain=lambda record: None,
    )
    beat_s = turns[0].beat_s
    events: list[tuple[float, int, Callable[[], object]]] = []
    heard: list[list[Note]] = []
    for key in keys:
        on, off = note_on(0, key.pitch, key.velocity), note_off(0, key.pitch)
        for at_s, order, message in ((key.on_s, 3, on), (key.off_s, 0, off)):
            move = partial(human.message, at_s, at_s / beat_s, message)
            events.append((at_s, order, move))
    for serial, call in enumerate(turns):
        turn = Turn(serial, 0, 0, 0, 0, 0, call.start, call.end, 0.0, call.solo.bpm)
        events.append((call.start * beat_s, 2, partial(human.begin, turn)))
        events.append((call.end * beat_s, 1, partial(_end, human, call.end, heard)))
    for _, _, do in sorted(events, key=lambda event: event[:2]):
        do()
    return heard


def _end(human: Human, line_beats: float, heard: list[list[Note]]) -> None:
    heard.append(human.end(line_beats))


def each_anew(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    """The same, but every call is the first that the box ever hears."""
    return [notes for call in turns for notes in ours([call], call.keys)]


def top_of_25_ms(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    return [list(_top(call)) for call in turns]


def _top(call: Call) -> Iterator[Note]:
    line: list[Key] = []
    for key in _from_the_line(call):
        if line and key.on_s - line[-1].on_s < _TOP_S and line[-1].off_s > key.on_s:
            if key.pitch > line[-1].pitch:
                line[-1] = replace(key, on_s=line[-1].on_s)
        else:
            line.append(key)
    return _as_notes(line, call)


def skyline(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    return [list(_sky(call)) for call in turns]


def _sky(call: Call) -> Iterator[Note]:
    """Every key that none above it is down with as it is struck."""
    line: list[Key] = []
    down: list[Key] = []
    for key in _from_the_line(call):
        down = [other for other in down if other.off_s > key.on_s]
        if all(other.pitch < key.pitch for other in down):
            line.append(key)
        down.append(key)
    return _as_notes(line, call)


def _from_the_line(call: Call) -> list[Key]:
    line_s = call.start * call.beat_s
    early = [key for key in call.keys if key.on_s < line_s < key.off_s]
    top = max(early, key=lambda key: key.pitch, default=None)
    return [*([top] if top else []), *(key for key in call.keys if key.on_s >= line_s)]


def _as_notes(line: Sequence[Key], call: Call) -> Iterator[Note]:
    for number, key in enumerate(line):
        next_s = line[number + 1].on_s if number + 1 < len(line) else call.end * call.beat_s
        onset = max(key.on_s / call.beat_s, call.start)
        off = min(min(key.off_s, next_s) / call.beat_s, call.end)
        yield Note(onset, key.pitch, key.velocity, max(off - onset, 1 / 48))


RULES: dict[str, Rule] = {
    "the box": ours,
    "first call": each_anew,
    "top of 25 ms": top_of_25_ms,
    "skyline": skyline,
}
