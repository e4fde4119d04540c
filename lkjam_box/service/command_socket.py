"""The socket through which other programs send commands to a running box.

One packet is one record of :data:`Request` (``protocol/records.py``); there is no answer.
What the box does is seen in its shared state, in the same folder.
"""

from __future__ import annotations

import socket
from pathlib import Path

from ..closing import Closing
from ..errors import LkjamError
from ..protocol.records import SIZE, Request, pack, unpack
from ..protocol.runtime_folder import commands_path

_MOST_PACKETS = 64


class CommandSocket(Closing):
    """The receiving end, in the supervisor, which holds the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._path = commands_path(folder)
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._path.unlink(missing_ok=True)
        try:
            self._sock.bind(str(self._path))
        except OSError as error:
            raise LkjamError(f"{self._path}: cannot listen: {error.strerror or error}") from error
        self._path.chmod(0o660)

    def fileno(self) -> int:
        return self._sock.fileno()

    def drain(self) -> list[Request]:
        """The commands that came in, of 64 packets at most, so that no sender can keep us here;
        the rest comes next time. Packets that are no command are ignored."""
        found: list[Request] = []
        for _ in range(_MOST_PACKETS):
            try:
                record = unpack(self._sock.recv(SIZE + 1))
            except BlockingIOError:
                break
            if isinstance(record, Request):
                found.append(record)
        return found

    def _close(self) -> None:
        self._sock.close()
        self._path.unlink(missing_ok=True)


def is_running(folder: Path) -> bool:
    """Whether a box listens in ``folder``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(str(commands_path(folder)))
        except OSError:
            return False
    return True


def send_command(folder: Path, record: Request) -> None:
    """Send ``record`` to the box that runs in ``folder``. Raises LkjamError when none does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1.0)
        try:
            sock.connect(str(commands_path(folder)))
            sock.send(pack(record))
        except OSError as error:
            raise LkjamError(
                f"no box runs in {folder}: start one with lkjam-box run, or set LKJAM_RUNTIME "
                "to its folder"
            ) from error
