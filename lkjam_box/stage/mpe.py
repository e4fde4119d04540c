"""MPE: which channels a keyboard has taken for itself, a note each. Pure.

A zone is a master channel (1 or 16) and the members beside it. It is told by RPN 6 on its master,
or shown: a keyboard that was set up before the box was plugged in plays its notes one a channel,
each with a bend, pressure or timbre of its own. Such a zone reaches as far as it has been played.
"""

from __future__ import annotations

from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    PRESSURE,
    Message,
)

LOWER, UPPER = 0, 15  # master channels
_WHOLE = 15  # members of a zone that takes all channels
_SHOWN = 3  # channels with a note of their own, as few as no layered or split keyboard shows
_DATA, _RPN_FINE, _RPN, _NRPNS, _TIMBRE = 6, 100, 101, (98, 99), 74
_MPE_RPN = {_RPN: 0, _RPN_FINE: 6}


class Zones:
    """``take`` every message of the keyboards as it is sent on; read ``taken`` and ``master``."""

    def __init__(self) -> None:
        self.told = {LOWER: 0, UPPER: 0}  # master -> members
        self._rpns: dict[int, dict[int, int]] = {}
        self._devices: dict[str, _OneNoteAChannel] = {}
        self._tell()

    def take(self, message: Message, device: str = "") -> None:
        if message.kind == CONTROL_CHANGE and message.channel in self.told:
            self._configure(message)
        one = self._devices.get(device)
        if one is None:
            one = self._devices[device] = _OneNoteAChannel()
        before = None if one.master is None else (one.master, one.members)
        one.take(message)
        if before != (None if one.master is None else (one.master, one.members)):
            self._tell()

    @property
    def told_members(self) -> tuple[int, int]:
        """Of the lower and of the upper zone, as the keyboards told, for :meth:`tell`."""
        return self.told[LOWER], self.told[UPPER]

    def tell(self, lower: int, upper: int) -> None:
        """The zones have so many members; 0 is no zone."""
        self.told = {LOWER: lower, UPPER: upper}
        self._tell()

    def forget_shown(self) -> None:
        """The keyboards are gone. What was told the synth still knows."""
        self._devices.clear()
        self._tell()

    # --- inside

    def _configure(self, message: Message) -> None:
        channel, number, value = message.channel, message.number, message.value
        rpn = self._rpns.setdefault(channel, {})
        if number in (_RPN, _RPN_FINE):
            rpn[number] = value
        elif number in _NRPNS:
            rpn.clear()
        elif number == _DATA and rpn == _MPE_RPN:
            members = min(value, _WHOLE)
            other = UPPER - channel
            room = max(_WHOLE - 1 - members, 0)  # a new zone takes channels of the other
            self._devices.clear()  # it says itself how it is
            self.told[channel], self.told[other] = members, min(self.told[other], room)
            self._tell()

    def _tell(self) -> None:
        lower, upper = self.told[LOWER], self.told[UPPER]
        if not (lower or upper):
            shown = [(one.master, one.members) for one in self._devices.values()]
            lower = max((members for master, members in shown if master == LOWER), default=0)
            upper = max((members for master, members in shown if master == UPPER), default=0)
            upper = min(upper, _WHOLE - 1 - lower) if lower else upper
        taken = set(range(lower + 1)) if lower else set()
        taken |= set(range(UPPER - upper, UPPER + 1)) if upper else set()
        self.taken = frozenset(taken)
        self.master = LOWER if lower or not upper else UPPER


class _OneNoteAChannel:
    """Whether one keyboard plays a note a channel, and from which end it counts them."""

    def __init__(self) -> None:
        self.master: int | None = None
        self._last = -1  # channel
        self._stays = False  # on a channel from note to note, as on a string of a guitar
        self._down: dict[int, set[int]] = {}  # channel -> keys
        self._struck: set[int] = set()
        self._single: set[int] = set()  # channels that never had two notes
        self._shaped: set[int] = set()  # with a bend, pressure or timbre

    @property
    def members(self) -> int:
        """How far the zone reaches from its master, as far as it has shown."""
        if self.master is None or not self._struck:
            return 0
        return max(abs(channel - self.master) for channel in self._struck)

    def take(self, message: Message) -> None:
        kind, channel = message.kind, message.channel
        if kind == NOTE_ON:
            self._strike(channel, message.pitch)
        elif kind == NOTE_OFF:
            self._down.get(channel, set()).discard(message.pitch)
            return
        elif kind in (PITCH_BEND, PRESSURE) or (
            kind == CONTROL_CHANGE and message.number == _TIMBRE
        ):
            self._shaped.add(channel)
        else:
            return
        if self.master is None:
            if len(self._shaped) >= _SHOWN:
                self.master = self._found()
        elif self.master in self._struck:  # a guitar whose first or last string it is
            self.master = None

    def _strike(self, channel: int, pitch: int) -> None:
        keys = self._down.setdefault(channel, set())
        doubles = len(self._down) > 1 and any(
            pitch in others for other, others in self._down.items() if other != channel
        )
        if channel not in self._struck and not doubles:
            self._single.add(channel)
        if keys or doubles:  # a chord on one channel, or a layer: no note a channel
            self._single.discard(channel)
        self._stays |= channel == self._last
        self._last = channel
        self._struck.add(channel)
        keys.add(pitch)

    def _found(self) -> int | None:
        single = self._single & self._shaped
        if len(single) < _SHOWN:
            return None
        if LOWER not in self._struck and LOWER + 1 in single:
            return LOWER
        if UPPER not in self._struck and UPPER - 1 in single and not self._stays:
            return UPPER
        return None
