"""Which controller a player moves so that a control learns it: a knob, turned on purpose. Pure."""

from __future__ import annotations

from collections import deque
from math import inf

from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, Message
from ..protocol.controls import CHOICES
from ..protocol.records import ControlId, Setting
from ..protocol.settings import CONTROLLER

PATIENCE_S = 30.0  # learning ends by itself: whoever asked for it may be gone
TURN_S = 1.0  # a knob goes through so much of its range,
TRAVEL = 16  # of 128,
PLACES = 4  # over so many places of it, within that time: neither a switch nor a trembling pedal
# Bank, modulation, breath, data entry, volume, expression, pedals and what goes with them,
# registered parameters, modes: every instrument sends them, none is a free knob.
_FINE = range(32, 64)  # the lower seven bits of the controllers 32 below
_TAKEN = frozenset((*range(64, 70), 88, *range(96, 102))).union(
    *((coarse, coarse + 32) for coarse in (0, 1, 2, 6, 7, 11))
)


class Learner:
    """``hear`` every message of a keyboard while ``control`` learns."""

    def __init__(self) -> None:
        self._control = ControlId.ENGINE
        self._until_s = -inf
        self._places: dict[tuple[str, int, int], deque[tuple[float, int]]] = {}
        self._down: set[tuple[str, int, int]] = set()

    def begin(self, time_s: float, control: float) -> None:
        """Let ``control`` learn; what is none of :data:`.CHOICES` ends learning. Asked again for
        the same one it learns on."""
        learns = ControlId(int(control)) if control in CHOICES else ControlId.ENGINE
        if learns is not self.control(time_s):
            self._places.clear()
            self._down.clear()
        self._control, self._until_s = learns, time_s + PATIENCE_S

    def control(self, time_s: float) -> ControlId:
        """The control that learns now, ENGINE for none."""
        return self._control if time_s < self._until_s else ControlId.ENGINE

    def hear(self, time_s: float, message: Message, device: str) -> Setting | None:
        """What was learnt, once a knob was turned; that ends learning."""
        learns = self.control(time_s)
        if not learns:
            return None
        channel, number = message.channel, message.number
        if message.kind == NOTE_ON:
            self._down.add((device, channel, number))
        elif message.kind == NOTE_OFF:
            self._down.discard((device, channel, number))
        if message.kind != CONTROL_CHANGE or number in _TAKEN or number >= 120:
            return None
        if any(key[:2] == (device, channel) for key in self._down):
            return None  # a finger that slides on a key it holds
        if number in _FINE and (device, channel, number - 32) in self._places:
            return None
        places = self._places.setdefault((device, channel, number), deque())
        places.append((time_s, message.value))
        while places[0][0] <= time_s - TURN_S:
            places.popleft()
        values = {value for _, value in places}
        if max(values) - min(values) < TRAVEL or len(values) < PLACES:
            return None
        self._until_s = -inf
        return Setting(CONTROLLER[learns], number)
