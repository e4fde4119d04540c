"""The DIN jacks of the box: its serial port as one more MIDI port beside those of a driver.

A key's three bytes take a millisecond on that wire. The kernel would queue 4 KiB, more than a
second; so only what takes 30 ms is given to it at once. The rest waits here and is sent by a
thread of its own, in order: the stage never waits for the wire, and no note-off is dropped.
Only bends and pressure are dropped, while many messages wait: they would be out of date.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
import threading
import time
from collections import deque

from ..errors import PortNotFound
from ..midi.din_parser import DinParser
from ..midi.messages import PITCH_BEND, POLY_PRESSURE, PRESSURE, Message
from .port import InputPort, OutputPort, PortKind, Receive
from .serial_port import free, open_serial_port

DIN = "DIN"
HEADER_SERIAL_PORT = "/dev/ttyAMA0"  # GPIO 14 and 15; on a Pi 5 serial0 is another one
_READ = 256
_AHEAD = 96  # bytes that the kernel may hold: 30 ms of the wire
_FULL = 16  # messages that wait, beyond which bends and pressure are left out
_LOOK_S = 0.002  # between two tries to send what waits
_OUTQ = struct.Struct("=i")
_MAY_DROP = (POLY_PRESSURE, PRESSURE, PITCH_BEND)


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
    """Sends at once while the kernel has room, else later and in order, from a thread."""

    name = DIN

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiting: deque[bytes] = deque()
        self._lock, self._more = threading.Lock(), threading.Event()
        self._closing = False
        self._broken: OSError | None = None
        self._thread: threading.Thread | None = None

    def send(self, message: Message) -> None:
        if self._broken is not None:
            raise self._broken
        with self._lock:
            if self._waiting:
                if len(self._waiting) < _FULL or message.kind not in _MAY_DROP:
                    self._waiting.append(message)
                return
            sent = self._write(message)
            if sent == len(message):
                return
            self._waiting.append(message[sent:])
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

    def _write(self, data: bytes) -> int:
        """Give ``data`` to the kernel; how many bytes of it the kernel took."""
        (queued,) = _OUTQ.unpack(fcntl.ioctl(self._fd, termios.TIOCOUTQ, bytes(4)))
        room = _AHEAD - queued
        try:
            return os.write(self._fd, data[:room]) if room > 0 else 0
        except BlockingIOError:
            return 0

    def _drain(self) -> None:
        try:
            while self._waiting or not self._closing:
                if not self._waiting:
                    self._more.wait()
                    self._more.clear()
                    continue
                with self._lock:
                    data = self._waiting[0]
                    sent = self._write(data)
                    if sent == len(data):
                        self._waiting.popleft()
                        continue
                    self._waiting[0] = data[sent:]
                time.sleep(_LOOK_S)
        except OSError as error:  # raised by the next ``send``
            self._broken = error


class WithDin(PortKind):
    """The ports of ``kind``, and the DIN jacks at serial port ``din`` as one more in both lists."""

    def __init__(self, kind: PortKind, din: str) -> None:
        self.name, self.din = kind.name, din
        self._kind = kind

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
