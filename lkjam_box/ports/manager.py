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

from ..closing import Closing
from ..config.options import Ports
from ..errors import LkjamError
from ..midi.messages import NOTE_OFF, NOTE_ON, Message
from ..protocol.choices import Device, Role, role_words
from .device_list import DeviceList
from .devices import Plugged
from .echo import Echoes
from .held import Held, hush, silence
from .input import Input, Take
from .names import OWN_CLOCK, OWN_IN, OWN_OUT, choose, is_named, label, short
from .output import Output
from .port import InputPort, PortKind


class PortManager(Closing):
    """``log`` takes one line for the player. ``panic`` silences each output as it opens. ``now``
    tells the time in the seconds of the messages' stamps.

    ``known`` are devices plugged in before, newest last: each has its roles until its messages show
    others, and where several devices fit, the known one is the one whose name is shown.
    ``thru_back`` lets what was played on a device go back to it.
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
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind, self._options, self._take, self._log = kind, options, take, log
        self._held = held if held is not None else Held()
        self._now = now
        self._greeting = silence(self._held) if panic else []
        for message in self._greeting:
            self._held.sent(message)
        self._devices = DeviceList(known, options.interfaces)
        self._echoes = Echoes()
        self._inputs: dict[str, Input] = {}
        self._outputs: dict[str, Output] = {}
        self._own_inputs: list[Input] = []
        self._own_output: Output | None = None
        self._to_close: deque[Input | Output] = deque()
        self._to_open: deque[tuple[str, bool, bool, bool]] = deque()  # synth, keyboard, clock
        self._failed: set[str] = set()
        self._channels: set[int] = set()  # that were played on since we began
        self._left: dict[str, list[tuple[int, int]]] = {}  # keys that sounded on a lost synth
        self._started = False
        self.thru_back = False
        self.news = ""  # what was plugged in last, for the screen; whoever shows it empties it
        self.incomplete = False  # a wanted port is not open: ask for a new list soon

    def open_own(self) -> None:
        """Open our own named ports, for others to connect to."""
        for name, keyboard in ((OWN_IN, True), (OWN_CLOCK, False)):
            told = Role.PLAYER | Role.CLOCK if keyboard else Role.CLOCK
            device = Plugged(name, name, is_interface=True, told=told)
            mine = self._input(name, device, keyboard=keyboard, clock=True)
            mine.port = self._kind.create_input(name, mine.receive)
            self._own_inputs.append(mine)
        self._own_output = Output(OWN_OUT, self._kind.create_output(OWN_OUT))
        self._greet(self._own_output)

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

        A device that is a clock is shown as a keyboard only once it was played.
        """
        players = self._heard_as(Role.PLAYER, [i for i in self._inputs.values() if i.keyboard])
        keys = [one for one in players if one.roles & Role.PLAYER or not one.roles & Role.CLOCK]
        keys.sort(key=lambda one: Role.PLAYER not in one.roles)
        clocks = self._heard_as(Role.CLOCK, [i for i in self._inputs.values() if i.clock])
        ticking = [one for one in clocks if Role.CLOCK in one.roles]
        synths = [o.device for o in self._outputs.values() if o.device and o.device.takes_notes]
        synths = sorted(dict.fromkeys(synths), key=lambda one: not one.known and not one.told)
        return (_first(keys), _first(ticking or clocks), _first(synths))

    def devices(self) -> tuple[Device, ...]:
        """The devices plugged in whose roles are known, to be remembered."""
        return self._devices.remembered()

    def shown(self) -> tuple[tuple[int, str, int, bool], ...]:
        """Every device, as :class:`..protocol.shared_state.Snapshot` has them."""
        return self._devices.shown()

    def routes(self) -> list[str]:
        """One line a device: what it is for and where its notes go."""
        return [_route(device, self._outputs.values(), self.thru_back) for device in self._devices]

    def tell(self, number: int, roles: int) -> None:
        """The player says what the device of that number is for, see :meth:`DeviceList.tell`."""
        device = self._devices.tell(number, roles)
        if device is None:
            return
        for one in self._inputs.values():
            if one.device is device:
                one.let_go(self._now())

    def follow(self, device: str) -> None:
        """We follow the clock of ``device``, which runs; '' for none."""
        for one in self._devices:
            one.leads = one.label == device

    @property
    def loop(self) -> str:
        """Device whose notes came back without end, so that it is not heard; '' for none."""
        return next((device.name for device in self._devices if device.looped), "")

    def end_loops(self) -> None:
        """Hear every device again: the player called PANIC."""
        for device in self._devices:
            device.looped = False

    # --- messages

    def send(self, role: str, message: Message) -> None:
        """Send to every open output; ``role`` is "synth" or "clock", which go the same way."""
        self.transmit(message)

    def hold(self, message: Message) -> None:
        """Mark a key that is about to sound: if we are killed in between, others can end it."""
        if message.kind == NOTE_ON:
            self._held.hold(message)

    def transmit(self, message: Message) -> None:
        """As ``send``, of a message that ``hold`` was called with."""
        kind = message.kind
        if kind == NOTE_ON:  # also if it is held: a note-off sent since then may have cleared it
            self._channels.add(message.channel)
            self._held.sent(message)
        to, got, back = [], [], self.thru_back
        for one in self._outputs.values():
            if one.takes(message, back):
                to.append(one)
                if one.device is not None:
                    got.append(one.device.label)
        if kind != NOTE_OFF and message.channel >= 0:
            self._echoes.sent(self._now(), message, got)
        lost = None
        for one in to:
            try:
                one.send(message)
            except OSError:
                lost = one.name
                self._left.setdefault(label(lost), []).extend(self._held.notes())
        if self._own_output is not None:
            try:
                self._own_output.port.send(message)
            except OSError:  # the server is gone; nobody listens to it
                pass
        if kind != NOTE_ON and message.channel >= 0:
            self._held.sent(message)
        if lost is not None:
            self._lose_output(lost)
            self.incomplete = True

    def poll(self, time_s: float) -> bool:
        """Notice inputs that went away by themselves; True when one did. Call it often."""
        for one in (*self._own_inputs, *self._inputs.values()):
            if one.is_silent(time_s):
                one.let_go(time_s)
        for output in list(self._outputs.values()):
            if output.must_end:
                try:
                    output.end()
                except OSError:
                    self._lose_output(output.name)
                    self.incomplete = True
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

    def _heard_as(self, role: Role, inputs: Iterable[Input]) -> list[Plugged]:
        return [one for one in dict.fromkeys(i.device for i in inputs) if one.listens(role)]

    def _input(self, name: str, device: Plugged, *, keyboard: bool, clock: bool) -> Input:
        return Input(
            name,
            device,
            keyboard=keyboard,
            clock=clock,
            take=self._take,
            echoes=self._echoes,
            on_storm=self._on_storm,
        )

    def _on_storm(self, device: Plugged) -> None:
        self._log(f"LOOP: {device.name} sends back what it gets; not heard until PANIC")

    def _open_input(self, name: str, keyboard: bool, clock: bool) -> None:
        device = self._devices.of(name, output=False)
        one = self._input(name, device, keyboard=keyboard, clock=clock)
        try:
            one.port = self._kind.open_input(name, one.receive)
        except (LkjamError, OSError):
            self._devices.left(name, output=False)
            raise
        self._inputs[name] = one
        if keyboard and is_named(name, self._options.keyboard):
            device.named |= Role.PLAYER
        self._log(f"plugged in: {short(name)}")
        is_clock = not keyboard or device.roles == Role.CLOCK
        self._tell("CLOCK" if is_clock else "KEYBOARD", device)

    def _open_output(self, name: str) -> None:
        one = Output(name, self._kind.open_output(name))
        try:
            self._greet(one)
        except OSError:
            self._to_close.append(one)
            raise
        one.device = self._devices.of(name, output=True)
        if is_named(name, self._options.synth):
            one.device.named |= Role.SYNTH
        self._outputs[name] = one
        self._log(f"playing to: {short(name)}")
        if one.device.takes_notes:
            self._tell("SYNTH", one.device)

    def _greet(self, output: Output) -> None:
        """End what a synth still holds if it lost its cable, or the stage died."""
        greeting, name = self._greeting, label(output.name)
        neutral = self._held.neutral()
        if self._started and (self._channels or neutral):
            left = dict.fromkeys(self._left.get(name, ()))
            greeting = hush(left, sorted(self._channels), neutral)
        for message in greeting:
            output.send(message)
        self._left.pop(name, None)

    def _tell(self, role: str, device: Plugged) -> None:
        if self._started:
            self.news = f"{role} {device.name}"

    def _fail(self, name: str, error: Exception) -> None:
        self.incomplete = True
        if name not in self._failed:
            self._failed.add(name)
            self._log(f"cannot open {short(name)}: {error}")

    def _lose_input(self, name: str) -> None:
        one = self._inputs.pop(name)
        one.lost = True
        one.let_go(self._now())
        self._to_close.append(one)
        self._devices.left(name, output=False)
        self._echoes.forget(one.device.label)
        self._log(f"unplugged: {short(name)}")

    def _lose_output(self, name: str) -> None:
        self._to_close.append(self._outputs.pop(name))
        self._left.setdefault(label(name), []).extend(self._held.notes())
        self._devices.left(name, output=True)
        self._log(f"unplugged: {short(name)}")

    def _close_port(self, gone: Input | Output) -> None:
        """Close it. Never called within a send, for it waits for a driver's thread."""
        try:
            if gone.port is not None:
                gone.port.close()
        except OSError:
            pass
        if isinstance(gone, Input):
            gone.let_go(self._now())  # keys that the thread reported after the loss


def _route(device: Plugged, outputs: Iterable[Output], back: bool) -> str:
    """What a device is for, and which others hear its keys."""
    to = [
        one.device.name
        for one in outputs
        if one.device is not None
        and one.device.takes_notes
        and (one.device is not device or back or device.is_interface)
    ]
    keys = ", ".join(dict.fromkeys(to)) or "nothing but the box's own port"
    heard = f"; keys go to {keys}" if device.listens(Role.PLAYER) else "; keys are not heard"
    return f"{device.name}: {role_words(device.roles)}{heard}"


def _first(devices: Sequence[Plugged]) -> str:
    more = f" +{len(devices) - 1}" if len(devices) > 1 else ""
    return devices[0].name + more if devices else ""
