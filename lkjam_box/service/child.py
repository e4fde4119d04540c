"""One process of the box, as the supervisor starts it, talks to it and notices its end."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys

from ..protocol.process_messages import MessageSocket, ProcessSetup, Says, Told
from . import process
from .fork_server import ForkServer
from .restarts import Restarts

_STEADY_S = 5.0  # a box that just began loads enough: no spare before


class Child:
    """``start`` the process, ``tell`` it things, ask what it ``says`` and whether it ``died``.

    It is forked from ``forks``; without a fork server it is a Python program of its own, which
    takes longer to start."""

    def __init__(self, name: str, forks: ForkServer | None = None) -> None:
        self.name = name
        self.pid = 0  # 0: it does not live
        self.ready = False
        self.heard_s = 0.0  # when it last said something
        self.starts = 0
        self.wrong = ""  # why it ended, as far as it could say
        self.gone = False  # it closed its end, as the kernel does for one that is killed
        self._forks = forks
        self._socket: MessageSocket[Says] | None = None
        self._pidfd = -1
        self._ended: int | None = None  # its exit code, below 0 for a signal
        self._started_s = 0.0
        self._restarts = Restarts()
        self.again_s = 0.0  # when to start it

    @property
    def awaits(self) -> bool:
        """Whether the fork server was asked for it and has not answered."""
        return self.alive and not self.pid

    def failing(self, now_s: float) -> bool:
        """Whether it keeps failing: it was lost again and again, and has not lived long since."""
        return self._restarts.failing(now_s - self._started_s if self.alive else 0.0)

    @property
    def alive(self) -> bool:
        return bool(self.pid)

    def start(self, now_s: float, setup: ProcessSetup, fds: tuple[int, ...]) -> None:
        """Run the process with ``setup`` and its ends of the links, ``fds``."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            pid = self._forks.fork(self.name, theirs) if self._forks else 0
            self.pid = pid or _program(self.name, theirs)
        self._socket, self._pidfd = MessageSocket(ours, Says), os.pidfd_open(self.pid)
        self._socket.send(setup, fds)
        self._started_s = self.heard_s = now_s
        self._ended = None
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
        if not self.wait(0.0) or self._ended is None:
            return ""
        code = self._ended
        self.again_s = self._restarts.lost(now_s, now_s - self._started_s)
        self.forget()
        return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"

    def signal(self, number: int) -> None:
        if self.pid and self._ended is None:
            signal.pidfd_send_signal(self._pidfd, number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; False when it did not end within ``timeout_s``."""
        if self.pid and self._ended is None:
            if not select.select([self._pidfd], (), (), max(timeout_s, 0.0))[0]:
                return False
            self._ended = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return True

    def forget(self) -> None:
        """Close our file descriptors of an ended process."""
        self.ready = False
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        self.pid, self._ended = 0, None


def _program(name: str, control: socket.socket) -> int:
    """Pid of a Python program that runs process ``name``."""
    control.set_inheritable(True)
    words = [sys.executable, "-m", process.__name__, name, str(control.fileno())]
    return os.posix_spawn(sys.executable, words, os.environ)
