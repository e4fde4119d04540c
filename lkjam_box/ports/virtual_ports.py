"""MIDI ports that need no driver: Unix sockets in one folder.

A port that its owner reads from is a socket ``NAME.sink``, one that its owner writes to is
``NAME.source``; both are listening ``SOCK_SEQPACKET`` sockets, so every message stays whole,
the queue of a slow reader holds some hundred messages (a datagram socket's holds 10), and a
vanished peer is seen. Each packet is the sender's monotonic clock as a double, then one
MIDI message: the stamp stands in for the kernel stamp of ALSA.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from ..errors import LkjamError, PortNotFound
from ..midi.messages import Message
from .port import InputPort, OutputPort, PortKind, Receive

_STAMP = struct.Struct("<d")
_LIMIT = 1024  # bytes of a packet; longer SysEx is not for us
_BACKLOG = 16
SINK, SOURCE = ".sink", ".source"


def _address(path: Path) -> tuple[str, int]:
    """An address short enough for a Unix socket (108 bytes), and a folder fd to close or -1."""
    if len(os.fsencode(path)) < 100:
        return str(path), -1
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    return f"/proc/self/fd/{folder}/{path.name}", folder


def _call(what: str, sock: socket.socket, path: Path) -> None:
    address, folder = _address(path)
    try:
        getattr(sock, what)(address)
    finally:
        if folder >= 0:
            os.close(folder)


def _alive(path: Path) -> bool:
    """Whether a process still owns the socket file.

    Connecting with the wrong socket type fails with EPROTOTYPE when a process listens, and with
    ECONNREFUSED when the file is left over. The owner notices nothing.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            _call("connect", probe, path)
        except OSError as error:
            return error.errno == errno.EPROTOTYPE
    return False


def _listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        if _alive(path):
            raise LkjamError(
                f"{path}: port exists: another program owns it; stop it, or give this one "
                "another folder (LKJAM_RUNTIME)"
            )
        path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setblocking(False)
    _call("bind", sock, path)
    sock.listen(_BACKLOG)
    return sock


def _connect(path: Path, name: str, there: list[str]) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.setblocking(False)
    try:
        _call("connect", sock, path)
    except OSError as error:
        sock.close()
        raise PortNotFound(f"no virtual port {name!r}; present: {there or 'none'}") from error
    return sock


def _accepted(listener: socket.socket) -> Iterator[socket.socket]:
    """The peers that have connected since the last call, each non-blocking."""
    while True:
        try:
            peer, _ = listener.accept()
        except BlockingIOError:
            return
        peer.setblocking(False)
        yield peer


class VirtualInput(InputPort):
    """Reads from one source, or from everyone who writes to our sink."""

    def __init__(self, name: str, receive: Receive, *, path: Path | None = None) -> None:
        self.name = name
        self._receive = receive
        self._path = path
        self._poll = select.epoll()
        self._peers: dict[int, socket.socket] = {}
        self._listener: socket.socket | None = None
        if path is not None:
            self._listener = _listen(path)
            self._poll.register(self._listener, select.EPOLLIN)

    def add(self, peer: socket.socket) -> None:
        self._peers[peer.fileno()] = peer
        self._poll.register(peer, select.EPOLLIN)

    def fileno(self) -> int:
        return self._poll.fileno()

    def drain(self) -> None:
        if self._poll.closed:
            return
        waiting: list[tuple[float, bytes]] = []
        for number, _ in self._poll.poll(0):
            if self._listener is not None and number == self._listener.fileno():
                for peer in _accepted(self._listener):
                    self.add(peer)
            else:
                self._read(self._peers[number], waiting)
        if len(self._peers) > 1:
            waiting.sort(key=lambda item: item[0])
        for time_s, message in waiting:
            self._receive(time_s, message)

    def _read(self, peer: socket.socket, waiting: list[tuple[float, bytes]]) -> None:
        now = time.monotonic()
        while True:
            try:
                packet = peer.recv(_LIMIT)
            except BlockingIOError:
                return
            except ConnectionError:
                packet = b""
            if not packet:
                self._poll.unregister(peer)
                del self._peers[peer.fileno()]
                peer.close()
                self.gone = self._listener is None
                return
            if len(packet) > _STAMP.size:
                stamp = _STAMP.unpack_from(packet)[0]
                if not now - 1.0 <= stamp <= now:  # a stamp from elsewhere, or not a number
                    stamp = now
                waiting.append((stamp, packet[_STAMP.size :]))

    def _close(self) -> None:
        for peer in self._peers.values():
            peer.close()
        self._peers.clear()
        if self._listener is not None:
            self._listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._poll.close()


