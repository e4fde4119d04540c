"""The wires of the box: our own named ports, and whatever plugged-in port fits a pattern.

The rig never asks the system what is there (that may take milliseconds): somebody off the
hot path does, and calls :meth:`Rig.update` with the names. RtMidi does not tell of a lost
cable, so absence from that list is the loss. Nothing here ever restarts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..config.options import Ports
from ..errors import LkjamError
from ..midi.messages import (
    ACTIVE_SENSING,
    CONTROL,
    SUSTAIN_CC,
    TICK,
    control,
    is_note_off,
    is_note_on,
    note_off,
)
from .held import Held, silence
from .names import OWN_CLOCK, OWN_IN, OWN_OUT, choose, short
from .protocol import InputPort, OutputPort, PortKind

Take = Callable[[float, str, bytes, str], None]
"""(time_s, "keyboard" or "clock", message, port name). May come from a driver's thread."""

SENSING_S = 0.33  # MIDI 1.0: a sender of active sensing that is silent this long is gone
_DRUM_CHANNEL = 9


@dataclass(slots=True, eq=False)
class _Input:
    """An open input: what it is for, and which of its keys and pedals are down."""

    name: str
    keyboard: bool
    clock: bool
    take: Take
    port: InputPort | None = None
    ticking: bool = False  # it sends clock: then its drum channel is a drum machine's pattern
    sensed_s: float = 0.0  # last message since active sensing was seen; 0 = never seen
    keys: set[tuple[int, int]] = field(default_factory=set)
    pedals: set[int] = field(default_factory=set)

    def receive(self, time_s: float, message: bytes) -> None:
        status = message[0]
        if self.sensed_s or status == ACTIVE_SENSING:
            self.sensed_s = time_s
        if status >= 0xF0:
            self.ticking = self.ticking or status == TICK
            if self.clock and status != ACTIVE_SENSING:
                self.take(time_s, "clock", message, self.name)
        elif self.keyboard and not (self.ticking and status & 0x0F == _DRUM_CHANNEL):
            self._follow(message)
            self.take(time_s, "keyboard", message, self.name)

    def _follow(self, message: bytes) -> None:
        channel = message[0] & 0x0F
        if is_note_on(message):
            self.keys.add((channel, message[1]))
        elif is_note_off(message):
            self.keys.discard((channel, message[1]))
        elif message[0] & 0xF0 == CONTROL and message[1] == SUSTAIN_CC:
            (self.pedals.add if message[2] >= 64 else self.pedals.discard)(channel)

    def let_go(self, time_s: float) -> None:
        """The cable is out: nobody else will lift these keys and pedals."""
        keys, pedals = sorted(self.keys), sorted(self.pedals)
        self.keys.clear()
        self.pedals.clear()
        self.sensed_s = 0.0
        for channel, pitch in keys:
            self.take(time_s, "keyboard", note_off(channel, pitch), self.name)
        for channel in pedals:
            self.take(time_s, "keyboard", control(channel, SUSTAIN_CC, 0), self.name)


