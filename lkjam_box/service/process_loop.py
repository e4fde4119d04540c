"""The loop that every process of the box runs in.

A process ends on SIGTERM, when the supervisor tells it to, or when the supervisor is gone. It says
``ready`` once and then that it is alive; what it is told it obeys between two pieces of work.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from pathlib import Path

from ..music.library import Library
from ..protocol.link import Link
from ..protocol.process_messages import MessageSocket, ProcessSetup, Says, Told

ALIVE_S = 1.0  # between two signs of life; the supervisor waits for ten times that


def read_library(path: str) -> Library:
    """The progressions that the supervisor wrote down for its processes."""
    return Library.decode(Path(path).read_bytes())


class ProcessLoop:
    """``run`` returns the exit code. A process says what it does in ``begin``, ``obey``, ``work``
    and ``close``; it wakes for its supervisor and for ``links``, or after ``wait_s``."""

    wait_s = ALIVE_S

    def __init__(self, setup: ProcessSetup, *links: Link) -> None:
        self.supervisor = MessageSocket(socket.socket(fileno=setup.supervisor), Told)
        self.stopping_s = 0.0  # since when it is to end; 0: it is not
        self._poll = select.poll()
        for fd in (self.supervisor.fileno(), *(link.fileno() for link in links)):
            self._poll.register(fd, select.POLLIN)
        self._said_s = 0.0

    def run(self) -> int:
        """Until SIGTERM or the supervisor's word."""
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

    # --- what a process does

    def begin(self) -> str | None:
        """Before it is ready. A line for the log, or None when there is nothing to do here."""
        return ""

    def obey(self, told: Told) -> None:
        """Something that the supervisor told; ``stop`` is seen to already."""

    def work(self, now: float, came: bool) -> None:
        """One piece of work; ``came``: something did, it was not only time."""

    def over(self, now: float) -> bool:
        """Whether to leave the loop."""
        return bool(self.stopping_s)

    def close(self) -> None:
        """At the end, however it came about."""

    # --- one round

    def step(self) -> None:
        """Wait, obey, work, and say that we live."""
        came = bool(self._poll.poll(max(self.wait_s, 0.0) * 1000))
        self.take_told()
        self.work(time.monotonic(), came)
        now = time.monotonic()
        if now - self._said_s >= ALIVE_S:
            self._said_s = now
            self.supervisor.send(Says(alive=True))

    def take_told(self) -> None:
        """Obey all that was told; without a supervisor there is nothing to go on for."""
        for told in self.supervisor.received():
            if told.stop:
                self.stop()
            self.obey(told)
        if self.supervisor.gone:
            self.stop()
