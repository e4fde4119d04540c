"""The links between processes. The supervisor holds both ends of each, so that a process started
again finds its links as they were."""

from __future__ import annotations

import socket

from ..protocol.link import Link
from ..protocol.process_messages import LINKS, links_of


class ProcessLinks:
    """One ``SOCK_SEQPACKET`` pair for each of :data:`..protocol.process_messages.LINKS`."""

    def __init__(self) -> None:
        self._pairs = {
            name: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for name in LINKS
        }
        for sock in self._pairs["recording"]:  # the recorder may wait for a disk
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)  # or the kernel's limit

    def of(self, process: str) -> tuple[int, ...]:
        """File descriptors of ``process``, in the order of ``links_of``."""
        return tuple(
            self._pairs[name][LINKS[name].index(process)].fileno() for name in links_of(process)
        )

    def tap(self, name: str, process: str) -> Link:
        """A duplicate of ``process``'s end, for the supervisor to send on as well."""
        return Link(self._pairs[name][LINKS[name].index(process)].dup())
