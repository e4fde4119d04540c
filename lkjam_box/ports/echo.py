"""What a device sends back of what we sent it, told from what is played on it. Pure.

Synths, merge boxes and interfaces return what they get, 1 to 60 ms later (Midynamite#180,
MobMuPlat#50). An echo is known by channel, key, value and time, and by the device: one that got
the message, or one that never spoke by itself. Everything that was sent can come back, and
each message once a device, so that the same key pressed by hand after its echo is heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from ..midi.messages import NOTE_OFF, NOTE_ON, PROGRAM, Message

ECHO_S = 0.1  # 60 ms is the latest that was seen
OWN_ECHO_S = 0.065  # of what the device sent itself: hands repeat a key no sooner
_EARLY_S = 0.005  # a driver's stamp may be that much before we knew that we sent
_PROVEN = 3  # echoes in a row, after which a device is known to return what it should not
_HONEST = 4  # notes in a row that did not come back from a device, which so returns nothing
_ALIKE_S = 0.008  # one device's echoes are late by the same
_OF_TWO_BYTES = PROGRAM >> 5  # and a channel's pressure: value without a key
_FORGET_AT = 64  # messages kept of a kind; an echo older than that many is none


class _Sent(msgspec.Struct):
    number: int
    time_s: float
    value: int
    origin: str
    got: Sequence[str]
    returned: list[str] = []


@dataclass(slots=True)
class _Returner:
    """What a device that we play to, or that plays, has shown so far."""

    spoke: bool = False  # it sent what was no echo
    waiting: deque[float] = field(default_factory=deque)  # notes it got, when; may still return
    kept: int = 0  # notes in a row that it did not return
    times: int = 0  # in a row that it returned what hands would hardly have played
    last: tuple[int, float] = (-1, 0.0)  # number of the last of those, and how late it was

    def got(self, time_s: float) -> None:
        if self.waiting:
            self.expire(time_s)
        self.waiting.append(time_s)

    def expire(self, time_s: float) -> None:
        while self.waiting and time_s - self.waiting[0] > ECHO_S:
            self.waiting.popleft()
            self.kept += 1

    def suspect(self, sent: _Sent, time_s: float) -> bool:
        """It sent what may be an echo of ``sent``; whether it is one, after some alike in a row."""
        number, late_s = self.last
        alike = number < sent.number and abs(time_s - sent.time_s - late_s) < _ALIKE_S
        self.times = self.times + 1 if alike else 1
        self.last = sent.number, time_s - sent.time_s
        return self.times > _PROVEN


class Echoes:
    """Tell it what was ``sent``, ask it what ``comes_back``; that may be in a driver's thread."""

    def __init__(self) -> None:
        self._sent: dict[int, deque[_Sent]] = {}  # by status and key
        self._count = 0
        self._devices: dict[str, _Returner] = {}
        self._down: dict[tuple[str, int, int], int] = {}  # device, channel, pitch -> echoes held

    def sent(self, time_s: float, message: Message, got: Sequence[str]) -> None:
        """``message`` goes now to the devices ``got``."""
        if message.channel < 0 or message.kind == NOTE_OFF:
            return
        self._count += 1
        key, value = _split(message)
        sent = _Sent(self._count, time_s, value, message.origin, got)
        waiting = self._sent.get(key)
        if waiting is None:
            self._sent[key] = deque((sent,), maxlen=_FORGET_AT)
        else:
            waiting.append(sent)  # first: a thread that looks finds the newest at the end
            while time_s - waiting[0].time_s > ECHO_S:
                waiting.popleft()
        if message.kind == NOTE_ON:
            for device in got:
                (self._devices.get(device) or self._device(device)).got(time_s)

    def comes_back(self, time_s: float, device: str, message: Message) -> bool:
        """Whether a channel message from ``device`` is ours; a release belongs to its echo."""
        if message.kind == NOTE_OFF:
            held = (device, message.channel, message.pitch)
            return held in self._down and self._release(held)
        returner = self._devices.get(device) or self._device(device)
        if returner.waiting:
            returner.expire(time_s)
        key, value = _split(message)
        for sent in self._lately(time_s, key):
            fits = _soon(time_s, sent, device) and device not in sent.returned
            if fits and self._is_echo(time_s, sent, device, value):
                sent.returned.append(device)
                returner.kept = 0
                if message.kind == NOTE_ON:
                    held = (device, message.channel, message.pitch)
                    self._down[held] = self._down.get(held, 0) + 1
                return True
        returner.spoke = True
        if message.kind == NOTE_ON:  # played by hand: an echo whose release never came is over
            self._down.pop((device, message.channel, message.pitch), None)
        return False

    def follows(self, time_s: float, device: str, message: Message) -> bool:
        """Whether we sent the key of a note-on a moment ago, whatever its velocity."""
        lately = self._lately(time_s, _split(message)[0])
        return bool(lately) and any(_soon(time_s, sent, device) for sent in lately)

    def forget(self, device: str) -> None:
        """``device`` is unplugged."""
        self._devices.pop(device, None)
        for held in [held for held in list(self._down) if held[0] == device]:
            del self._down[held]

    # --- inside

    def _lately(self, time_s: float, key: int) -> tuple[_Sent, ...]:
        """What was sent of a key that may still come back: mostly nothing."""
        waiting = self._sent.get(key)
        if waiting is None or time_s - waiting[-1].time_s > ECHO_S:
            return ()
        return tuple(waiting)

    def _device(self, device: str) -> _Returner:
        return self._devices.setdefault(device, _Returner())

    def _is_echo(self, time_s: float, sent: _Sent, device: str, value: int) -> bool:
        returner = self._devices[device]
        if not returner.spoke:
            return device in sent.got or value == sent.value
        if value != sent.value:
            return False
        if device in sent.got and returner.kept < _HONEST:
            return True
        return returner.suspect(sent, time_s)

    def _release(self, held: tuple[str, int, int]) -> bool:
        count = self._down.pop(held, 0)
        if count > 1:
            self._down[held] = count - 1
        return count > 0


def _soon(time_s: float, sent: _Sent, device: str) -> bool:
    """Whether ``device`` may return it now: its own playing that went to others, it does not."""
    own = sent.origin == device
    late_s = time_s - sent.time_s
    if own and device not in sent.got:
        return False
    return -_EARLY_S <= late_s <= (OWN_ECHO_S if own else ECHO_S)


def _split(message: Message) -> tuple[int, int]:
    """What a message is about and its value: channel and key, and the velocity; a note-on of
    velocity 0 is a note-off, and not asked for here."""
    status = message.kind | message.channel
    if status >> 5 == _OF_TWO_BYTES:
        return status << 7, message.data1
    return status << 7 | message.data1, message.data2
