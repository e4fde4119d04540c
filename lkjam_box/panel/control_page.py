"""The second layer of the buttons: the controls, open a while after a long TURN. Pure."""

from __future__ import annotations

from math import inf

from ..protocol.controls import CHOICES
from ..protocol.records import STEERED, ControlId, ControlSetting, Request
from ..protocol.shared_state import Snapshot
from .actions import command_for, step
from .contacts import Button, Gesture
from .control_words import big_lines
from .field import ARROWS, Field

OPEN_S = 4.0  # after the last press
SHOWN_S = 1.5  # a control that was turned is shown large this long
_ORDER = tuple(CHOICES)


class ControlPage:
    """``request`` gives what a press asks for, ``field`` the control that is drawn large."""

    def __init__(self) -> None:
        self._control = ControlId.STRATEGY
        self._open_until_s = self._shown_until_s = -inf
        self._serial = -1  # of the last turn of a control that was seen; -1 before the first look

    def is_open(self, time_s: float) -> bool:
        """Whether PREVIOUS, NEXT, KEY and TURN now act on the controls."""
        return time_s < self._open_until_s

    def shown(self, time_s: float) -> ControlId | None:
        return self._control if time_s < max(self._open_until_s, self._shown_until_s) else None

    def field(self, time_s: float, snapshot: Snapshot) -> Field | None:
        """What is drawn; None where no control is shown, or no box seat plays."""
        control = self.shown(time_s)
        if control is None or not snapshot.controls_seat:
            return None
        return Field(*big_lines(snapshot, control), ARROWS if self.is_open(time_s) else "")

    def look(self, time_s: float, snapshot: Snapshot) -> None:
        """Show the control turned last, by whatever: a button, a controller, the command line."""
        if 0 <= self._serial < snapshot.control_serial and snapshot.control in CHOICES:
            self._control = ControlId(snapshot.control)
            self._shown_until_s = time_s + SHOWN_S
        self._serial = snapshot.control_serial

    def request(self, time_s: float, button: Button, gesture: Gesture) -> Request | None:
        """What a press asks of the stage, if anything."""
        is_open = self.is_open(time_s)
        if button is Button.TURN and gesture is Gesture.LONG:
            self._control = self._control if is_open else ControlId.STRATEGY
            self._open_until_s = time_s + OPEN_S
            return step(self._control, 1)
        if not is_open or button in (Button.START, Button.LINE):
            return command_for(button, gesture)
        self._open_until_s = time_s + OPEN_S
        if gesture is Gesture.LONG and button is Button.KEY:
            return ControlSetting(STEERED, self._control, 0.0)
        if gesture is not Gesture.SHORT:
            return None
        match button:
            case Button.PREVIOUS:
                return step(self._control, -1)
            case Button.NEXT:
                return step(self._control, 1)
            case Button.KEY:
                self._control = _ORDER[(_ORDER.index(self._control) + 1) % len(_ORDER)]
            case Button.TURN:
                self._open_until_s = self._shown_until_s = -inf
        return None
