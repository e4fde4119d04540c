"""What goes next over a wire that carries one message a millisecond, and when. Pure.

System messages go first (clock, transport, song position), in their order; then notes, in theirs;
then all else by turns. Of what only says how a thing stands now (bend, pressure, most controllers)
no more than the newest waits: the queue does not grow, and every last value arrives. What a note
depends on keeps its place among the notes of its channel: pedals, banks and programs, registered
parameters, a bend before its note. Nothing passes a program or mode message of its channel.
"""

from __future__ import annotations

from collections import deque
from math import inf

from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    Message,
)
from .serial_port import BAUD

BYTE_S = (
    10 / BAUD * 1.01
)  # a hundredth slow: what the kernel was given too early, the wire makes good

_VALUE_AHEAD_S = 2 * BYTE_S  # of the wire's time that is given away when a value may follow
_URGENT_AHEAD_S = 5 * BYTE_S  # the same for what overtakes: it never waits for a value's turn

_CHANNELS = 16
_PEDALS = range(64, 70)
_DATA, _STEPS = (6, 38), (96, 97)  # of the parameter that was selected last
_SELECT = {98: "NRPN", 99: "NRPN", 100: "RPN", 101: "RPN"}
_NEXT = (0, 32, 84, 88)  # of the program or note that follows: bank, portamento, fine velocity
_MODES = range(120, 128)
_MERGING = {*_PEDALS, *_DATA, *_STEPS, *_SELECT, *_NEXT}
_IN_ORDER = {*_MERGING, *_MODES}

_Key = tuple[int, ...]  # (channel,) of a lane; (channel, kind, number) of a value


class DinQueue:
    """Put messages in; take them out in the order in which they go."""

    def __init__(self) -> None:
        self._system: deque[Message] = deque()
        self._lanes: list[deque[Message]] = [deque() for _ in range(_CHANNELS)]
        self._notes: deque[int] = deque()  # channels of the notes in all lanes, in their order
        self._walls = [0] * _CHANNELS  # programs and mode messages in each lane
        self._turns: dict[_Key, dict[int, Message]] = {}  # a lane's messages are in the lane

    @property
    def urgent(self) -> bool:
        """Whether the next message is one that overtakes."""
        return bool(self._system or self._notes)

    def __bool__(self) -> bool:
        return bool(self._system or self._turns)

    def put(self, message: Message) -> None:
        channel = getattr(message, "channel", -1)  # bytes that nobody parsed go as they come
        if channel < 0:
            self._system.append(message)
            return
        key = _value(message)
        if key:
            part = message.number if message.kind == CONTROL_CHANGE else 0
            newest = self._turns.setdefault(key, {})
            newest.pop(part, None)
            newest[part] = message
            return
        lane = self._lanes[channel]
        if message.kind == NOTE_ON:
            self._into_lane((channel, PITCH_BEND, 0))
        elif _wall(message):
            for key in [key for key in self._turns if key[0] == channel]:
                self._into_lane(key)
            self._walls[channel] += 1
        elif message.kind == CONTROL_CHANGE and _merged(lane, message):
            return
        if message.kind in (NOTE_ON, NOTE_OFF):
            self._notes.append(channel)
        lane.append(message)
        self._turns.setdefault((channel,), {})

    def take(self) -> Message | None:
        """The next message, None where none waits."""
        if self._system:
            return self._system.popleft()
        if self._notes:
            return self._from_lane(self._notes[0])
        for key in self._turns:
            if len(key) == 1:
                return self._from_lane(key[0])
            if not self._walls[key[0]]:
                return self._from_values(key)
        return None

    # --- inside

    def _into_lane(self, key: _Key) -> None:
        """Values that wait keep their place before what comes into the lane next."""
        if len(key) > 1:
            self._lanes[key[0]].extend(self._turns.pop(key, {}).values())

    def _from_lane(self, channel: int) -> Message:
        lane = self._lanes[channel]
        message = lane.popleft()
        if message.kind in (NOTE_ON, NOTE_OFF):
            self._notes.popleft()
        elif _wall(message):
            self._walls[channel] -= 1
        self._turns.pop((channel,), None)
        if lane:
            self._turns[channel,] = {}
        return message

    def _from_values(self, key: _Key) -> Message:
        newest = self._turns.pop(key)
        message = newest.pop(next(iter(newest)))
        if newest:
            self._turns[key] = newest
        return message


class Pace:
    """When the kernel may be given more, so that what overtakes finds little before it.

    By count of bytes and time: a UART's own FIFO holds 16 to 32 bytes, 5 to 10 ms, of which the
    kernel does not tell.
    """

    def __init__(self) -> None:
        self._free_s = -inf

    def due_s(self, urgent: bool) -> float:
        """From when on the next message may be given."""
        return self._free_s - (_URGENT_AHEAD_S if urgent else _VALUE_AHEAD_S)

    def gave(self, time_s: float, count: int) -> None:
        """``count`` bytes more are on their way."""
        self._free_s = max(self._free_s, time_s) + count * BYTE_S

    def queued(self, time_s: float, count: int) -> None:
        """The kernel says that it holds ``count`` bytes at least: the wire may be slower."""
        self._free_s = max(self._free_s, time_s + count * BYTE_S)


def _value(message: Message) -> _Key:
    """Which value it sets; () where it is more than a value. A pair of 14 bits is one value."""
    kind = message.kind
    if kind == CONTROL_CHANGE and message.number not in _IN_ORDER:
        number = message.number
        return message.channel, kind, number % 32 if number < 64 else number
    if kind == POLY_PRESSURE:
        return message.channel, kind, message.pitch
    return (message.channel, kind, 0) if kind in (PRESSURE, PITCH_BEND) else ()


def _wall(message: Message) -> bool:
    mode = message.kind == CONTROL_CHANGE and message.number in _MODES
    return mode or message.kind == PROGRAM


def _merged(lane: deque[Message], message: Message) -> bool:
    """Whether the lane's end says it now without ``message`` being added.

    Looks back to the last note, program or mode. A pedal's newer value replaces one of the same
    side, up or down: every change of side goes out. A newer value of the selected parameter, or for
    what follows, replaces the one before it; to select a parameter again says nothing new.
    """
    number = message.number
    for place in reversed(range(len(lane))):
        old = lane[place]
        if old.kind != CONTROL_CHANGE or old.number not in _MERGING:
            return False
        if old.number == number:
            if number in _PEDALS and (old.value < 64) == (message.value < 64):
                lane[place] = message
                return True
            if number in _DATA or number in _NEXT:
                del lane[place]
            return number in _SELECT and old.value == message.value
        if _bound(number, old.number):
            return False
    return False


def _bound(number: int, old: int) -> bool:
    """Whether controller ``number`` means something else before ``old`` than after it."""
    if number in _SELECT:
        return old in _SELECT and _SELECT[old] != _SELECT[number]
    return number in _DATA and old in _SELECT
