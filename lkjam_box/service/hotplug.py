"""What is plugged into the stage: let go of at once, opened in a quiet moment, told to all."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from ..ports.manager import Rig
from ..ports.port import InputPort
from ..protocol.choices import Device
from ..protocol.process_messages import Control, Says
from ..stage.stage import Stage

QUIET_S = 0.02  # a port is opened or closed only then,
WAIT_S = 0.25  # or so long after it came
NAMES_S = 1.0


class Plugs:
    """The rig's ports in ``poll``; ``deliver`` hands on what a lost one left behind."""

    def __init__(
        self,
        rig: Rig,
        poll: select.epoll,
        stage: Stage,
        control: Control,
        deliver: Callable[[], None],
        devices: tuple[Device, ...],
    ) -> None:
        self._rig, self._poll, self._stage = rig, poll, stage
        self._control, self._deliver, self._devices = control, deliver, devices
        self._watched: dict[int, InputPort] = {}
        self._plugged_s = self._named_s = 0.0

    def drain(self, fd: int) -> bool | None:
        """Take in what waits at that port: whether it is gone; None when there is none."""
        port = self._watched.get(fd)
        if port is None:
            return None
        port.drain()
        return bool(getattr(port, "gone", False))

    def aim(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        """Let go at once of what is gone; open what came a little later."""
        if not self._rig.busy:
            self._plugged_s = time.monotonic()
        self._rig.aim(inputs, outputs)
        self.changed()

    def work(self, now: float, quiet_s: float) -> bool:
        """Open or close a port, if there is time for it."""
        if quiet_s < QUIET_S and now - self._plugged_s < WAIT_S:
            return False
        self._rig.work()
        self.changed()
        return True

    def lost(self, now: float) -> None:
        """A port said that it is gone."""
        if self._rig.poll(now):
            self.changed()

    def look(self, now: float) -> None:
        """Now and then: has anything changed?"""
        if self._rig.poll(now) or self._rig.incomplete:
            self.changed()
        elif now - self._named_s > NAMES_S:  # the port that ticks is the clock
            self._named_s = now
            self._stage.set_ports(now, *self._rig.names())
            self._remember()

    def changed(self) -> None:
        """Watch what is open now, and tell of it."""
        wanted = {port.fileno(): port for port in self._rig.ports() if port.fileno() >= 0}
        for fd in self._watched.keys() - wanted.keys():
            try:
                self._poll.unregister(fd)
            except OSError:  # closed already, and with that unregistered
                pass
        for fd in wanted:
            try:
                self._poll.register(fd, select.EPOLLIN)
            except FileExistsError:
                pass
        self._watched = wanted
        self._deliver()  # the keys that a lost keyboard left down
        self._stage.set_ports(time.monotonic(), *self._rig.names())
        if self._rig.news:
            self._stage.view.tell(time.monotonic(), self._rig.news)
            self._rig.news = ""
        if self._rig.incomplete:
            self._control.say(Says(scan=True))

    def _remember(self) -> None:
        devices = self._rig.devices()
        if devices and devices != self._devices:
            self._devices = devices
            self._control.say(Says(devices=devices))
