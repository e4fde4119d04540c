"""The kernel's announcement of a sound card that came or went, so that ports are listed at once.

A netlink socket (``man 7 netlink``, NETLINK_KOBJECT_UEVENT) that needs no rights and no daemon.
Where there is none, or an announcement is lost, the regular listing of ports finds the change.
"""

from __future__ import annotations

import contextlib
import socket

from ..closing import Closing

_UEVENTS = 15  # NETLINK_KOBJECT_UEVENT
_FROM_KERNEL = 1  # multicast group
_LIMIT = 8192
_OURS = (b"SUBSYSTEM=sound", b"SUBSYSTEM=snd_seq")


def concerns(message: bytes) -> bool:
    """Whether an event tells of a sound card or a MIDI port; fields end in zero bytes."""
    return any(field in _OURS for field in message.split(b"\0"))


class Announce(Closing):
    """``fds`` are readable when there may be news; then ask ``heard``."""

    def __init__(self) -> None:
        self._sock: socket.socket | None = None
        with contextlib.suppress(OSError, AttributeError):
            kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
            sock = socket.socket(socket.AF_NETLINK, kind, _UEVENTS)
            sock.bind((0, _FROM_KERNEL))
            self._sock = sock

    def fds(self) -> list[int]:
        return [self._sock.fileno()] if self._sock is not None else []

    def heard(self) -> bool:
        """Take in all that came; whether some of it concerns ports."""
        news = False
        while self._sock is not None:
            try:
                news = concerns(self._sock.recv(_LIMIT)) or news
            except BlockingIOError:
                break
            except OSError:  # its queue ran over: something was lost
                news = True
        return news

    def _close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None
