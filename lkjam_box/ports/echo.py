"""What a device sends back of what we sent it, told from what is played on it. Pure.

Synths, merge boxes and interfaces return what they get, 1 to 60 ms later (Midynamite#180,
MobMuPlat#50). An echo is known by channel, key, value and time, and by the device: one that got
the message, or one that never spoke by itself. Everything that was sent can come back, and
each message once a device, so that the same key pressed by hand after its echo is heard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..midi.messages import NOTE_OFF, NOTE_ON, Message

ECHO_S = 0.1  # 60 ms is the latest that was seen
_EARLY_S = 0.005  # a driver's stamp may be that much before we knew that we sent
_PROVEN = 3  # echoes, after which a device that did not get the message is known to return it
_FORGET_AT = 64  # messages kept of a kind; an echo older than that many is none


@dataclass(slots=True)
class _Sent:
    time_s: float
    value: int
    got: frozenset[str]
    returned: list[str] = field(default_factory=list)


class Echoes:
    """Tell it what was ``sent``, ask it what ``comes_back``; that may be in a driver's thread."""

    def __init__(self) -> None:
        self._sent: dict[bytes, deque[_Sent]] = {}
        self._spoke: set[str] = set()  # devices that sent what was no echo
        self._times: dict[str, int] = {}  # how often a device returned what it did not get
        self._down: dict[tuple[str, int, int], int] = {}  # device, channel, pitch -> echoes held

    def sent(self, time_s: float, message: Message, got: frozenset[str]) -> None:
        """``message`` goes now to the devices ``got``."""
        if message.channel < 0 or message.kind == NOTE_OFF:
            return
        key, value = _split(message)
        waiting = self._sent.setdefault(key, deque(maxlen=_FORGET_AT))
        while waiting and time_s - waiting[0].time_s > ECHO_S:
            waiting.popleft()
        waiting.append(_Sent(time_s, value, got))

    def comes_back(self, time_s: float, device: str, message: Message) -> bool:
        """Whether a channel message from ``device`` is ours; a release belongs to its echo."""
        if message.kind == NOTE_OFF:
            return self._release((device, message.channel, message.pitch))
        key, value = _split(message)
        for sent in tuple(self._sent.get(key, ())):
            if _soon(time_s, sent) and self._is_echo(sent, device, value):
                sent.returned.append(device)
                if device not in sent.got:
                    self._times[device] = self._times.get(device, 0) + 1
                if message.kind == NOTE_ON:
                    held = (device, message.channel, message.pitch)
                    self._down[held] = self._down.get(held, 0) + 1
                return True
        self._spoke.add(device)
        return False

    def follows(self, time_s: float, message: Message) -> bool:
        """Whether we sent the key of a note-on a moment ago, whatever its velocity."""
        return any(_soon(time_s, sent) for sent in tuple(self._sent.get(bytes(message[:2]), ())))

    def forget(self, device: str) -> None:
        """``device`` is unplugged."""
        self._spoke.discard(device)
        self._times.pop(device, None)
        for held in [held for held in list(self._down) if held[0] == device]:
            del self._down[held]

    def _is_echo(self, sent: _Sent, device: str, value: int) -> bool:
        if device in sent.returned:
            return False
        spoke = device in self._spoke
        if device in sent.got:
            return value == sent.value or not spoke
        return value == sent.value and (not spoke or self._times.get(device, 0) >= _PROVEN)

    def _release(self, held: tuple[str, int, int]) -> bool:
        count = self._down.get(held, 0)
        if count:
            self._down[held] = count - 1
        return count > 0


def _soon(time_s: float, sent: _Sent) -> bool:
    return -_EARLY_S <= time_s - sent.time_s <= ECHO_S


def _split(message: Message) -> tuple[bytes, int]:
    """What a message is about and its value: channel and key, and the velocity; a note-on of
    velocity 0 is a note-off, and not asked for here."""
    if len(message) == 3:
        return bytes(message[:2]), message[2]
    return bytes(message[:1]), message[1]
