"""The turn scheduler: count-in, turns, hand-overs and changes on lines. Pure.

The scheduler is told the beat and the changes the player asks for; it says which turn begins and
which comes next. Turn and form lengths are independent. A change comes into force as a whole, on
the next line after the beat it was asked for at; if that beat is a line, on the line after it.

Where the clock's song jumps, turns go on in their order (:meth:`TurnScheduler.jumped`): a bar that
the jump cuts short or makes longer is a bar, so lines stay on bar lines that everybody hears.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

import msgspec

from ..protocol.records import HUMAN, Turn
from ..protocol.shared_state import Mode
from .grid import Grid, Tune, from_seat, rotated

_APART = 4  # serials skipped on resuming: so many may have been used since ``place`` was saved


ON_LINE_BEATS = 1 / 24  # joined so near to a line, a turn is whole
_LATE_BEATS = 4 / 24  # transport may lag behind the ticks by less: by those between Stop and Start

G = TypeVar("G")
H = TypeVar("H")


class SchedulerPlace(msgspec.Struct, Generic[G], frozen=True, array_like=True):
    """A scheduler's state, for another to resume from; ``G`` is the type its grids are saved as."""

    mode: Mode
    running: bool
    line_up: tuple[int, ...]
    grid: G
    pending: G | None
    new_form: bool
    turn: Turn | None
    serial: int
    arm_at: float
    bpm: float
    ahead: float = 0.0

    def written(self, of: Callable[[G], H]) -> SchedulerPlace[H]:
        """The same state with ``of`` applied to its grids."""
        return SchedulerPlace(
            self.mode,
            self.running,
            self.line_up,
            of(self.grid),
            None if self.pending is None else of(self.pending),
            self.new_form,
            self.turn,
            self.serial,
            self.arm_at,
            self.bpm,
            self.ahead,
        )


