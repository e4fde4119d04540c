"""The port manager: our own named ports, and whatever plugged-in port fits a pattern.

The manager never asks the system what is there (that may take milliseconds): the supervisor does,
and :meth:`PortManager.aim` is called with the names. RtMidi does not tell of a lost cable, so a
port that is missing from that list is lost, and so is one that was plugged out and in between two
lists (see :mod:`.names`). A lost port is dropped at once; ports are closed and opened by
:meth:`PortManager.work`, one a call, when there is time. No plug makes anything restart.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ..closing import Closing
from ..config.options import Ports
from ..errors import LkjamError
from ..midi.messages import (
    ACTIVE_SENSING,
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    SUSTAIN_CC,
    TICK,
    Message,
    control_change,
    note_off,
    parse,
)
from ..protocol.choices import Device
from .held import Held, hush, silence
from .names import OWN_CLOCK, OWN_IN, OWN_OUT, brief, choose, label, path_of, short
from .port import InputPort, OutputPort, PortKind

Take = Callable[[float, str, Message, str], None]
"""(time_s, "keyboard" or "clock", message, port). ``port`` is the device's label, which stays
the same when the device is plugged in again. May be called from a driver's thread."""

SENSING_S = 0.33  # MIDI 1.0: a sender of active sensing that is silent this long is gone
_DRUM_CHANNEL = 9


@dataclass(slots=True, eq=False)
class _Input:
    """An open input: what it is for, and which of its keys and pedals are down."""

    name: str
    label: str
    keyboard: bool
    clock: bool
    take: Take
    port: InputPort | None = None
    ticking: bool = False  # it sends clock, or used to: its drum channel is a pattern, no playing
    ticked: bool = False  # it sent clock since it was plugged in
    played: bool = False
    lost: bool = False
    sensed_s: float = 0.0  # last message since active sensing was seen; 0 = never seen
    keys: set[tuple[int, int]] = field(default_factory=set)
    pedals: set[int] = field(default_factory=set)

    def receive(self, time_s: float, data: bytes) -> None:
        if self.lost or not data:
            return
        if self.sensed_s:
            self.sensed_s = time_s
        message = parse(data)
        if message is None:
            return
        if message.kind == ACTIVE_SENSING:
            self.sensed_s = time_s
        elif message.channel < 0:
            if message.kind == TICK:
                self.ticking = self.ticked = True
            if self.clock:
                self.take(time_s, "clock", message, self.label)
        elif self.keyboard and not (self.ticking and message.channel == _DRUM_CHANNEL):
            self.played = True
            self._follow(message)
            self.take(time_s, "keyboard", message, self.label)

    def _follow(self, message: Message) -> None:
        kind, channel = message.kind, message.channel
        if kind == NOTE_ON:
            self.keys.add((channel, message.pitch))
        elif kind == NOTE_OFF:
            self.keys.discard((channel, message.pitch))
        elif kind == CONTROL_CHANGE and message.number == SUSTAIN_CC:
            (self.pedals.add if message.value >= 64 else self.pedals.discard)(channel)

    def let_go(self, time_s: float) -> None:
        """Lift the keys and pedals that are down: the cable is out, so the device cannot."""
        keys, pedals = sorted(self.keys), sorted(self.pedals)
        self.keys.clear()
        self.pedals.clear()
        self.sensed_s = 0.0
        for channel, pitch in keys:
            self.take(time_s, "keyboard", note_off(channel, pitch), self.label)
        for channel in pedals:
            self.take(time_s, "keyboard", control_change(channel, SUSTAIN_CC, 0), self.label)

    @property
    def role(self) -> str:
        """Clock if it ticked since it was plugged in, else keyboard if it was played, else ''."""
        return "clock" if self.ticked else "keyboard" if self.played else ""


