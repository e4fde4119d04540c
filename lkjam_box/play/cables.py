"""A gig in virtual time whose instruments hang on cables that are pulled and put back.

Keyboard, drum machine and synth go through the real port manager on ports in memory. The synth has
power of its own: what sounds when its cable is pulled sounds on until a message ends it.
"""

from __future__ import annotations

from typing import Any

from ..config.options import Ports
from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, SILENCING_CCS, Message
from ..ports.fake_ports import FakeKind
from ..ports.manager import PortManager
from ..ports.names import placed
from ..tempo.gate import ClockGate
from .sent_notes import Sent
from .virtual_gig import Gig

KEYS, DRUMS, SYNTH = "keys", "drums", "synth"
SEEN_S = 0.005  # until the stage knows of a plug: the kernel tells, ports are listed, a message
LOOK_S = 0.002  # between two looks at what the synth heard
_SOCKETS = {KEYS: "1-1.1", DRUMS: "1-1.2", SYNTH: "1-1.3"}
Key = tuple[int, int]  # (channel, pitch)


class _Tee(list[Sent]):
    """A list that sends what is appended to it through a port manager."""

    def __init__(self, manager: PortManager) -> None:
        self._ports = manager
        super().__init__()

    def append(self, item: Sent) -> None:
        super().append(item)
        self._ports.send(item.output, item.message)


class CableGig(Gig):
    """``pull`` a cable at any moment. ``ear`` has the keys that sound at the synth, ``past`` each
    earlier ``ear`` and until when it was so."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.kind, self.ear, self.past = FakeKind(), set[Key](), list[tuple[float, set[Key]]]()
        self.manager = PortManager(self.kind, Ports(), self._take)
        self._gate, self._there, self._plugs = ClockGate(), dict[str, str](), 0
        super().__init__(*args, **more)
        self.sent = _Tee(self.manager)
        self.manager.open_own()
        for name in _SOCKETS:
            self.plug(name)
        self.manager.update(self.kind.inputs(), self.kind.outputs())
        self._look()

    def pull(self, time_s: float, name: str, away_s: float, client: int = 20) -> None:
        """Pull the cable of ``name``, put it back after ``away_s`` as ALSA client ``client``."""
        self.at(time_s, lambda: self.unplug(name))
        self.at(time_s + away_s, lambda: self.plug(name, client))

    def plug(self, name: str, client: int = 20) -> None:
        self._plugs += 1
        raw = f"{name}:{name} MIDI 1 {client + len(name)}:0"
        self._there[name] = full = placed(raw, _SOCKETS[name], self._plugs)
        (self.kind.output_names if name == SYNTH else self.kind.input_names).append(full)
        self.at(self.now_s + SEEN_S, self._aim)

    def unplug(self, name: str) -> None:
        self._listen()
        full = self._there.pop(name)
        for names in (self.kind.input_names, self.kind.output_names):
            if full in names:
                names.remove(full)
        for port in self.kind.opened_outputs:
            port.broken = port.broken or port.name == full
        self.at(self.now_s + SEEN_S, self._aim)

    def key(self, time_s: float, message: Message) -> None:
        self.at(time_s, lambda: self._play(KEYS, message))

    def clock_byte(self, time_s: float, *messages: Message) -> None:
        for message in messages:
            self.at(time_s, lambda m=message: self._play(DRUMS, m))  # type: ignore[misc]

    def sounded(self, time_s: float) -> set[Key]:
        """The keys that sounded at the synth at ``time_s``."""
        self._listen()
        return next((was for until_s, was in self.past if time_s < until_s), self.ear)

    # --- inside

    def _play(self, name: str, message: Message) -> None:
        """Send from instrument ``name``; lost while its cable is out."""
        full = self._there.get(name)
        for port in self.kind.opened_inputs:
            if port.name == full and not port.closed:
                port.play(self.now_s, message)

    def _take(self, _: float, source: str, message: Message, port: str) -> None:
        """Hand on to the stage what its inbox would."""
        clocked = source == "clock"
        for passed in self._gate.pass_on(self.now_s, port, message) if clocked else (message,):
            self.stage.midi(self.now_s, source, passed, port)

    def _aim(self) -> None:
        self.manager.update(self.kind.inputs(), self.kind.outputs())
        self.stage.set_ports(self.now_s, *self.manager.names())

    def _look(self) -> None:
        self._listen()
        self.at(self.now_s + LOOK_S, self._look)

    def _listen(self) -> None:
        """Let the synth hear what came since the last look, :data:`LOOK_S` ago at most."""
        full = self._there.get(SYNTH)
        for port in self.kind.opened_outputs:
            if port.name == full and not port.closed:
                for message in port.sent:
                    self._hear(message)
                port.sent.clear()

    def _hear(self, message: Message) -> None:
        was, kind, channel = set(self.ear), message.kind, message.channel
        if kind == NOTE_ON:
            self.ear.add((channel, message.pitch))
        elif kind == NOTE_OFF:
            self.ear.discard((channel, message.pitch))
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            self.ear = {key for key in self.ear if key[0] != channel}
        if was != self.ear:
            self.past.append((self.now_s, was))