class TurnScheduler:
    """Feed it ``started`` / ``located`` / ``stopped`` and ``advance``; read ``mode``, ``turn``.

    ``loops`` is how many loops a set has (0 plays on); ``preroll_bars`` are counted in
    before loop 0.
    """

    def __init__(
        self,
        tune: Tune,
        seats: tuple[int, ...],
        turn_bars: int,
        preroll_bars: int = 1,
        loops: int = 0,
    ) -> None:
        self.mode = Mode.ARMED
        self.loops = loops
        self.turn: Turn | None = None
        self._line_up = seats
        self._preroll_bars = preroll_bars
        preroll = preroll_bars * tune.progression.metre.bar_beats
        self._grid = Grid(tune, seats, turn_bars, start_beats=preroll, origin_beats=preroll)
        self._pending: Grid | None = None  # its start and loop are filled in on the next line
        self._new_form = False
        self._planned: Turn | None = None
        self._serial = 0
        self._running = False
        self._arm_at = 0.0
        self._bpm = 120.0  # last given to ``advance``, for turns joined half-way
        self._left: SchedulerPlace[Grid] | None = None  # to resume once the clock goes on
        self._ahead = 0.0  # beats of the timeline before the song's, where their bars coincide
        self._moved = False  # to another place, while the clock was stopped

    @property
    def grid(self) -> Grid:
        return self._grid

    @property
    def next_grid(self) -> Grid:
        """The grid as it will be from the next line on."""
        return self._pending or self._grid

    @property
    def line_up(self) -> tuple[int, ...]:
        """The seats in the order they were asked for, not rotated as :attr:`Grid.seats` may be."""
        return self._line_up

    @property
    def pending(self) -> bool:
        return self._pending is not None

    @property
    def waits(self) -> bool:
        """Whether a change asked for now waits for a line; False while no turn can be disturbed."""
        runs = self._running or self._left is not None
        return runs and self.mode not in (Mode.IDLE, Mode.DONE)

    @property
    def place(self) -> SchedulerPlace[Grid]:
        """The state, for :meth:`resume` of another scheduler."""
        if self._left is not None:
            pending, new_form = self._pending, self._new_form
            left = msgspec.structs.replace(self._left, line_up=self._line_up)
            return msgspec.structs.replace(left, pending=pending, new_form=new_form)
        return SchedulerPlace(
            self.mode,
            self._running,
            self._line_up,
            self._grid,
            self._pending,
            self._new_form,
            self.turn,
            self._serial,
            self._arm_at,
            self._bpm,
            self._ahead,
        )

    # --- transport

    def resume(self, left: SchedulerPlace[Grid]) -> None:
        """Take over the state of another scheduler; ``continued`` then finds the turn."""
        self._grid, self._pending, self._new_form = left.grid, left.pending, left.new_form
        self._line_up, self._serial = left.line_up, left.serial + _APART
        self._arm_at, self._bpm, self._ahead = left.arm_at, left.bpm, left.ahead
        self._left = left if left.running else None
        trades = left.mode in (Mode.COUNT_IN, Mode.TRADING)
        self.mode = Mode.ARMED if trades else left.mode

    def started(self, *, count_in: bool = True) -> None:
        """Beat 0 is now. Without ``count_in`` loop 0 begins at once ("the line is here")."""
        self.located(count_in=count_in)
        self._running, self._moved = True, False
        if self.mode is not Mode.IDLE:
            self.mode = Mode.COUNT_IN if self._grid.start_beats > 0 else Mode.TRADING

    def located(self, *, count_in: bool = True) -> None:
        """The song position was moved: lay the loops on the timeline anew, from beat 0."""
        self._settle()
        self.turn = None
        preroll = self._preroll_bars * self._grid.bar_beats if count_in else 0.0
        self._anchor(preroll, 0, origin=preroll)
        self._ahead, self._moved = 0.0, True

    def stopped(self) -> None:
        """The transport stopped: no turn; the next Start begins anew, Continue goes on."""
        self._running = False
        self.turn = self._planned = None
        self._settle()
        if self.mode in (Mode.COUNT_IN, Mode.TRADING, Mode.DONE):
            self.mode = Mode.ARMED

    def continued(self, beat: float, *, human_first: bool = False) -> None:
        """The transport goes on at ``beat``, on the grid it had: the turn that is there is joined.

        With ``human_first`` the human begins, with this bar, where that would be the middle of the
        box's turn, or after the song position was moved.
        """
        self._running = True
        left, self._left = self._left, None
        moved, self._moved = self._moved, False
        if self.mode is Mode.IDLE or (left is not None and self._takes_up(left, beat)):
            return
        grid = self._grid
        if beat < grid.start_beats - ON_LINE_BEATS and not grid.first_loop:
            self.mode = Mode.COUNT_IN
            return
        if human_first:
            self._put_human(beat, moved)
        self._join(beat)

    def jumped(self, beat: float, ahead_beats: float) -> None:
        """The song jumped at ``beat``, of which it is ``ahead_beats`` behind now. Turns go on; if
        that is no whole number of bars, the bar that plays ends on the song's next bar line, and
        lines move with it."""
        grid, bar = self._grid, self._grid.bar_beats
        by = (ahead_beats - self._ahead) % bar
        if by < _LATE_BEATS - 1e-6 or bar - by < 1e-6:
            return
        self._ahead = ahead_beats

        def bar_from(place: float) -> float:
            first = grid.start_beats + by
            return first + math.ceil((place - first) / bar) * bar

        end = grid.next_bar(beat + ON_LINE_BEATS)
        begins = beat - (end - bar) < ON_LINE_BEATS
        shift = bar_from(beat + ON_LINE_BEATS * (1 if begins else -1)) - end
        line = self.next_line_beats()
        if math.isfinite(line):
            shift = max(line + shift, bar_from(beat - ON_LINE_BEATS)) - line
        self._arm_at += shift
        line, loop, origin = grid.start_beats, grid.first_loop, grid.origin_beats + shift
        if self.turn is not None:
            line, loop = self.turn.end_beats, self.turn.loop + 1
            self.turn = replace(self.turn, end_beats=line + shift, origin_beats=origin)
        self._grid = grid.moved(line + shift, loop, origin_beats=origin)
        self._planned = None

    def followed(self, beat: float) -> None:
        """The song jumped and ``beat`` is its place, which says whose turn it is. There is no
        count-in again: a place before the first line is in the first turn."""
        if self.mode is not Mode.IDLE:
            self._settle()
            self._join(beat)

    # --- changes

    def arm(self, beat: float) -> None:
        """Play: from the next bar line (with a count-in) if the clock runs, else from Start."""
        if self.mode not in (Mode.IDLE, Mode.DONE):
            return
        self.mode = Mode.ARMED
        self.turn = self._planned = None
        if self._running:
            self._settle()
            bar = self._grid.next_bar(beat)
            begin = bar + self._preroll_bars * self._grid.bar_beats
            self._arm_at = bar
            self._anchor(begin, 0, origin=begin)

    def wake_up(self) -> None:
        """Be ARMED again after IDLE or DONE: the player has said where the line is."""
        if self.mode in (Mode.IDLE, Mode.DONE):
            self.mode = Mode.ARMED

    def idle(self) -> None:
        """Stop playing; the clock may run on."""
        self.mode = Mode.IDLE
        self.turn = self._planned = None
        self._settle()

    def reset(self, beat: float) -> None:
        """Back to loop 0, at the next bar line if the clock runs."""
        self.idle()
        self.arm(beat)

    def set_tune(self, tune: Tune, turn_bars: int, loops: int, *, new_form: bool) -> None:
        """Ask for a tune and turn length; with ``new_form`` the form begins anew on that line."""
        self._want(replace(self.next_grid, tune=tune, turn_bars=turn_bars), new_form)
        self.loops = loops

    def set_line_up(self, seats: tuple[int, ...]) -> None:
        """Ask for another line-up; its turns go on with the seat after the one that plays now."""
        self._line_up = seats
        self._want(replace(self.next_grid, seats=seats), new_form=False)

    def set_count_in(self, bars: int) -> None:
        """How many bars are counted in before the next loop 0."""
        self._preroll_bars = bars

    def replan(self) -> None:
        """Drop the planned turn, as what it was planned with changed; ``plan`` gives a new one."""
        self._planned = None

    def hand_over(self, beat: float) -> bool:
        """End the human's turn at the next bar line; False when there is nothing to end."""
        turn = self.turn
        if self.mode is not Mode.TRADING or turn is None or turn.seat != HUMAN:
            return False
        bar = self._grid.next_bar(beat)
        if bar >= turn.end_beats:
            return False
        self.turn = replace(turn, end_beats=bar)
        self._grid = self._grid.moved(bar, turn.loop + 1)
        self._planned = None
        return True

    # --- time

    def next_line_beats(self) -> float:
        """Beat of the next line, when ``advance`` must be called; infinity when none comes."""
        if not self.waits:
            return float("inf")
        if self.mode is Mode.ARMED:
            return self._arm_at
        if self.mode is Mode.COUNT_IN:
            return self._grid.start_beats
        return self.turn.end_beats if self.turn else self._grid.start_beats

    def plan(self, bpm: float) -> Turn | None:
        """The turn that begins at the next line, with what is pending; None when none begins.

        The same object as before unless something changed, so that the caller sees a new plan.
        """
        if self.mode not in (Mode.COUNT_IN, Mode.TRADING):
            return None
        if self._planned is None:
            loop = self.turn.loop + 1 if self.turn else self._grid.first_loop
            if self.loops and loop >= self.loops:
                return None
            grid = self._landed(self.next_line_beats(), loop)
            self._serial += 1
            self._planned = grid.turn(loop, self._serial, bpm)
        return self._planned

    def advance(self, beat: float, bpm: float) -> list[Turn | None]:
        """Cross every line up to ``beat``; returns the turns that began, None for the set's end."""
        self._bpm = bpm
        began: list[Turn | None] = []
        while self.next_line_beats() <= beat:
            line = self.next_line_beats()
            if self.mode is Mode.ARMED:
                self.mode = Mode.COUNT_IN if self._grid.start_beats > line else Mode.TRADING
                continue
            turn = self.plan(bpm)
            self._planned = None
            if turn is None:
                self.mode, self.turn = Mode.DONE, None
                began.append(None)
                break
            self._grid = self._landed(line, turn.loop)
            self._pending, self._new_form = None, False
            self.mode, self.turn = Mode.TRADING, turn
            began.append(turn)
        return began

    # --- inside

    def _want(self, grid: Grid, new_form: bool) -> None:
        self._pending = grid
        self._new_form |= new_form
        self._planned = None
        if not self.waits:
            self._settle()

    def _landed(self, line: float, loop: int) -> Grid:
        if self._pending is None:
            return self._grid
        origin = line if self._new_form else self._grid.origin_beats
        seats = self._grid.seats
        if self._pending.seats != seats:
            last = seats[(loop - 1) % len(seats)]
            seats = from_seat(self._line_up, loop, last) if loop else self._line_up
        return self._pending.moved(line, loop, origin_beats=origin, seats=seats)

    def _settle(self) -> None:
        """Put the pending change in force at once: there is no turn that it could disturb."""
        if self._pending is not None:
            pending = self._pending
            self._grid = replace(
                self._grid, tune=pending.tune, turn_bars=pending.turn_bars, seats=pending.seats
            )
        self._pending, self._new_form, self._planned, self._left = None, False, None, None

    def _anchor(self, line: float, loop: int, origin: float) -> None:
        seats = self._grid.seats if loop else self._line_up
        self._grid = self._grid.moved(line, loop, origin_beats=origin, seats=seats)
        self._planned = None

    def _takes_up(self, left: SchedulerPlace[Grid], beat: float) -> bool:
        """Go on as ``left`` would have; False when the turn must be found from the grid."""
        if left.mode is Mode.DONE or (left.mode is Mode.ARMED and beat < left.arm_at):
            return True
        turn = left.turn
        line, loop = (
            (turn.end_beats, turn.loop + 1)
            if turn
            else (self._grid.start_beats, self._grid.first_loop)
        )
        if beat >= line - ON_LINE_BEATS:  # what was pending has come into force there
            self._grid = self._landed(line, loop)
            self._pending, self._new_form = None, False
            return False
        if turn is not None:
            self._serial += 1
            self.mode, self.turn = Mode.TRADING, replace(turn, serial=self._serial)
        return turn is not None

    def _put_human(self, beat: float, moved: bool) -> None:
        """Move the grid so that the human's turn is the one that ``beat`` is in."""
        grid, near = self._grid, beat + ON_LINE_BEATS
        loop = max(grid.loop_at(near), 0)
        on_line = near - grid.line_of(loop) < 2 * ON_LINE_BEATS
        keeps = on_line and not loop if moved else on_line or grid.seat_of(loop) == HUMAN
        if keeps or HUMAN not in grid.seats:
            return
        loop = 0 if moved else loop
        seats = rotated(self._line_up, loop, self._line_up.index(HUMAN))
        self._grid = grid.moved(grid.next_bar(near) - grid.bar_beats, loop, seats=seats)

    def _join(self, beat: float) -> None:
        """Enter a loop, on its line or in its middle: its seat has the turn."""
        loop = max(self._grid.loop_at(beat + ON_LINE_BEATS), 0)
        self._planned = None
        if self.loops and loop >= self.loops:
            self.mode, self.turn = Mode.DONE, None
            return
        self._serial += 1
        turn = self._grid.turn(loop, self._serial, self._bpm)
        if beat < turn.start_beats - ON_LINE_BEATS:
            turn = replace(turn, start_beats=beat)
        self.mode, self.turn = Mode.TRADING, turn