class PortManager(Closing):
    """``log`` takes one line for the player. ``panic`` silences each output as it opens.

    ``known`` are devices plugged in before, newest last: each has its role until its messages show
    another, and where several devices fit, the known one is the one whose name is shown.
    """

    def __init__(
        self,
        kind: PortKind,
        options: Ports,
        take: Take,
        *,
        held: Held | None = None,
        log: Callable[[str], None] = lambda line: None,
        panic: bool = False,
        known: Iterable[Device] = (),
    ) -> None:
        self._kind, self._options, self._take, self._log = kind, options, take, log
        self._held = held if held is not None else Held()
        self._greeting = silence(self._held) if panic else []
        for message in self._greeting:
            self._held.sent(message)
        self._roles = {(device.name, device.path): device.role for device in known}
        self._inputs: dict[str, _Input] = {}
        self._outputs: dict[str, OutputPort] = {}
        self._own_inputs: list[_Input] = []
        self._own_output: OutputPort | None = None
        self._to_close: deque[_Input | OutputPort] = deque()
        self._to_open: deque[tuple[str, bool, bool, bool]] = deque()  # synth, keyboard, clock
        self._failed: set[str] = set()
        self._channels: set[int] = set()  # that were played on since we began
        self._left: dict[str, list[tuple[int, int]]] = {}  # keys that sounded on a lost synth
        self._started = False
        self.news = ""  # what was plugged in last, for the screen; whoever shows it empties it
        self.incomplete = False  # a wanted port is not open: ask for a new list soon

    def open_own(self) -> None:
        """Open our own named ports, for others to connect to."""
        for name, keyboard in ((OWN_IN, True), (OWN_CLOCK, False)):
            mine = _Input(name, name, keyboard, True, self._take)
            mine.port = self._kind.create_input(name, mine.receive)
            self._own_inputs.append(mine)
        self._own_output = self._kind.create_output(OWN_OUT)
        self._greet(self._own_output, OWN_OUT)

    # --- what is plugged in

    def aim(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Drop ports that are not listed any more; queue those to be opened for :meth:`work`."""
        options = self._options
        keyboards = choose(inputs, options.keyboard, options.ignore)
        clocks = choose(inputs, options.clock, options.ignore)
        synths = choose(outputs, options.synth, options.ignore)
        for name in [name for name in self._inputs if name not in (*keyboards, *clocks)]:
            self._lose_input(name)
        for name in [name for name in self._outputs if name not in synths]:
            self._lose_output(name)
        self.incomplete = False
        self._to_open.clear()
        for name in synths:
            if name not in self._outputs:
                self._to_open.append((name, True, False, False))
        for name in dict.fromkeys((*keyboards, *clocks)):
            if name not in self._inputs:
                self._to_open.append((name, False, name in keyboards, name in clocks))

    @property
    def busy(self) -> bool:
        """Whether :meth:`work` has something to do."""
        return bool(self._to_close or self._to_open)

    def work(self) -> None:
        """Close or open one port, which takes milliseconds."""
        if self._to_close:
            self._close_port(self._to_close.popleft())
        elif self._to_open:
            name, synth, keyboard, clock = self._to_open.popleft()
            try:
                if synth:
                    self._open_output(name)
                else:
                    self._open_input(name, keyboard, clock)
                self._failed.discard(name)
            except (LkjamError, OSError) as error:
                self._fail(name, error)

    def update(self, inputs: Sequence[str], outputs: Sequence[str]) -> bool:
        """:meth:`aim`, then all of the :meth:`work`; True when other ports are open than before."""
        before = (list(self._inputs), list(self._outputs))
        self.aim(inputs, outputs)
        while self.busy:
            self.work()
        self._started = True
        return before != (list(self._inputs), list(self._outputs))

    def ports(self) -> list[InputPort]:
        """Every open input, our own too."""
        every = (*self._own_inputs, *self._inputs.values())
        return [one.port for one in every if one.port is not None]

    def names(self) -> tuple[str, str, str]:
        """What to show as keyboard, clock and synth; '' for none.

        A port that sends clock is shown as a keyboard only once it was played.
        """
        inputs = sorted(self._inputs.values(), key=lambda one: self._role(one.name) != "keyboard")
        keys = [short(one.name) for one in inputs if one.keyboard and not one.ticking]
        keys = keys or [short(one.name) for one in inputs if one.keyboard and one.played]
        clocks = [short(one.name) for one in inputs if one.clock and one.ticking]
        clocks = clocks or [short(one.name) for one in inputs if one.clock]
        synths = [short(name) for name in sorted(self._outputs, key=self._unknown_synth)]
        return (_first(keys), _first(clocks), _first(synths))

    def devices(self) -> tuple[Device, ...]:
        """The devices plugged in whose role is known from their messages, to be remembered."""
        found = [(one.role, one.name) for one in self._inputs.values() if one.role]
        found += [("synth", name) for name in self._outputs]
        return tuple(Device(role, short(name), path_of(name)) for role, name in found)

    # --- messages

    def send(self, role: str, message: Message) -> None:
        """Send to every open output; ``role`` is "synth" or "clock", which go the same way."""
        self.hold(message)
        self.transmit(message)

    def hold(self, message: Message) -> None:
        """Mark a key that is about to sound: if we are killed in between, others can end it."""
        if message.kind == NOTE_ON:
            self._channels.add(message.channel)
            self._held.sent(message)

    def transmit(self, message: Message) -> None:
        """As ``send``, of a message that ``hold`` was called with."""
        if message.kind == NOTE_ON:
            self._held.sent(message)  # again: a note-off sent since then may have cleared the key
        lost = None
        for name, port in self._outputs.items():
            try:
                port.send(message)
            except OSError:
                lost = name
                self._left.setdefault(label(name), []).extend(self._held.notes())
        if self._own_output is not None:
            try:
                self._own_output.send(message)
            except OSError:  # the server is gone; nobody listens to it
                pass
        if message.kind != NOTE_ON:
            self._held.sent(message)
        if lost is not None:
            self._lose_output(lost)
            self.incomplete = True

    def poll(self, time_s: float) -> bool:
        """Notice inputs that went away by themselves; True when one did. Call it often."""
        for one in (*self._own_inputs, *self._inputs.values()):
            if one.sensed_s and time_s - one.sensed_s > SENSING_S:
                one.let_go(time_s)
        gone = [n for n, one in self._inputs.items() if one.port is not None and one.port.gone]
        for name in gone:
            self._lose_input(name)
            self.incomplete = True
        return bool(gone)

    def _close(self) -> None:
        self._log = lambda line: None
        self._to_open.clear()
        for name in list(self._inputs):
            self._lose_input(name)
        for name in list(self._outputs):
            self._lose_output(name)
        self._to_close.extend(self._own_inputs)
        if self._own_output is not None:
            self._to_close.append(self._own_output)
        self._own_inputs, self._own_output = [], None
        while self.busy:
            self.work()

    # --- inside

    def _role(self, name: str) -> str:
        return self._roles.get((short(name), path_of(name)), "")

    def _unknown_synth(self, name: str) -> bool:
        return self._role(name) != "synth"

    def _open_input(self, name: str, keyboard: bool, clock: bool) -> None:
        one = _Input(name, self._free_label(name), keyboard, clock, self._take)
        one.ticking = self._role(name) == "clock"
        one.port = self._kind.open_input(name, one.receive)
        self._inputs[name] = one
        self._log(f"plugged in: {short(name)}")
        self._tell("CLOCK" if one.ticking or not keyboard else "KEYBOARD", name)

    def _free_label(self, name: str) -> str:
        """The port's label, numbered where a device of one model in an unknown socket has it."""
        taken = {one.label for one in self._inputs.values()}
        free, number = label(name), 1
        while free in taken:
            number += 1
            free = f"{label(name)} ({number})"
        return free

    def _open_output(self, name: str) -> None:
        port = self._kind.open_output(name)
        try:
            self._greet(port, name)
        except OSError:
            self._to_close.append(port)
            raise
        self._outputs[name] = port
        self._log(f"playing to: {short(name)}")
        self._tell("SYNTH", name)

    def _greet(self, port: OutputPort, name: str) -> None:
        """End the notes that a synth still holds if it lost its cable, or the stage died."""
        greeting = self._greeting
        if self._started and self._channels:
            greeting = hush(dict.fromkeys(self._left.get(label(name), ())), sorted(self._channels))
        for message in greeting:
            port.send(message)
        self._left.pop(label(name), None)

    def _tell(self, role: str, name: str) -> None:
        if self._started:
            self.news = f"{role} {brief(name)}"

    def _fail(self, name: str, error: Exception) -> None:
        self.incomplete = True
        if name not in self._failed:
            self._failed.add(name)
            self._log(f"cannot open {short(name)}: {error}")

    def _lose_input(self, name: str) -> None:
        one = self._inputs.pop(name)
        one.lost = True
        one.let_go(time.monotonic())
        self._to_close.append(one)
        if one.role:
            self._roles[short(name), path_of(name)] = one.role
        self._log(f"unplugged: {short(name)}")

    def _lose_output(self, name: str) -> None:
        self._to_close.append(self._outputs.pop(name))
        self._left.setdefault(label(name), []).extend(self._held.notes())
        self._log(f"unplugged: {short(name)}")

    def _close_port(self, gone: _Input | OutputPort) -> None:
        """Close it. Never called within a send, for it waits for a driver's thread."""
        port = gone.port if isinstance(gone, _Input) else gone
        try:
            if port is not None:
                port.close()
        except OSError:
            pass
        if isinstance(gone, _Input):
            gone.let_go(time.monotonic())  # keys that the thread reported after the loss


def _first(names: list[str]) -> str:
    return "" if not names else names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")
