"""Turns laid on the timeline, from one line on. Pure.

Lines are whole bars, and a bar is a multiple of half a beat, so every line is an
exact float: no line is ever missed by rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..music.harmony import Harmony, Progression
from ..protocol.records import HUMAN, LAST_SEAT, Turn

LONGEST_LINE_UP = 8
_SEATS = LAST_SEAT + 2  # human, A, B, C and none


def seats_of(line_up: tuple[str, ...]) -> tuple[int, ...]:
    """Seat numbers of a line-up: human 0, A 1, B 2, C 3."""
    return tuple(HUMAN if name == "human" else ord(name) - ord("A") + 1 for name in line_up)


def seat_name(seat: int) -> str:
    return "human" if seat == HUMAN else chr(ord("A") + seat - 1)


def line_up_number(seats: tuple[int, ...]) -> int:
    """A line-up as a command's number: base :data:`_SEATS`, digits seat + 1, first seat lowest."""
    return sum((seat + 1) * _SEATS**place for place, seat in enumerate(seats))


def line_up_of(number: float) -> tuple[int, ...]:
    """The line-up that :func:`line_up_number` wrote; empty when it is none."""
    seats: list[int] = []
    if not 0 < number < _SEATS**LONGEST_LINE_UP or number != int(number):
        return ()
    rest = int(number)
    while rest:
        rest, digit = divmod(rest, _SEATS)
        if not digit:
            return ()
        seats.append(digit - 1)
    return tuple(seats)


def from_seat(line_up: tuple[int, ...], loop: int, last: int) -> tuple[int, ...]:
    """``line_up`` rotated so that ``loop`` belongs to the seat after ``last``; when ``last`` is
    not in it, to the first seat."""
    return rotated(line_up, loop, line_up.index(last) + 1 if last in line_up else 0)


def rotated(line_up: tuple[int, ...], loop: int, place: int) -> tuple[int, ...]:
    """``line_up`` rotated so that ``loop`` belongs to the seat at ``place``."""
    shift = (place - loop) % len(line_up)
    return line_up[shift:] + line_up[:shift]


@dataclass(frozen=True, slots=True)
class Tune:
    """A progression in a key, and where it is in the library. Buttons replace it as a whole."""

    progression: Progression  # already in its key
    index: int = 0
    transpose: int = 0
    library: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Loop ``first_loop`` begins at ``start_beats``; each lasts ``turn_bars`` bars.

    ``origin_beats`` is where form beat 0 lies: the form runs on under turns of any length.
    """

    tune: Tune
    seats: tuple[int, ...]
    turn_bars: int
    start_beats: float = 0.0
    first_loop: int = 0
    origin_beats: float = 0.0

    @property
    def bar_beats(self) -> float:
        return self.tune.progression.metre.bar_beats

    @property
    def turn_beats(self) -> float:
        return self.turn_bars * self.bar_beats

    @property
    def harmony(self) -> Harmony:
        return Harmony(self.tune.progression, self.origin_beats)

    def loop_at(self, beat: float) -> int:
        """Index of the loop that sounds at ``beat``; below ``first_loop`` before the grid."""
        return self.first_loop + math.floor((beat - self.start_beats) / self.turn_beats)

    def line_of(self, loop: int) -> float:
        """Where ``loop`` begins, in beats."""
        return self.start_beats + (loop - self.first_loop) * self.turn_beats

    def seat_of(self, loop: int) -> int:
        return self.seats[loop % len(self.seats)]

    def next_bar(self, beat: float) -> float:
        """The next bar line strictly after ``beat``."""
        bars = math.floor((beat - self.start_beats) / self.bar_beats) + 1
        return self.start_beats + bars * self.bar_beats

    def turn(self, loop: int, serial: int, bpm: float) -> Turn:
        tune = self.tune
        return Turn(
            serial=serial,
            loop=loop,
            seat=self.seat_of(loop),
            progression=tune.index,
            transpose=tune.transpose,
            library=tune.library,
            start_beats=self.line_of(loop),
            end_beats=self.line_of(loop + 1),
            origin_beats=self.origin_beats,
            bpm=bpm,
        )

    def moved(self, line_beats: float, loop: int, **changes: object) -> Grid:
        """The grid with ``loop`` beginning at ``line_beats``, and with ``changes``."""
        return replace(self, start_beats=line_beats, first_loop=loop, **changes)  # type: ignore[arg-type]
