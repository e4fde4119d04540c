"""One end of a record link between two processes.

A non-blocking ``SOCK_SEQPACKET`` pair: the kernel's own bounded queue of whole packets,
and the hand-off with the shortest tail of those measured (docs/decisions/processes.md). The stage
never waits: a full queue drops the record and counts it.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from mmap import mmap

from ..closing import Closing
from .records import MOST_BYTES, Record, pack, unpack


class Packets:
    """The packets that come in on a non-blocking socket, read into one buffer made once."""

    def __init__(self, sock: socket.socket, most_bytes: int) -> None:
        self._sock = sock
        self._buffer = memoryview(mmap(-1, most_bytes))  # takes memory once it is written
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.gone = False  # the other end is closed

    @property
    def waiting(self) -> bool:
        """Whether a packet waits, or the other end was closed just now. An empty read, which
        raises, costs three times as much."""
        return not self.gone and bool(self._poll.poll(0))

    def take(self) -> memoryview | None:
        """The packet that waits first, until the next is taken; None if there is none."""
        try:
            size = self._sock.recv_into(self._buffer)
        except BlockingIOError:
            return None
        except ConnectionError:
            size = 0
        self.gone = not size
        return self._buffer[:size] if size else None


class Link(Closing):
    """``dropped`` counts records that found the queue full, ``garbled`` packets that are none."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._packets = Packets(sock, MOST_BYTES + 1)
        self.dropped = 0
        self.garbled = 0

    @classmethod
    def pair(cls) -> tuple[Link, Link]:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(one), cls(other)

    @classmethod
    def adopt(cls, fd: int) -> Link:
        """The end that another process left open for us as ``fd``."""
        return cls(socket.socket(fileno=fd))

    @property
    def gone(self) -> bool:
        """Whether the other end is closed and all that it sent was taken."""
        return self._packets.gone

    def fileno(self) -> int:
        return self._sock.fileno()

    def send(self, record: Record) -> bool:
        """Send without waiting; False when the record was dropped."""
        try:
            self._sock.send(pack(record))
        except (BlockingIOError, ConnectionError):
            self.dropped += 1
            return False
        return True

    def take(self) -> Record | None:
        """The record that waits first; None if none does, or what does is garbled."""
        data = self._packets.take()
        record = unpack(data) if data else None
        self.garbled += data is not None and record is None
        return record

    def drain(self) -> Iterator[Record]:
        """Every record that waits, in order."""
        while self._packets.waiting:
            record = self.take()
            if record is not None:
                yield record

    def _close(self) -> None:
        self._sock.close()
