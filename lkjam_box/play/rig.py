"""A gig in virtual time whose instruments hang on cables, as on stage.

Bytes go the whole way: instrument, port in memory, the real port manager, the clock gate, the
stage, the port manager again, cable, instrument, and back into the box where the instrument
returns them. Cables are pulled and put back at any moment; an instrument has power of its own,
so what sounds when its cable is pulled sounds on until a message ends it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from weakref import finalize

from ..config.options import Config
from ..errors import LkjamError
from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, SILENCING_CCS, Message
from ..music.library import Library
from ..ports.fake_ports import FakeKind, FakeOutput
from ..ports.manager import PortManager
from ..ports.names import brief
from ..protocol.engine import Engine
from ..protocol.records import Command, CommandId, EngineId
from ..protocol.shared_state import Snapshot
from ..service.inbox import Inbox
from ..tempo.clock import Clock
from ..tempo.external_clock import ExternalClock
from .rig_ear import Key
from .rig_instruments import Instrument
from .sent_notes import Sent
from .virtual_brain import LAPTOP, Delays
from .virtual_gig import Gig

SEEN_S = 0.005  # until the stage knows of a plug: the kernel tells, ports are listed, a message
LOOK_S = 0.03  # between two looks after the ports, as the process does with a snapshot
NAMES_S = 1.0  # between two looks at what the devices are
WIRE_S = 0.001  # from the box to an instrument
FLOOD = 2500  # messages through one output within a second: more than any cable carries
FIRST_CLIENT, CLIENTS = 20, 4  # numbers of ALSA's clients, a sound card having four


class Flooded(LkjamError):
    """So much goes through an output that the gig would never end."""


class _Output(FakeOutput):
    """An output that tells of what is sent."""

    def __init__(self, name: str, tell: Callable[[str, Message], None]) -> None:
        super().__init__(name)
        self._tell = tell

    def send(self, message: Message) -> None:
        super().send(message)
        self._tell(self.name, message)


class _Kind(FakeKind):
    """Ports in memory whose outputs tell ``tell``."""

    def __init__(self, tell: Callable[[str, Message], None]) -> None:
        super().__init__()
        self._tell = tell

    def create_output(self, name: str) -> FakeOutput:
        port = _Output(name, self._tell)
        self.opened_outputs.append(port)
        return port


class _Tee(list[Sent]):
    """A list that sends what is appended to it through a port manager."""

    def __init__(self, manager: PortManager) -> None:
        self._ports = manager
        super().__init__()

    def append(self, item: Sent) -> None:
        super().append(item)
        self._ports.send(item.output, item.message)


class RigGig(Gig):
    """``plug`` and ``unplug`` instruments at any moment; all of ``instruments`` are in at 0 s.

    ``on_wire`` has the keys that are down on each output, by port name, as they were sent.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        config: Config,
        library: Library,
        make_engine: Callable[[EngineId], Engine],
        *,
        clock: Clock | None = None,
        seed: int = 1,
        delays: Delays = LAPTOP,
    ) -> None:
        clock = clock or ExternalClock(freewheel_beats=config.clock.freewheel_beats)
        self.instruments: list[Instrument] = []
        self.kind, self._plugs = _Kind(self._left), 0
        self.inbox = Inbox(wakes=False, follows=config.clock.source == "external")
        self.gate = self.inbox.gate
        finalize(self, os.close, self.inbox.fileno())
        self.on_wire: dict[str, set[Key]] = {}
        self._names: dict[str, tuple[Instrument, int]] = {}
        self._clients: dict[Instrument, int] = {}
        self._named_s = 0.0
        self._flow: dict[str, deque[float]] = {}
        self.manager = PortManager(self.kind, config.ports, self._take, now=lambda: self.now_s)
        self.manager.thru_back = config.thru.back
        super().__init__(config, library, clock, make_engine, seed=seed, delays=delays)
        self.sent = _Tee(self.manager)
        self.manager.open_own()
        for instrument in instruments:
            self.plug(instrument)
        self._aim()
        self._look()

    # --- cables

    def plug(self, instrument: Instrument, client: int = 0) -> None:
        """Plug it in, as ALSA client ``client``; 0 takes the number it had, or the next one."""
        instrument.gig = self
        if instrument not in self.instruments:
            self.instruments.append(instrument)
        number = client or self._clients.get(instrument) or self._next_client()
        self._clients[instrument], self._plugs = number, self._plugs + 1
        for place, name in enumerate(instrument.full_names(number, self._plugs)):
            self._names[name] = instrument, place
            port = instrument.ports[place]
            if port.sends:
                self.kind.input_names.append(name)
            if port.takes:
                self.kind.output_names.append(name)
        self.at(self.now_s + SEEN_S, self._aim)

    def unplug(self, instrument: Instrument) -> None:
        gone = [name for name, (other, _) in self._names.items() if other is instrument]
        for name in gone:
            del self._names[name]
            for names in (self.kind.input_names, self.kind.output_names):
                if name in names:
                    names.remove(name)
            for port in self.kind.opened_outputs:
                port.broken = port.broken or port.name == name
        self.at(self.now_s + SEEN_S, self._aim)

    def pull(self, time_s: float, instrument: Instrument, away_s: float, client: int = 0) -> None:
        """Pull its cable, put it back after ``away_s``."""
        self.at(time_s, lambda: self.unplug(instrument))
        self.at(time_s + away_s, lambda: self.plug(instrument, client))

    def is_in(self, instrument: Instrument) -> bool:
        return any(other is instrument for other, _ in self._names.values())

    def carry(self, instrument: Instrument, port: int, message: Message) -> None:
        """As :class:`.rig_instruments.Cables`."""
        name = next((n for n, there in self._names.items() if there == (instrument, port)), "")
        for opened in self.kind.opened_inputs:
            if opened.name == name and not opened.closed:
                opened.play(self.now_s, message)

    # --- what the player does on the box

    def command(self, time_s: float, command: Command) -> None:
        if command.command == CommandId.PANIC:
            self.at(time_s, self.manager.end_loops)
        super().command(time_s, command)
        if command.command == CommandId.LINE_HERE:
            self.at(time_s, self._join)

    def tell_role(self, time_s: float, instrument: Instrument, roles: int) -> None:
        """Say what a device is for; -1 lets the box learn it."""
        self.at(time_s, lambda: self._tell_role(instrument, roles))

    # --- what happened

    def snapshot(self) -> Snapshot:
        """As the process shows it now."""
        self.stage.view.second_clock = bool(self.gate.rival(self.now_s))
        self.stage.view.loop_device = self.manager.loop
        return self.stage.snapshot(self.now_s)

    def number_of(self, instrument: Instrument) -> int:
        """Its number in the snapshot's list of devices; 0 where it is not in."""
        names = {brief(name) for name in self.ports_of(instrument)} | {instrument.client}
        return next((number for number, name, *_ in self.manager.shown() if name in names), 0)

    def ports_of(self, instrument: Instrument) -> list[str]:
        """The full names of its ports, as they are plugged in now."""
        return [name for name, (other, _) in self._names.items() if other is instrument]

    def wires(self) -> dict[str, set[Key]]:
        """``on_wire`` of the ports that are plugged in."""
        return {name: down for name, down in self.on_wire.items() if name in self._names}

    # --- inside

    def _join(self) -> None:
        if self.stage.clock.running:
            self.gate.joined()

    def _next_client(self) -> int:
        taken = set(self._clients.values())
        return next(n for n in range(FIRST_CLIENT, 128, CLIENTS) if n not in taken)

    def _take(self, _: float, source: str, message: Message, device: str) -> None:
        """Hand on to the stage what its inbox would."""
        self.inbox.put(self.now_s, source, message, device)
        for _, kind, passed, label in self.inbox.take():
            self.stage.midi(self.now_s, kind, passed, label)

    def _aim(self) -> None:
        self.manager.update(self.kind.inputs(), self.kind.outputs())
        self._tell_ports()

    def _tell_ports(self) -> None:
        self.stage.set_ports(self.now_s, *self.manager.names())
        self.stage.view.figures.devices = self.manager.shown()

    def _tell_role(self, instrument: Instrument, roles: int) -> None:
        self.manager.tell(self.number_of(instrument), roles)
        self._tell_ports()

    def _look(self) -> None:
        """What the process does whenever it shows a snapshot."""
        if self.manager.poll(self.now_s) or self.now_s - self._named_s > NAMES_S:
            self._named_s = self.now_s
            self._tell_ports()
        self.manager.follow(self.gate.master if self.stage.clock.running else "")
        self.at(self.now_s + LOOK_S, self._look)

    def _left(self, name: str, message: Message) -> None:
        """A message left through an output."""
        kind, down = message.kind, self.on_wire.setdefault(name, set())
        if kind == NOTE_ON:
            down.add((message.channel, message.pitch))
        elif kind == NOTE_OFF:
            down.discard((message.channel, message.pitch))
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            down -= {key for key in down if key[0] == message.channel}
        self._count(name)
        there = self._names.get(name)
        if there is not None:
            self.at(self.now_s + WIRE_S, partial(self._arrive, name, *there, message))

    def _count(self, name: str) -> None:
        times = self._flow.setdefault(name, deque(maxlen=FLOOD))
        times.append(self.now_s)
        if len(times) == FLOOD and self.now_s - times[0] < 1.0:
            raise Flooded(f"{FLOOD} messages to {name} within {self.now_s - times[0]:.2f} s")

    def _arrive(self, name: str, instrument: Instrument, port: int, message: Message) -> None:
        if name in self._names:
            instrument.hear(message, port)
