"""Instruments as players own them, manners and all, for a gig in virtual time.

An instrument has ports, maybe a sound of its own (:class:`.rig_ear.Ear`), maybe a sequencer that
sends clock (:class:`.rig_sequencer.Sequencer`), and may give back what it gets. It hangs on a gig's
cables (:class:`.rig.RigGig`), or on the jacks of an interface that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ..midi.messages import (
    ACTIVE_SENSING,
    NOTE_ON,
    Message,
    control_change,
    note_off,
    note_on,
    real_time,
)
from ..ports.names import placed
from .rig_ear import LOCAL, Ear
from .rig_hands import Hand, Stroke, Timed, keys


class Cables(Protocol):
    """What an instrument needs of the gig that it hangs on."""

    now_s: float

    def at(self, time_s: float, do: Callable[[], None]) -> None: ...

    def carry(self, instrument: Instrument, port: int, message: Message) -> None:
        """Bring a message to the box at once; it is lost while the cable is out."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port as ALSA names it; ``sends`` and ``takes`` as seen from the instrument."""

    name: str
    sends: bool = True
    takes: bool = True


def none_s() -> float:
    """No delay."""
    return 0.0


class Instrument:
    """``client`` is its name in ALSA's list, ``path`` its USB socket ('' where none is known).

    ``sounds``: it has a sound (``ear``); with ``local`` its own keys play it. ``returns_s``: it
    gives back what it gets, so much later. ``late_s`` is how late each message leaves it.
    """

    def __init__(
        self,
        client: str,
        ports: Sequence[Port | str] = ("",),
        *,
        path: str = "",
        sounds: bool = False,
        local: bool = True,
        returns_s: Callable[[], float] | None = None,
        late_s: Callable[[], float] = none_s,
        hand: Hand | None = None,
        via: Instrument | None = None,
    ) -> None:
        named = [Port(port) if isinstance(port, str) else port for port in ports]
        self.client, self.path = client, path
        self.ports = [
            Port(port.name or f"{client} MIDI {number}", port.sends, port.takes)
            for number, port in enumerate(named, 1)
        ]
        self.ear = Ear()
        self.got: list[tuple[float, int, Message]] = []  # time_s, port, message
        self.sent: list[tuple[float, int, Message]] = []
        self.sounds, self.local = sounds, local
        self.keys_port = 0
        self._returns_s, self._late_s = returns_s, late_s
        self._hand = hand or keys()
        self._behind: list[Instrument] = []
        self._via = via
        self._leaves_s = 0.0
        if via is not None:
            via._behind.append(self)
        self.gig: Cables

    def full_names(self, number: int, plug: int) -> list[str]:
        """The names of its ports while it is client ``number``; empty behind an interface."""
        if self._via is not None:
            return []
        if self.client == "DIN":
            return ["DIN"]
        raw = [f"{self.client}:{port.name} {number}:{n}" for n, port in enumerate(self.ports)]
        return [placed(name, self.path, plug) for name in raw] if self.path else raw

    # --- what is done with it

    def play(self, *strokes: Stroke) -> None:
        """Play strokes, as its hand does."""
        self.do(self._hand(strokes))

    def do(self, timed: Iterable[Timed], port: int | None = None) -> None:
        """Send timed messages; its own sound plays them where local control is on."""
        for time_s, message in timed:
            self.gig.at(time_s, partial(self._touch, message, port))

    def press(self, time_s: float, pitch: int, velocity: int = 90, channel: int = 0) -> None:
        self.do([(time_s, note_on(channel, pitch, velocity))])

    def lift(self, time_s: float, pitch: int, channel: int = 0) -> None:
        self.do([(time_s, note_off(channel, pitch))])

    def turn(self, time_s: float, number: int, value: int, channel: int = 0) -> None:
        """Move a controller."""
        self.do([(time_s, control_change(channel, number, value))])

    def sense(self, until_s: float, every_s: Callable[[], float]) -> None:
        """Send active sensing from now on."""

        def beat() -> None:
            if self.gig.now_s < until_s:
                self.send(real_time(ACTIVE_SENSING))
                self.gig.at(self.gig.now_s + every_s(), beat)

        self.gig.at(self.gig.now_s, beat)

    # --- wires

    def send(self, message: Message, port: int | None = None) -> None:
        """Send a message now; it leaves in order, each as late as ``late_s`` says."""
        port = self.keys_port if port is None else port
        self._leaves_s = max(self.gig.now_s + self._late_s(), self._leaves_s)
        self.sent.append((self.gig.now_s, port, message))
        if self._leaves_s <= self.gig.now_s:
            self._leave(port, message)
        else:
            self.gig.at(self._leaves_s, lambda: self._leave(port, message))

    def hear(self, message: Message, port: int = 0) -> None:
        """Take a message that arrives now."""
        now_s = self.gig.now_s
        self.got.append((now_s, port, message))
        if self.sounds:
            self.ear.hear(now_s, message)
        for other in self._behind:
            other.hear(message)
        if self._returns_s is not None and message.channel >= 0:
            self.gig.at(now_s + self._returns_s(), lambda: self._leave(port, message))

    def strikes(self) -> int:
        """Note-ons that it got."""
        return sum(message.kind == NOTE_ON for _, _, message in self.got)

    # --- inside

    def _touch(self, message: Message, port: int | None) -> None:
        if self.sounds and self.local and message.channel >= 0:
            self.ear.hear(self.gig.now_s, message, LOCAL)
        self.send(message, port)

    def _leave(self, port: int, message: Message) -> None:
        if self._via is not None:
            self._via._leave(0, message)
        else:
            self.gig.carry(self, port, message)
