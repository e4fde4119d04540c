"""A device: the ports of one client or socket, and what it is for. Pure.

A device is a player, a clock, a synth or several. What it sends tells which: ticks or Start make
it a clock, keys that hands pressed a player, and what can be played to is a synth, unless it is
only a clock, whose input would play its samples. What the player told us wins over all that.

Ports of one device are one keyboard and one clock: what a second port repeats is left out (a USB
MIDI 2.0 endpoint beside its group, a machine on two ports).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..midi.controllers import Control, Controllers
from ..midi.messages import (
    CONTINUE,
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    START,
    STOP,
    SUSTAIN_CC,
    TICK,
    Message,
)
from ..protocol.choices import Role

TICKING_S = 0.5  # a clock is silent no longer than this between two ticks: 5 BPM
TOGETHER_S = 0.1  # from Start to its tick, where ticks come at all
TWICE_S = 0.03  # what a second port repeats comes within this
_DRUM_CHANNEL = 9
_MELODIC = 3  # different keys on one channel: a pad of a drum machine has one or two

_PLAYER, _CLOCK, _SYNTH = Role.PLAYER.value, Role.CLOCK.value, Role.SYNTH.value
KEYS, CLOCK, PATTERN, DROPPED = "keyboard", "clock", "pattern", ""
Key = tuple[int, int]  # (channel, pitch)


@dataclass(slots=True, eq=False)
class Plugged:
    """A device that is plugged in. ``label`` stays the same when it is plugged in again; ``known``
    are its roles as remembered; ``told`` those the player gave it, None if it learns them;
    ``named`` those for which a name pattern means it, which count besides.

    ``is_interface`` has instruments behind its jacks, which we cannot tell apart.
    """

    label: str
    name: str
    path: str = ""
    number: int = 0
    is_interface: bool = False
    known: Role = Role.NONE
    told: Role | None = None
    named: Role = Role.NONE
    outputs: int = 0  # ports of it that we play to
    alone: bool = False  # no other device is plugged in
    leads: bool = False  # we follow its clock, which runs
    looped: bool = False  # its notes came back without end: it is not heard until a panic
    ticks: bool = False  # it sent clock since it was plugged in
    played: bool = False  # hands pressed its keys
    keys: dict[Key, str] = field(default_factory=dict)  # key that is down -> port
    controllers: Controllers = field(default_factory=Controllers)
    _melody: set[Key] = field(default_factory=set)
    _hands: set[int] = field(default_factory=set)  # channels that were played on at rest
    _armed: bool = False  # Start came, no tick yet
    _armed_s: float = 0.0
    _runs: bool = False
    _tick_s: float = 0.0
    _tick_port: str = ""
    _lately: dict[bytes, tuple[float, str]] = field(default_factory=dict)

    # --- what it is for

    @property
    def roles(self) -> Role:
        if self.told is not None:
            return self.told
        roles = self.known & ~Role.SYNTH | self.named
        if self.played:
            roles |= Role.PLAYER
        if self.ticks:
            roles |= Role.CLOCK
        if self.takes_notes:
            roles |= Role.SYNTH
        return roles

    @property
    def takes_notes(self) -> bool:
        """Whether it is a synth; asked for every note, so without the arithmetic of flags, nor
        their ``value``, which cost ten times as much."""
        if self.told is not None:
            return bool(self.told._value_ & _SYNTH)
        is_clock = self.ticks or self.known._value_ & _CLOCK
        if self.named._value_ & _SYNTH:
            return True
        return self.outputs > 0 and (not is_clock or self._plays_too)

    @property
    def _plays_too(self) -> bool:
        """Whether what sends clock can be played to: behind an interface, that is another one."""
        return self.is_interface or self.alone or self._is_melodic

    @property
    def _is_melodic(self) -> bool:
        known = Role.PLAYER | Role.SYNTH
        return len(self._melody) >= _MELODIC or (self.known & known) == known

    def listens(self, role: Role) -> bool:
        """Whether we take what it sends as ``role`` (player or clock)."""
        return self.told is None or role in self.told

    def runs(self, time_s: float) -> bool:
        """Whether its transport runs: Start with ticks after it, and no Stop since; just after
        Start its first notes may come before its first tick."""
        if self._armed and time_s - self._armed_s < TOGETHER_S:
            return True
        return (self._runs or self.leads) and time_s - self._tick_s < TICKING_S

    # --- what it sends

    def heard(self, time_s: float, port: str, message: Message) -> str:
        """What a message is: :data:`KEYS`, :data:`CLOCK`, :data:`PATTERN` (its own transport runs:
        no playing if it is the clock that we follow), or :data:`DROPPED`."""
        kind, channel = message.kind, message.channel
        if channel < 0:
            return self.heard_clock(time_s, port, kind)
        if self.looped or not (self.told is None or self.told._value_ & _PLAYER):
            return DROPPED
        key = (channel, message.pitch)
        if kind == NOTE_OFF:
            if self.keys.get(key, port) != port:
                return DROPPED
            self.controllers.take(message)
            return KEYS if self.keys.pop(key, None) is not None else DROPPED
        if self._repeats(time_s, port, message.data):
            return DROPPED
        is_pedal = kind == CONTROL_CHANGE and message.number == SUSTAIN_CC
        if is_pedal and message.value < 64 and self._sustains(channel):
            self.controllers.take(message)
            return KEYS
        what = KEYS
        if self.ticks or self._armed or self.leads:  # else it has no transport that may run
            what = self._playing(time_s, channel)
        if what == DROPPED:
            return DROPPED
        if what == KEYS or is_pedal:
            self.controllers.take(message)
        if kind == NOTE_ON:
            self.keys[key] = port
            if what == KEYS and (len(self._melody) < _MELODIC or channel not in self._hands):
                self._learn_player(key)
        return what

    def heard_clock(self, time_s: float, port: str, kind: int) -> str:
        """As :meth:`heard`, of a system message."""
        if kind == TICK:
            if port != self._tick_port and self._ticking(time_s):
                return DROPPED
            self._tick_port, self._tick_s, self.ticks = port, time_s, True
            if self._armed:
                self._armed, self._runs = False, True
        elif self._tick_port and port != self._tick_port and self._ticking(time_s):
            return DROPPED
        elif kind in (START, CONTINUE):
            self._armed, self._armed_s = True, time_s
        elif kind == STOP:
            self._armed = self._runs = False
        return CLOCK if self.told is None or self.told._value_ & _CLOCK else DROPPED

    def lift(self, port: str = "") -> tuple[list[Key], list[Message]]:
        """The keys of ``port`` ('' for all) that are down, and what brings pedals, bend and the
        like to neutral; they count as so from now on."""
        keys = sorted(key for key, by in list(self.keys.items()) if by == port or not port)
        for key in keys:
            self.keys.pop(key, None)
        neutral = self.controllers.rest()
        for message in neutral:
            self.controllers.take(message)
        return keys, neutral

    # --- inside

    def _sustains(self, channel: int) -> bool:
        return self.controllers.values.get(Control(channel, CONTROL_CHANGE, SUSTAIN_CC), 0) >= 64

    def _learn_player(self, key: Key) -> None:
        self.played = True
        self._hands.add(key[0])
        if len(self._melody) < _MELODIC and key[0] != _DRUM_CHANNEL:
            self._melody.add(key)
            if len({channel for channel, _ in self._melody}) > 1:  # a drum machine's tracks
                self._melody = {one for one in self._melody if one[0] == key[0]}

    def _playing(self, time_s: float, channel: int) -> str:
        """Whether its keys are played by hands, as far as its own transport tells."""
        if self.told is not None or self.named._value_ & _PLAYER:
            return KEYS
        is_player = self.played or bool(self.known._value_ & _PLAYER)
        if self.runs(time_s):
            if self.is_interface:  # keyboard and clock may share its jack
                return KEYS if is_player and channel in self._hands else DROPPED
            return PATTERN if is_player else DROPPED
        if self._ticking(time_s) and self.known._value_ & _CLOCK and not is_player:
            return DROPPED  # a drum machine that was running before we came
        return KEYS

    def _ticking(self, time_s: float) -> bool:
        return self.ticks and time_s - self._tick_s < TICKING_S

    def _repeats(self, time_s: float, port: str, data: bytes) -> bool:
        """Whether another port of this device has just sent the same."""
        before = self._lately.get(data)
        if before is not None and before[1] != port and time_s - before[0] < TWICE_S:
            return True
        if len(self._lately) > 64:
            self._lately.clear()
        self._lately[data] = (time_s, port)
        return False
