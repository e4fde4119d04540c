"""The DIN jacks of the box: its serial port as one more MIDI port beside those of a driver.

A key's three bytes take a millisecond on that wire. The kernel would queue 4 KiB, more than a
second, and the UART 32 bytes more; so a message is given to it just before the wire is free. The
rest waits here, in the order of :mod:`.din_queue`, and is sent by a thread of its own: the stage
never waits for the wire, and no note is dropped.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
import time
from collections.abc import Callable
from math import inf

from ..errors import PortNotFound
from ..midi.din_parser import DinParser
from ..midi.messages import Message
from .din_queue import DinQueue, Pace
from .port import InputPort, OutputPort, PortKind, Receive
from .serial_port import free, open_serial_port

DIN = "DIN"
HEADER_SERIAL_PORT = "/dev/ttyAMA0"  # GPIO 14 and 15; on a Pi 5 serial0 is another one
_READ = 256
_FULL_S = 0.002  # between two tries where the kernel takes no more
_OUTQ = struct.Struct("=i")


def find_serial_port(option: str) -> str:
    """Path of the serial port that the option ``ports.din`` asks for; '' for none."""
    if option == "off":
        return ""
    path = HEADER_SERIAL_PORT if option == "auto" else option
    usable = free(path) and os.access(path, os.R_OK | os.W_OK)
    return path if usable or option != "auto" else ""


class DinInput(InputPort):
    """Whole messages from the wire, stamped when they are read."""

    name = DIN

    def __init__(self, fd: int, receive: Receive) -> None:
        self._fd, self._receive = fd, receive
        self._parser = DinParser()

    def fileno(self) -> int:
        return self._fd

    def drain(self) -> None:
        now = time.monotonic()
        try:
            data = os.read(self._fd, _READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.gone = True
        for message in self._parser.feed(data):
            self._receive(now, message)

    def _close(self) -> None:
        os.close(self._fd)
        self._fd = -1


class DinOutput(OutputPort):
    """Sends at once while the wire is free, else when it is, from a thread.

    ``write`` is the kernel's; a benchmark puts its own before it.
    """

    name = DIN

    def __init__(self, fd: int, write: Callable[[int, bytes], int] = os.write) -> None:
        self._fd, self._kernel = fd, write
        self._queue, self._pace = DinQueue(), Pace()
        self._rest = b""  # of a message that the kernel took in part
        self._lock, self._more = threading.Lock(), threading.Event()
        self._closing = False
        self._broken: OSError | None = None
        self._thread: threading.Thread | None = None

    def send(self, message: Message) -> None:
        if self._broken is not None:
            raise self._broken
        with self._lock:
            self._queue.put(message)
            if self._feed() == inf:
                return
        if self._thread is None:
            self._thread = threading.Thread(target=self._drain, name="din-out", daemon=True)
            self._thread.start()
        self._more.set()

    def _close(self) -> None:
        """Send what waits, which takes a third of a millisecond a byte, then close."""
        self._closing = True
        self._more.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        os.close(self._fd)
        self._fd = -1

    def _feed(self) -> float:
        """Give the kernel what is due; when to do so again, infinity where nothing waits."""
        while self._rest or self._queue:
            now_s = time.monotonic()
            (queued,) = _OUTQ.unpack(fcntl.ioctl(self._fd, termios.TIOCOUTQ, bytes(4)))
            self._pace.queued(now_s, queued)
            due_s = self._pace.due_s(bool(self._rest) or self._queue.urgent)
            if now_s < due_s:
                return due_s
            data = self._rest or bytes(self._queue.take() or b"")
            sent = self._write(data)
            self._pace.gave(now_s, sent)
            self._rest = data[sent:]
            if self._rest:
                return now_s + _FULL_S
        return inf

    def _write(self, data: bytes) -> int:
        """How many bytes of ``data`` the kernel took."""
        try:
            return self._kernel(self._fd, data)
        except BlockingIOError:
            return 0

    def _drain(self) -> None:
        try:
            while True:
                with self._lock:
                    due_s = self._feed()
                if due_s < inf:
                    time.sleep(max(due_s - time.monotonic(), 0.0))
                elif self._closing:
                    return
                else:
                    self._more.wait()
                    self._more.clear()
        except OSError as error:  # raised by the next ``send``
            self._broken = error


class WithDin(PortKind):
    """The ports of ``kind``, and the DIN jacks at serial port ``din`` as one more in both lists."""

    def __init__(self, kind: PortKind, din: str) -> None:
        self.name, self.din, self.lacks = kind.name, din, kind.lacks
        self._kind = kind

    def mark(self) -> object:
        return self._kind.mark()

    def inputs(self) -> list[str]:
        return [*self._kind.inputs(), *self._present()]

    def outputs(self) -> list[str]:
        return [*self._kind.outputs(), *self._present()]

    def open_input(self, name: str, receive: Receive) -> InputPort:
        if name != DIN:
            return self._kind.open_input(name, receive)
        return DinInput(self._open(), receive)

    def open_output(self, name: str) -> OutputPort:
        if name != DIN:
            return self._kind.open_output(name)
        return DinOutput(self._open())

    def create_input(self, name: str, receive: Receive) -> InputPort:
        return self._kind.create_input(name, receive)

    def create_output(self, name: str) -> OutputPort:
        return self._kind.create_output(name)

    def _close(self) -> None:
        self._kind.close()

    def _present(self) -> list[str]:
        return [DIN] if free(self.din) else []

    def _open(self) -> int:
        try:
            return open_serial_port(self.din)
        except OSError as error:
            raise PortNotFound(
                f"no DIN port: {self.din}: {error.strerror}; ports.din names the serial line, "
                "the group dialout may open it"
            ) from error
