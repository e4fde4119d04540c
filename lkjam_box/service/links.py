"""The links between lanes. The supervisor holds both ends of each, so that a lane started
again finds its links as they were."""

from __future__ import annotations

import socket

from ..protocol.link import Link
from ..protocol.process_messages import WIRES


class Wires:
    """One ``SOCK_SEQPACKET`` pair for each of :data:`..protocol.process_messages.WIRES`."""

    def __init__(self) -> None:
        self._pairs = {
            name: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for name in WIRES
        }
        for sock in self._pairs["tape"]:  # as much as the kernel gives: the keeper may wait for
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)  # a disk

    def of(self, lane: str) -> dict[str, int]:
        """File descriptors of ``lane``, by the field of its LaneSetup."""
        return {
            name: self._pairs[name][ends.index(lane)].fileno()
            for name, ends in WIRES.items()
            if lane in ends
        }

    def tap(self, name: str, lane: str) -> Link:
        """``lane``'s end once more, to send on beside it."""
        return Link(self._pairs[name][WIRES[name].index(lane)].dup())
