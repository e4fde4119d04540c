"""The stage's ports as devices come and go: dropped at once, opened when no note is near."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from ..ports.manager import PortManager
from ..ports.port import InputPort
from ..protocol.choices import Device
from ..protocol.process_messages import MessageSocket, Says, Told
from ..stage.stage import Stage

QUIET_S = 0.02  # a port is opened or closed only when nothing is due for this long,
WAIT_S = 0.25  # or this long after it was plugged in or out
NAMES_S = 1.0  # between two looks at which port ticks


class HotPlug:
    """Keeps the manager's open ports registered in ``poll``, tells stage and supervisor of them.

    ``deliver`` hands waiting messages to the stage, note-offs of a lost keyboard among them.
    """

    def __init__(
        self,
        manager: PortManager,
        poll: select.epoll,
        stage: Stage,
        supervisor: MessageSocket[Told],
        deliver: Callable[[], None],
        devices: tuple[Device, ...],
    ) -> None:
        self._ports, self._poll, self._stage = manager, poll, stage
        self._supervisor, self._deliver, self._devices = supervisor, deliver, devices
        self._watched: dict[int, InputPort] = {}
        self._plugged_s = self._named_s = 0.0

    def drain(self, fd: int) -> bool | None:
        """Take in what waits at port ``fd``; whether the port is gone, None if ``fd`` is none."""
        port = self._watched.get(fd)
        if port is None:
            return None
        port.drain()
        return port.gone

    def aim(self, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        """Drop ports that are gone at once; those that came are opened later, by ``work``."""
        if not self._ports.busy:
            self._plugged_s = time.monotonic()
        self._ports.aim(inputs, outputs)
        self.changed()

    def work(self, now: float, quiet_s: float) -> bool:
        """Open or close one port if a note is ``quiet_s`` off or the port waited; True if done."""
        if quiet_s < QUIET_S and now - self._plugged_s < WAIT_S:
            return False
        self._ports.work()
        self.changed()
        return True

    def lost(self, now: float) -> None:
        """Call it when a port said that it is gone."""
        if self._ports.poll(now):
            self.changed()

    def look(self, now: float) -> None:
        """Call it with every snapshot: notices changes, and which port ticks."""
        if self._ports.poll(now) or self._ports.incomplete:
            self.changed()
        elif now - self._named_s > NAMES_S:  # the port that ticks is shown as the clock
            self._named_s = now
            self._name(now)
            self._remember()

    def changed(self) -> None:
        """Watch the ports that are open now, and tell stage and supervisor of them."""
        wanted = {port.fileno(): port for port in self._ports.ports() if port.fileno() >= 0}
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
        self._name(time.monotonic())
        if self._ports.news:
            self._stage.view.tell(time.monotonic(), self._ports.news)
            self._ports.news = ""
        if self._ports.incomplete:
            self._supervisor.send(Says(scan=True))

    def tell(self, now: float, number: int, roles: int) -> None:
        """The player says what a device is for; kept at once."""
        self._ports.tell(number, roles)
        self._deliver()  # the keys that were down
        self._name(now)
        self._remember()

    def _name(self, now: float) -> None:
        self._stage.set_ports(now, *self._ports.names())
        self._stage.view.figures.devices = self._ports.shown()

    def _remember(self) -> None:
        devices = self._ports.devices()
        if devices and devices != self._devices:
            self._devices = devices
            self._supervisor.send(Says(devices=devices))