class Rig:
    """``log`` takes one line for the player. ``panic`` silences each output as it opens."""

    def __init__(
        self,
        kind: PortKind,
        options: Ports,
        take: Take,
        *,
        held: Held | None = None,
        log: Callable[[str], None] = lambda line: None,
        panic: bool = False,
    ) -> None:
        self._kind, self._options, self._take, self._log = kind, options, take, log
        self._held = held if held is not None else Held()
        self._greeting = silence(self._held) if panic else []
        for message in self._greeting:
            self._held.sent(message)
        self._inputs: dict[str, _Input] = {}
        self._outputs: dict[str, OutputPort] = {}
        self._own_inputs: list[_Input] = []
        self._own_output: OutputPort | None = None
        self._failed: set[str] = set()
        self.incomplete = False  # a wanted port is not open: ask for a new list soon

    def open_own(self) -> None:
        """Our own named ports, for others to connect to."""
        for name, keyboard in ((OWN_IN, True), (OWN_CLOCK, False)):
            mine = _Input(name, keyboard, True, self._take)
            mine.port = self._kind.create_input(name, mine.receive)
            self._own_inputs.append(mine)
        self._own_output = self._kind.create_output(OWN_OUT)
        self._greet(self._own_output)

    def update(self, inputs: Sequence[str], outputs: Sequence[str]) -> bool:
        """Open and close so that it fits what is plugged in; True when something changed."""
        before = (list(self._inputs), list(self._outputs))
        options = self._options
        keyboards = choose(inputs, options.keyboard, options.ignore)
        clocks = choose(inputs, options.clock, options.ignore)
        synths = choose(outputs, options.synth, options.ignore)
        for name in [name for name in self._inputs if name not in (*keyboards, *clocks)]:
            self._lose_input(name)
        for name in [name for name in self._outputs if name not in synths]:
            self._lose_output(name)
        self.incomplete = False
        for name in dict.fromkeys((*keyboards, *clocks)):
            if name not in self._inputs:
                self._open_input(name, name in keyboards, name in clocks)
        for name in synths:
            if name not in self._outputs:
                self._open_output(name)
        return before != (list(self._inputs), list(self._outputs))

    def ports(self) -> list[InputPort]:
        """Every open input, our own too."""
        every = (*self._own_inputs, *self._inputs.values())
        return [one.port for one in every if one.port is not None]

    def names(self) -> tuple[str, str, str]:
        """What to show as keyboard, clock and synth; '' for none."""
        inputs = self._inputs.values()
        keys = [short(one.name) for one in inputs if one.keyboard and not one.ticking]
        keys = keys or [short(one.name) for one in inputs if one.keyboard]
        clocks = [short(one.name) for one in inputs if one.clock and one.ticking]
        clocks = clocks or [short(one.name) for one in inputs if one.clock]
        synths = [short(name) for name in self._outputs]
        return (_first(keys), _first(clocks), _first(synths))

    def send(self, role: str, message: bytes) -> None:
        """To every open output; ``role`` is "synth" or "clock", one set of wires for both."""
        self.hold(message)
        self.fire(message)

    def hold(self, message: bytes) -> None:
        """Note a key that is about to sound: who finds us killed between can end it."""
        if is_note_on(message):
            self._held.sent(message)

    def fire(self, message: bytes) -> None:
        """As ``send``, once ``hold`` was told."""
        lost = None
        for name, port in self._outputs.items():
            try:
                port.send(message)
            except OSError:
                lost = name
        if self._own_output is not None:
            self._own_output.send(message)
        if not is_note_on(message):
            self._held.sent(message)
        if lost is not None:
            self._lose_output(lost)
            self.incomplete = True

    def poll(self, time_s: float) -> bool:
        """Notice inputs that went away by themselves; True when one did. Call it often."""
        for one in (*self._own_inputs, *self._inputs.values()):
            if one.sensed_s and time_s - one.sensed_s > SENSING_S:
                one.let_go(time_s)
        gone = [n for n, one in self._inputs.items() if getattr(one.port, "gone", False)]
        for name in gone:
            self._lose_input(name)
            self.incomplete = True
        return bool(gone)

    def close(self) -> None:
        self._log = lambda line: None
        for name in list(self._inputs):
            self._lose_input(name)
        for port in (*(one.port for one in self._own_inputs), *self._outputs.values()):
            if port is not None:
                port.close()
        if self._own_output is not None:
            self._own_output.close()
        self._own_inputs, self._own_output = [], None
        self._outputs.clear()

    def _open_input(self, name: str, keyboard: bool, clock: bool) -> None:
        one = _Input(name, keyboard, clock, self._take)
        try:
            one.port = self._kind.open_input(name, one.receive)
        except (LkjamError, OSError) as error:
            self._fail(name, error)
            return
        self._failed.discard(name)
        self._inputs[name] = one
        self._log(f"plugged in: {short(name)}")

    def _open_output(self, name: str) -> None:
        try:
            port = self._kind.open_output(name)
            self._greet(port)
        except (LkjamError, OSError) as error:
            self._fail(name, error)
            return
        self._failed.discard(name)
        self._outputs[name] = port
        self._log(f"playing to: {short(name)}")

    def _greet(self, port: OutputPort) -> None:
        for message in self._greeting:
            port.send(message)

    def _fail(self, name: str, error: Exception) -> None:
        self.incomplete = True
        if name not in self._failed:
            self._failed.add(name)
            self._log(f"cannot open {short(name)}: {error}")

    def _lose_input(self, name: str) -> None:
        one = self._inputs.pop(name)
        if one.port is not None:
            one.port.close()
        one.let_go(time.monotonic())
        self._log(f"unplugged: {short(name)}")

    def _lose_output(self, name: str) -> None:
        port = self._outputs.pop(name)
        self._log(f"unplugged: {short(name)}")
        try:
            port.close()
        except OSError:
            pass


def _first(names: list[str]) -> str:
    return "" if not names else names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")
