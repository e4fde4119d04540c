"""A serial port at exactly 31250 baud. The only module that opens one.

The UARTs of every Raspberry Pi divide their 48 or 50 MHz to 31250 without a remainder, so no trick
with clocks and overlays is needed: the kernel is asked for that very rate (``BOTHER`` of termios2,
asm-generic/termbits.h). With the overlay ``midi-uart0`` besides, the rate would be 25.4 kBd.
"""

from __future__ import annotations

import fcntl
import os
import struct
import termios
from pathlib import Path

from ..closing import Closing

BAUD = 31250
_SET, _GET = 0x402C542B, 0x802C542A  # TCSETS2, TCGETS2
_TERMIOS2 = struct.Struct("=4IB19s2I")  # four sets of flags, line, control characters, rates
_BOTHER = 0o010000
_CONSOLE = Path("/sys/class/tty/console/active")


def free(path: str) -> bool:
    """Whether ``path`` is a serial port that no console writes to."""
    try:
        consoles = _CONSOLE.read_text().split()
    except OSError:
        consoles = []
    return Path(path).is_char_device() and Path(path).resolve().name not in consoles


def open_serial_port(path: str) -> int:
    """A file descriptor that never blocks: raw bytes, 8N1, 31250 baud. Raises OSError."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        discipline = _TERMIOS2.unpack(fcntl.ioctl(fd, _GET, bytes(_TERMIOS2.size)))[4]
        flags = _BOTHER | termios.CS8 | termios.CREAD | termios.CLOCAL
        settings = _TERMIOS2.pack(
            termios.IGNBRK | termios.IGNPAR, 0, flags, 0, discipline, bytes(19), BAUD, BAUD
        )
        fcntl.ioctl(fd, _SET, settings)
        termios.tcflush(fd, termios.TCIFLUSH)  # what came at another rate
    except OSError:
        os.close(fd)
        raise
    return fd


def baud(fd: int) -> int:
    """The rate that the driver took."""
    return int(_TERMIOS2.unpack(fcntl.ioctl(fd, _GET, bytes(_TERMIOS2.size)))[7])


class Bytes(Closing):
    """Plain reading and writing at 31250 baud, for ``bringup``. Raises OSError."""

    def __init__(self, path: str) -> None:
        self._fd = open_serial_port(path)

    def write(self, data: bytes) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0

    def read(self) -> bytes:
        try:
            return os.read(self._fd, 4096)
        except BlockingIOError:
            return b""

    def _close(self) -> None:
        os.close(self._fd)
