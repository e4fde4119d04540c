"""The menu: set-up by buttons or knob alone, open while no turn runs by a long TURN. Pure.

PREVIOUS and NEXT go through the entries; TURN opens one, whose value they then turn, and closes it
again. START and LINE keep their meaning, and the menu closes by itself.
"""

from __future__ import annotations

from math import inf

from ..protocol.records import Request
from ..protocol.shared_state import Mode, Snapshot
from .contacts import Button, Gesture
from .field import Field, rests
from .menu_entries import Entry, entries

OPEN_S = 15.0  # after the last press
_TRUSTED_S = 1.0  # what was asked for is shown so long, until the stage has told it
_CHOOSING = ("MENU  NEXT: go on", "TURN: change it", "TURN held: close")
_TURNING = "NEXT: up, PREVIOUS: down"
_STEPS = {Button.PREVIOUS: -1, Button.NEXT: 1}


class Menu:
    """``press`` it, ``look`` at every snapshot, and draw its ``field``."""

    def __init__(self) -> None:
        self._key = ""  # of the entry that is shown; one that is not there: the first
        self._turns = False  # its value is turned
        self._open_until_s = -inf
        self._asked: tuple[str, float, float] = ("", 0.0, -inf)  # key, value, until when it counts
        self._snapshot = Snapshot(mode=Mode.TRADING)  # until one is seen, nothing opens
        self._notes = -1  # played so far; -1 before the first look

    def is_open(self, time_s: float) -> bool:
        return time_s < self._open_until_s

    def press(self, time_s: float, button: Button, gesture: Gesture) -> tuple[Request, ...] | None:
        """What a press asks of the stage; None where it is none of the menu's."""
        if button in (Button.START, Button.LINE):
            return None
        if not self.is_open(time_s):
            opens = (button, gesture) == (Button.TURN, Gesture.LONG) and rests(self._snapshot)
            if not opens:
                return None
            self._open_until_s = time_s + OPEN_S
            return self._leave()
        self._open_until_s = time_s + OPEN_S
        entry = self._entry()
        match button, gesture:
            case (Button.TURN, Gesture.SHORT):
                return self._leave() if self._turns else self._begin()
            case (Button.TURN, Gesture.LONG) if not self._turns:
                self._open_until_s = -inf
                return ()
            case (Button.TURN, Gesture.LONG) if entry.forget:
                return entry.forget
            case (Button.TURN | Button.KEY, Gesture.LONG) if self._turns:
                return self._ask(time_s, entry, entry.default)
            case (Button.KEY, Gesture.SHORT):
                return self._next()
            case (Button.PREVIOUS | Button.NEXT, Gesture.SHORT) if self._turns:
                value = entry.stepped(self._value(time_s, entry), _STEPS[button])
                return self._ask(time_s, entry, value) + entry.begin
            case (Button.PREVIOUS | Button.NEXT, Gesture.SHORT):
                self._step(_STEPS[button])
        return ()

    def look(self, time_s: float, snapshot: Snapshot) -> tuple[Request, ...]:
        """Take in a snapshot; returns what a played key asks for, or the end of the time."""
        played = 0 <= self._notes < snapshot.notes_in
        self._snapshot, self._notes = snapshot, snapshot.notes_in
        if not self._turns:
            return ()
        keys = [entry.key for entry in entries(snapshot)]
        if not self.is_open(time_s) or self._key not in keys:
            return self._leave()
        entry = self._entry()
        if not played or entry.played is None:
            return ()
        self._open_until_s = time_s + OPEN_S
        return self._ask(time_s, entry, entry.played(snapshot))

    def field(self, time_s: float) -> Field | None:
        """What is drawn, None while the menu is closed."""
        if not self.is_open(time_s):
            return None
        snapshot, every, entry = self._snapshot, entries(self._snapshot), self._entry()
        words = entry.words(snapshot, self._value(time_s, entry))
        name = f"next: {entry.name}" if entry.waits(snapshot) else entry.name
        if self._turns:
            help_lines = (_TURNING, entry.hint, f"TURN: done, held: {entry.forget_words}")
            return Field(name, words, entry.mark(snapshot), help=help_lines)
        place = f"{self._place(every) + 1}/{len(every)}"
        return Field(name, words, place, lit=False, help=_CHOOSING)

    # --- inside

    def _place(self, every: tuple[Entry, ...]) -> int:
        return next((at for at, entry in enumerate(every) if entry.key == self._key), 0)

    def _entry(self) -> Entry:
        every = entries(self._snapshot)
        return every[self._place(every)]

    def _value(self, time_s: float, entry: Entry) -> float:
        """The value asked for; the snapshot may not know of the last press yet."""
        key, value, until_s = self._asked
        trusted = key == entry.key and time_s < until_s
        return value if trusted else entry.value(self._snapshot)

    def _ask(self, time_s: float, entry: Entry, value: float) -> tuple[Request, ...]:
        self._asked = (entry.key, value, time_s + _TRUSTED_S)
        return entry.ask(value)

    def _begin(self) -> tuple[Request, ...]:
        """Turn the value of the entry from now on."""
        entry = self._entry()
        self._key, self._turns = entry.key, True
        return entry.begin

    def _leave(self) -> tuple[Request, ...]:
        """Turn it no more."""
        left, self._turns = self._turns, False
        return self._entry().end if left else ()

    def _step(self, by: int) -> None:
        every = entries(self._snapshot)
        self._key = every[(self._place(every) + by) % len(every)].key

    def _next(self) -> tuple[Request, ...]:
        """Go to the next entry and turn that one; where none is turned, to the next group."""
        if self._turns:
            ended = self._leave()
            self._step(1)
            return ended + self._begin()
        group = self._entry().group
        while self._entry().group == group:
            self._step(1)
        return ()
