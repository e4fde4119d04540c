"""The loop that every process of the box runs in.

A process ends on SIGTERM, when the supervisor tells it to, or when the supervisor is gone. It says
``ready`` once and then that it is alive; between two pieces of work it obeys what it was told.
"""

from __future__ import annotations

import select
import signal
import socket
import time

from ..protocol.link import Link
from ..protocol.process_messages import MessageSocket, ProcessSetup, Says, Told

ALIVE_S = 2.0  # between two signs of life; the supervisor waits for five times that


class ProcessLoop:
    """A process overrides ``begin``, ``obey``, ``work`` and ``close``. The loop wakes for its
    supervisor, for ``links``, or after ``wait_s``."""

    wait_s = ALIVE_S

    def __init__(self, setup: ProcessSetup, *links: Link) -> None:
        self.supervisor = MessageSocket(socket.socket(fileno=setup.supervisor), Told)
        self.stopping_s = 0.0  # since when it is to end; 0: it is not
        self._poll = select.poll()
        for fd in (self.supervisor.fileno(), *(link.fileno() for link in links)):
            self._poll.register(fd, select.POLLIN)
        self._said_s = 0.0

    def run(self) -> int:
        """Run until the process is to end; returns the exit code."""
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        line = self.begin()
        if line is None:
            return 0
        self.supervisor.send(Says(ready=True, line=line))
        try:
            while not self.over(time.monotonic()):
                self.step()
        finally:
            self.close()
        return 0

    def stop(self) -> None:
        """End soon; also from the handler of a signal."""
        self.stopping_s = self.stopping_s or time.monotonic()

    def wake_for(self, fd: int) -> None:
        """Wake for this file descriptor, too."""
        self._poll.register(fd, select.POLLIN)

    # --- what a process does

    def begin(self) -> str | None:
        """Called before ``ready`` is said. Returns a text for the log, None to end without work."""
        return ""

    def obey(self, told: Told) -> None:
        """Act on what the supervisor told; the loop itself acts on ``stop``."""

    def work(self, now: float, came: bool) -> None:
        """Do one piece of work. ``came``: something came in, or else ``wait_s`` passed."""

    def over(self, now: float) -> bool:
        """Whether to leave the loop."""
        return bool(self.stopping_s)

    def close(self) -> None:
        """Called at the end, after an error too."""

    # --- one round

    def step(self) -> None:
        """Wait, obey, work, and say that we live."""
        came = bool(self._poll.poll(max(self.wait_s, 0.0) * 1000))
        self.take_told()
        self.work(time.monotonic(), came)
        self.say_alive()

    def say_alive(self) -> None:
        """Say that we live, where it is time to; also in the middle of a long piece of work."""
        now = time.monotonic()
        if now - self._said_s >= ALIVE_S:
            self._said_s = now
            self.supervisor.send(Says(alive=True))

    def take_told(self) -> None:
        """Obey all that was told; stop when the supervisor is gone."""
        for told in self.supervisor.received():
            if told.stop:
                self.stop()
            self.obey(told)
        if self.supervisor.gone:
            self.stop()
