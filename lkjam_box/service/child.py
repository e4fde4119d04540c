"""One process of the box, as the supervisor starts it, talks to it and notices its end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import msgspec

from ..protocol.process_messages import MessageSocket, ProcessSetup, Says, Told
from . import process
from .restarts import Restarts

_STEADY_S = 5.0  # a box that just began loads enough: no spare before


Launched = tuple["subprocess.Popen[bytes]", MessageSocket[Says], int]
"""A process, our end of its control socket, and the file descriptor of its own end."""


class Child:
    """``start`` the process, ``tell`` it things, ask what it ``says`` and whether it ``died``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = False
        self.heard_s = 0.0  # when it last said something
        self.starts = 0
        self.wrong = ""  # why it ended, as far as it could say
        self.gone = False  # it closed its end, as the kernel does for one that is killed
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: MessageSocket[Says] | None = None
        self._standby: Launched | None = None
        self._pidfd = -1
        self._started_s = 0.0
        self._restarts = Restarts()
        self.again_s = 0.0  # when to start it

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def failing(self, now_s: float) -> bool:
        """Whether it keeps failing: it was lost again and again, and has not lived long since."""
        return self._restarts.failing(now_s - self._started_s if self.alive else 0.0)

    def settled(self, now_s: float) -> bool:
        """Whether it is ready and started over 5 s ago: a box that just began loads enough."""
        return self.ready and now_s - self._started_s > _STEADY_S

    @property
    def standby_pid(self) -> int:
        """Pid of the hot standby, 0 for none."""
        return self._standby[0].pid if self._standby else 0

    @property
    def alive(self) -> bool:
        return self._process is not None

    def start_standby(self, fds: tuple[int, ...]) -> None:
        """Start the hot standby: it loads everything and waits to take over. A new Python program
        takes 400 ms to start, on a busy computer some seconds; the standby: ``bench faults``."""
        if self._standby is None:
            self._standby = self._launch(fds)

    def _launch(self, fds: tuple[int, ...]) -> Launched:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            started = subprocess.Popen(
                [sys.executable, "-m", process.__name__, self.name, str(number)],
                pass_fds=(number, *fds),
            )
        return started, MessageSocket(ours, Says), number

    def start(self, now_s: float, setup: ProcessSetup, fds: tuple[int, ...]) -> None:
        """Run the process: the hot standby if it lives. Fills in name and socket of ``setup``."""
        standby, self._standby = self._standby, None
        if standby is not None and standby[0].poll() is not None:
            standby[1].close()
            standby = None
        self._process, ours, number = standby or self._launch(fds)
        setup = msgspec.structs.replace(setup, process=self.name, supervisor=number)
        ours.send(setup)
        self._socket, self._pidfd = ours, os.pidfd_open(self._process.pid)
        self._started_s = self.heard_s = now_s
        self.ready, self.gone, self.starts = False, False, self.starts + 1

    def fds(self) -> tuple[int, ...]:
        """File descriptors to select on: readable when the process says something or ends."""
        if self._socket is None:
            return ()
        return (self._pidfd,) if self.gone else (self._socket.fileno(), self._pidfd)

    def tell(self, told: Told) -> None:
        """Send ``told``, which is lost when the process is not there or does not listen."""
        if self._socket is not None:
            self._socket.send(told)

    def says(self, now_s: float) -> list[Says]:
        """What the process said since the last call."""
        found = self._socket.received() if self._socket is not None else []
        self.gone = self.gone or (self._socket is not None and self._socket.gone)
        for says in found:
            self.heard_s = now_s
            if says.ready:
                self.ready, self.wrong = True, ""
            self.wrong = says.wrong or self.wrong
        return found

    def died(self, now_s: float) -> str:
        """How it ended, told once; else ''. Sets ``again_s``, when to start it again."""
        if self._process is None or self._process.poll() is None:
            return ""
        code = self._process.returncode
        self.again_s = self._restarts.lost(now_s, now_s - self._started_s)
        self.forget()
        return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; False when it did not end within ``timeout_s``."""
        if self._process is not None:
            try:
                self._process.wait(max(timeout_s, 0.0))
            except subprocess.TimeoutExpired:
                return False
        return True

    def end_standby(self) -> None:
        """End the hot standby, by closing its control socket."""
        if self._standby is not None:
            self._standby[1].close()
            self._standby[0].wait()
            self._standby = None

    def forget(self) -> None:
        """Close our file descriptors of an ended process."""
        self.ready = False
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        self._process = None
