"""One end of a record link between two processes.

A non-blocking ``SOCK_SEQPACKET`` pair: the kernel's own bounded queue of whole packets,
and the hand-off with the shortest tail of those measured (docs/decisions/processes.md). The stage
never waits: a full queue drops the record and counts it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

from ..closing import Closing
from .records import SIZE, Record, pack, unpack


class Link(Closing):
    """``dropped`` counts records that found the queue full, ``garbled`` packets that are none."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self.dropped = 0
        self.garbled = 0
        self.gone = False  # the other end is closed

    @classmethod
    def pair(cls) -> tuple[Link, Link]:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(one), cls(other)

    @classmethod
    def adopt(cls, fd: int) -> Link:
        """The end that another process left open for us as ``fd``."""
        return cls(socket.socket(fileno=fd))

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

    def drain(self) -> Iterator[Record]:
        """Every record that waits, in order."""
        for data in packets(self._sock, SIZE + 1):
            if not data:
                self.gone = True
            elif (record := unpack(data)) is None:
                self.garbled += 1
            else:
                yield record

    def _close(self) -> None:
        self._sock.close()


def packets(sock: socket.socket, most_bytes: int) -> Iterator[bytes]:
    """Every packet that waits in a non-blocking socket; b"" once the other end is closed."""
    data = b"-"
    while data:
        try:
            data = sock.recv(most_bytes)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        yield data
