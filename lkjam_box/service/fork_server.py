"""The fork server: a small process that has imported what all processes of the box share, and forks
them from itself when the supervisor asks.

It is forked before the supervisor opens anything: it has one thread and, besides its socket, no
descriptor that a process could inherit. What it forks it forks twice, and ends the one between, so
that the supervisor, which adopts orphans, is the parent: it waits for the end of its processes, and
they end with it. Why: docs/decisions/processes.md.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import traceback
from importlib import import_module
from typing import NoReturn

from ..closing import Closing
from ..machine.realtime import adopt_orphans, die_with_parent
from . import process

ANSWER_S = 5.0  # the server answers in milliseconds; one that hangs must not hold up the supervisor
SHARED = "lkjam_box.service.stage_process"  # imported before any fork: the stage is awaited most
_NAME = 64  # bytes of a name


class ForkServer(Closing):
    """The supervisor's end. Make it before anything is opened, and before any thread."""

    def __init__(self) -> None:
        self.pid = 0  # 0: it is not there
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            supervisor = os.getpid()
            if adopt_orphans():
                self.pid = os.fork()
                if not self.pid:
                    self._socket.close()
                    _serve(theirs, supervisor)
        self._socket.settimeout(ANSWER_S)

    def fork(self, name: str, control: socket.socket) -> int:
        """Pid of a new process ``name`` with ``control`` as its control socket: a child of ours.
        0 where the server is gone or hangs: it is not asked again."""
        try:
            socket.send_fds(self._socket, [name.encode()], [control.fileno()])
            pid = int(self._socket.recv(_NAME) or b"0")
        except OSError:
            pid = 0
        if not pid:
            self.close()
        return pid

    def _close(self) -> None:
        self._socket.close()
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0


def _serve(requests: socket.socket, supervisor: int) -> NoReturn:
    """Fork on request until the supervisor is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's
    die_with_parent(supervisor)
    process.call_it("forks")
    import_module(SHARED)
    gc.freeze()  # a collection in a forked process need not touch, and so copy, what is shared
    while True:
        name, fds, _, _ = socket.recv_fds(requests, _NAME, 1)
        if not name:
            os._exit(0)
        try:
            pid = _fork_orphan(name.decode(), fds[0], requests)
        except OSError:
            pid = 0
        os.close(fds[0])
        requests.send(str(pid).encode())


def _fork_orphan(name: str, control: int, requests: socket.socket) -> int:
    """Pid of a process that runs ``name`` and is nobody's child here."""
    read, write = os.pipe()
    between = os.fork()
    if not between:
        try:
            pid = os.fork()
            if not pid:
                requests.close()
                os.closerange(read, write + 1)
                _live(name, control)
            os.write(write, str(pid).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(between, 0)
    with open(read, "rb") as told:
        return int(told.read() or b"0")


def _live(name: str, control: int) -> NoReturn:
    """Be process ``name``, and end without unwinding what the fork server had on its stack."""
    code = 1
    try:
        code = process.run(name, control)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
