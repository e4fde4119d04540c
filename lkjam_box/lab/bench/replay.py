"""Runs the clock follower over a recorded clock: what it knew at every tick. Pure.

A trace is a CSV of ``time_s,hex`` lines, one message each; a header, blank lines and
comments (#) are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite

from ...errors import FileError
from ...midi.din_parser import DinParser
from ...midi.messages import CONTINUE, SONG_POSITION, START, STOP, TICK, TICKS_PER_BEAT, parse
from ...tempo.clock import Transport
from ...tempo.external_clock import ExternalClock

_ALLOWED = "time_s,hex with a time in seconds and bytes in hex, e.g. 12.345678,f8"
_MOVES = frozenset((START, CONTINUE, STOP, SONG_POSITION))


@dataclass(frozen=True, slots=True)
class TickSeen:
    """What the clock follower knew when one F8 had come.

    ``tick`` is its song position (24 a beat): 0 for the first after Start. While stopped
    it stays where it was; before the first Start, Continue, Stop or Song Position ticks
    are counted from the first F8. ``predicted_beat_s`` is when the tick 24 later falls.
    """

    time_s: float
    tick: int
    predicted_beat_s: float
    bpm: float
    state: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A :class:`Transport` event, and the song position after it, in ticks."""

    time_s: float
    event: str
    tick: int


def read_trace(lines: Iterable[str], file: str = "") -> Iterator[tuple[float, bytes]]:
    """Times and messages of a trace. Raises FileError at the line that cannot be read."""
    last_s, header_allowed = float("-inf"), True
    for number, raw in enumerate(lines, 1):
        line = raw.partition("#")[0].strip().lstrip("\ufeff")
        if not line:
            continue
        fields = [field.strip() for field in line.split(",")]
        try:
            time_s = float(fields[0])
        except ValueError:
            if header_allowed and len(fields) == 2:
                header_allowed = False
                continue
            time_s = float("nan")
        header_allowed = False
        message = _bytes_of(fields[1]) if len(fields) == 2 else b""
        if not isfinite(time_s) or not message:
            raise FileError(
                "bad line of a trace", file=file, line=number, found=line, allowed=_ALLOWED
            )
        if time_s < last_s:
            raise FileError(
                "time goes back",
                file=file,
                line=number,
                found=fields[0],
                allowed=f"{last_s!r} or later",
            )
        last_s = time_s
        yield time_s, message


def _bytes_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text.lower().replace("0x", ""))
    except ValueError:
        return b""


def replay(
    trace: Iterable[tuple[float, bytes]], freewheel_beats: float = 2.0
) -> tuple[list[TickSeen], list[Moved]]:
    """One :class:`TickSeen` for every F8, and what the transport did."""
    clock, parser = ExternalClock(freewheel_beats), DinParser()
    ticks: list[TickSeen] = []
    moves: list[Moved] = []
    moved = False

    def note(time_s: float, events: tuple[Transport, ...]) -> None:
        moves.extend(Moved(time_s, event.value, clock.position_ticks) for event in events)

    for time_s, data in trace:
        while (poll_s := clock.next_poll_s()) < time_s:
            note(poll_s, clock.poll(poll_s))
        for message in filter(None, map(parse, parser.feed(data))):
            moved = moved or message.kind in _MOVES
            note(time_s, clock.message(time_s, message))
            if message.kind == TICK:
                ticks.append(
                    TickSeen(
                        time_s,
                        clock.position_ticks if moved else clock.follower.count - 1,
                        round(clock.follower.predict(TICKS_PER_BEAT), 9),
                        round(clock.bpm, 6),
                        clock.sync.name.lower(),
                    )
                )
    return ticks, moves
