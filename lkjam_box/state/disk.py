"""A folder, as what must survive a power cut needs it; and one in memory to cut the power of.

Whatever is written is safe only once it was synced, and a new name only once the folder was.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """Plain names in one folder. Everything but ``read`` and ``sizes`` raises OSError."""

    def read(self, name: str) -> bytes:
        """The whole file; nothing where there is none, or none that can be read."""

    def sizes(self) -> dict[str, int]:
        """Bytes of every file, by name."""

    def write(self, name: str, data: bytes) -> None:
        """Over the first bytes of a file, made when it is not there."""

    def append(self, name: str, data: bytes) -> None:
        """Behind what is there."""

    def sync(self, name: str) -> None:
        """What the file holds is safe."""

    def sync_folder(self) -> None:
        """New names and removals are safe."""

    def remove(self, name: str) -> None: ...


class Folder:
    """The real one; made when first written to."""

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


SECTOR = 512  # a disk writes whole ones, in any order


class PowerCut(BaseException):
    """The power of a :class:`FakeDisk` is off."""


class _File:
    def __init__(self) -> None:
        self.seen, self.safe = b"", b""


class FakeDisk:
    """Counts ``writes``; the power goes after ``power`` more bytes, names or syncs.

    ``refuses`` (an errno) makes every write fail. ``restarted`` gives the disk that the next start
    finds: of what was not synced any sector may be new or old, and folders as of any moment
    since they were. ``choose(n)`` picks one of n.
    """

    def __init__(self) -> None:
        self.power: int | None = None
        self.refuses = 0
        self.room: int | None = None  # bytes until the disk is full
        self.writes = 0
        self._folders: list[dict[str, _File]] = [{}]  # the safe one first, the one seen last

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
