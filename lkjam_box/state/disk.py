"""Files that must survive a power cut: a real folder, and a fake whose power tests can cut.

Data is safe only after a ``sync`` of its file, a new or removed name after ``sync_folder``.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """The files of one folder, by name. All methods but ``read`` and ``sizes`` raise OSError."""

    def read(self, name: str) -> bytes:
        """The whole content of a file; empty where it is missing or cannot be read."""

    def sizes(self) -> dict[str, int]:
        """Bytes of every file, by name."""

    def write(self, name: str, data: bytes) -> None:
        """Overwrite the first bytes of a file with ``data``; create the file if it is missing."""

    def append(self, name: str, data: bytes) -> None:
        """Write ``data`` at the end of a file; create the file if it is missing."""

    def sync(self, name: str) -> None:
        """Flush a file to the disk; from then on its content survives a power cut."""

    def sync_folder(self) -> None:
        """Flush the folder; from then on new and removed names survive a power cut."""

    def remove(self, name: str) -> None: ...


class Folder:
    """A folder of the file system, created when it is first written to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError:
            return b""

    def sizes(self) -> dict[str, int]:
        try:
            return {e.name: e.stat().st_size for e in os.scandir(self.path) if e.is_file()}
        except OSError:
            return {}

    def write(self, name: str, data: bytes) -> None:
        self._put(name, data, 0)

    def append(self, name: str, data: bytes) -> None:
        self._put(name, data, os.O_APPEND)

    def sync(self, name: str) -> None:
        self._with(self.path / name, os.O_RDONLY, os.fsync)

    def sync_folder(self) -> None:
        self._with(self.path, os.O_RDONLY | os.O_DIRECTORY, os.fsync)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def _put(self, name: str, data: bytes, flags: int) -> None:
        def put(fd: int) -> None:
            if os.write(fd, data) != len(data):  # only a full disk writes less
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self.path.mkdir(parents=True, exist_ok=True)
        self._with(self.path / name, os.O_WRONLY | os.O_CREAT | flags, put)

    @staticmethod
    def _with(path: Path, flags: int, do: Callable[[int], object]) -> None:
        fd = os.open(path, flags | os.O_CLOEXEC, 0o644)
        try:
            do(fd)
        finally:
            os.close(fd)


SECTOR = 512  # bytes; a disk writes whole sectors, in any order


class PowerCut(BaseException):
    """The power of a :class:`FakeDisk` was cut during this call."""


class _File:
    def __init__(self) -> None:
        self.seen, self.safe = b"", b""  # content now, content at the last sync


class FakeDisk:
    """A disk in memory. Counts ``writes``; power is cut after ``power`` more bytes, names or syncs.

    ``refuses`` (an errno) makes every write fail. ``restarted`` gives the disk after the cut: each
    sector not synced has its old or its new content, the folder is as at its last sync or after
    any change since. ``choose(n)`` makes these choices, a number from 0 to n - 1.
    """

    def __init__(self) -> None:
        self.power: int | None = None
        self.refuses = 0
        self.room: int | None = None  # bytes until the disk is full
        self.writes = 0
        self._folders: list[dict[str, _File]] = [{}]  # first as last synced, last as it is now

    def read(self, name: str) -> bytes:
        file = self._folders[-1].get(name)
        return file.seen if file else b""

    def sizes(self) -> dict[str, int]:
        return {name: len(file.seen) for name, file in self._folders[-1].items()}

    def write(self, name: str, data: bytes) -> None:
        self._put(name, data, 0)

    def append(self, name: str, data: bytes) -> None:
        self._put(name, data, len(self.read(name)))

    def sync(self, name: str) -> None:
        self._spend(1)
        file = self._file(name)
        file.safe = file.seen

    def sync_folder(self) -> None:
        self._spend(1)
        del self._folders[:-1]

    def remove(self, name: str) -> None:
        if name in self._folders[-1]:
            self._change_folder()
            del self._folders[-1][name]

    def restarted(self, choose: Callable[[int], int]) -> FakeDisk:
        after = FakeDisk()
        for name, file in self._folders[choose(len(self._folders))].items():
            after._folders[0][name] = copy = _File()
            length = len((file.safe, file.seen)[choose(2)])
            old, new = (data.ljust(length, b"\0") for data in (file.safe, file.seen))
            copy.seen = copy.safe = b"".join(
                (old, new)[choose(2)][at : at + SECTOR] for at in range(0, length, SECTOR)
            )[:length]
        return after

    def _put(self, name: str, data: bytes, at: int) -> None:
        self.writes += 1
        if name not in self._folders[-1]:
            self._change_folder()
            self._folders[-1][name] = _File()
        elif self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        file = self._file(name)
        fits = len(data) if self.room is None else min(len(data), self.room)
        kept = fits if self.power is None else min(fits, self.power)
        file.seen = file.seen[:at] + data[:kept] + file.seen[at + kept :]
        if self.room is not None:
            self.room -= fits
        self._spend(fits)
        if fits < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _file(self, name: str) -> _File:
        if name not in self._folders[-1]:
            raise FileNotFoundError(name)
        return self._folders[-1][name]

    def _change_folder(self) -> None:
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        self._spend(1)
        self._folders.append(dict(self._folders[-1]))

    def _spend(self, steps: int) -> None:
        if self.power is not None:
            self.power -= steps
            if self.power < 0:
                raise PowerCut
