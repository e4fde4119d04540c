"""One box in a runtime folder: the lock that its supervisor holds as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..closing import Closing
from ..errors import LkjamError
from ..protocol.folder_guard import open_plain
from ..protocol.runtime_folder import LOCK


class FolderLock(Closing):
    """Raises LkjamError, with the other's pid, where another box has the folder.

    The kernel frees it with the process, however that ends, so a lock left behind hinders nobody.
    A POSIX lock: unlike flock's, no process that a supervisor forks goes on holding it.
    """

    def __init__(self, folder: Path) -> None:
        self._fd = open_plain(folder / LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = os.read(self._fd, 20).decode("ascii", "replace").strip()
            os.close(self._fd)
            raise LkjamError(
                f"{folder}: a box runs here already (pid {pid or 'unknown'}): stop it, or set "
                "LKJAM_RUNTIME to another folder"
            ) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def _close(self) -> None:
        os.close(self._fd)
