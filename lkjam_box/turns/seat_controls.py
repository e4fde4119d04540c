"""The live controls of the box seats: asked for at any time, in force from the next line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

from ..config.options import Brain
from ..protocol.controls import initial_controls, with_control, with_step
from ..protocol.engine import ControlValues
from ..protocol.records import ControlSetting


class SeatControls:
    """The controls by seat: what is pending, and what is in force since the last line."""

    def __init__(self, seats: Iterable[int], options: Brain) -> None:
        self._first = initial_controls(options)
        self._pending = dict.fromkeys(seats, self._first)
        self._in_force = dict(self._pending)
        self._landed = -1  # serial of the turn that ``land`` was last called for

    @property
    def seats(self) -> tuple[int, ...]:
        return tuple(self._pending)

    @property
    def all_pending(self) -> dict[int, ControlValues]:
        """The pending controls by seat; a copy."""
        return dict(self._pending)

    def pending(self, seat: int) -> ControlValues:
        return self._pending[seat]

    def in_force(self, seat: int) -> ControlValues:
        return self._in_force[seat]

    def sit(self, seats: Iterable[int]) -> list[int]:
        """Add ``seats``; returns the new ones, which get the controls of the first seat."""
        like = next(iter(self._pending.values()), self._first)
        new = [seat for seat in seats if seat not in self._pending]
        for seat in new:
            self._pending[seat] = self._in_force[seat] = like
        return new

    def recall(self, asked: Mapping[int, ControlValues]) -> None:
        """Put controls by seat, kept from an earlier stage or run, in force at once."""
        self._pending.update(asked)
        self.land()

    def ask(self, setting: ControlSetting) -> bool:
        """Ask for a change from the next line on; False when it changes nothing."""
        before = self._pending.get(setting.seat)
        if before is None or (setting.relative and not isfinite(setting.value)):
            return False
        if setting.relative:
            after = with_step(before, setting.which, int(setting.value))
        else:
            after = with_control(before, setting.which, setting.value)
        self._pending[setting.seat] = after
        return after != before

    def land(self, serial: int | None = None) -> None:
        """Put what is pending in force; for a turn (``serial``) only the first call does. What is
        asked for later, once the turn's answer has begun, waits for the next turn's line."""
        if serial is None or serial != self._landed:
            self._in_force.update(self._pending)
        if serial is not None:
            self._landed = serial