class VirtualOutput(OutputPort):
    """Writes to one sink, or to everyone who listens to our source.

    A reader that does not keep up loses messages, counted in ``dropped``.
    """

    def __init__(
        self, name: str, *, peer: socket.socket | None = None, path: Path | None = None
    ) -> None:
        self.name = name
        self.dropped = 0
        self._peers = [peer] if peer is not None else []
        self._path = path
        self._listener = _listen(path) if path is not None else None
        self._knocks = select.poll()  # to poll is cheaper than an accept that fails
        if self._listener is not None:
            self._knocks.register(self._listener, select.POLLIN)

    def send(self, message: Message, time_s: float | None = None) -> None:
        """Send ``message`` with the stamp ``time_s``, now when left out."""
        if self._listener is not None and self._knocks.poll(0):
            self._peers += _accepted(self._listener)
        packet = _STAMP.pack(time.monotonic() if time_s is None else time_s) + message.data
        lost = None
        for peer in self._peers:
            try:
                peer.send(packet)
            except BlockingIOError:
                self.dropped += 1
            except OSError:
                lost = peer
        if lost is not None:
            self._peers.remove(lost)
            lost.close()
        if self._listener is None and not self._peers:
            raise OSError(errno.EPIPE, f"virtual port {self.name!r} is gone")

    def _close(self) -> None:
        for peer in self._peers:
            peer.close()
        self._peers.clear()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class VirtualKind(PortKind):
    """All ports whose sockets lie in ``folder``; the ports of this object are not listed."""

    name = "virtual"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own: set[str] = set()

    def mark(self) -> object:
        try:
            return os.stat(self.folder).st_mtime_ns  # a port came, or was closed
        except OSError:
            return 0

    def inputs(self) -> list[str]:
        return self._names(SOURCE)

    def outputs(self) -> list[str]:
        return self._names(SINK)

    def _names(self, ending: str) -> list[str]:
        found = self.folder.glob("*" + ending) if self.folder.is_dir() else ()
        return sorted(
            unquote(path.name.removesuffix(ending))
            for path in found
            if path.name not in self._own and _alive(path)
        )

    def _path(self, name: str, ending: str) -> Path:
        return self.folder / (quote(name, safe=" ()[]+-_,:;=@#'") + ending)

    def _own_path(self, name: str, ending: str) -> Path:
        path = self._path(name, ending)
        self._own.add(path.name)
        return path

    def open_input(self, name: str, receive: Receive) -> VirtualInput:
        peer = _connect(self._path(name, SOURCE), name, self.inputs())
        port = VirtualInput(name, receive)
        port.add(peer)
        return port

    def open_output(self, name: str) -> VirtualOutput:
        peer = _connect(self._path(name, SINK), name, self.outputs())
        return VirtualOutput(name, peer=peer)

    def create_input(self, name: str, receive: Receive) -> VirtualInput:
        return VirtualInput(name, receive, path=self._own_path(name, SINK))

    def create_output(self, name: str) -> VirtualOutput:
        return VirtualOutput(name, path=self._own_path(name, SOURCE))

    def _close(self) -> None:
        """Nothing is held."""
