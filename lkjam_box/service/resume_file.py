"""Where the stage is, in a file of the runtime folder: what is read after a crash.

Written as often as the snapshot, which does not hold enough for a stage to go on from.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import msgspec

from ..closing import Closing
from ..protocol.mapped_file import mapped_file
from ..protocol.runtime_folder import RESUME
from ..stage.resume import PARTS, Resume

OLDEST_S = 20.0  # the tempo is not known well enough to count ticks over a longer gap
_SLOT = 8192
_HEAD = struct.Struct("<QII")  # number, length and checksum of what follows
_OURS = zlib.crc32(repr([part.__annotations__ for part in PARTS]).encode())
"""Where checksums begin: none of another version, whose fields stand elsewhere, is right."""


class ResumeFile(Closing):
    """Two slots written in turn, each with a checksum: one is whole whenever the writer dies."""

    def __init__(self, folder: Path) -> None:
        self._block = mapped_file(folder / RESUME, 2 * _SLOT)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decoder = msgspec.msgpack.Decoder(Resume)
        self._number = max(self._slots(), default=(0, b""))[0]

    def read(self, now_s: float) -> Resume | None:
        """The latest place written, None where there is none or it is older than OLDEST_S."""
        for _, data in sorted(self._slots(), reverse=True):
            try:
                found = self._decoder.decode(data)
            except msgspec.DecodeError:
                continue
            return found if 0.0 <= now_s - found.time_s <= OLDEST_S else None
        return None

    def write(self, resume: Resume) -> None:
        data = self._encode(resume)
        if len(data) > _SLOT - _HEAD.size:
            return
        self._number += 1
        start = self._number % 2 * _SLOT
        head = _HEAD.pack(self._number, len(data), zlib.crc32(data, _OURS))
        self._block[start : start + _HEAD.size + len(data)] = head + data

    def _close(self) -> None:
        self._block.close()

    def _slots(self) -> list[tuple[int, bytes]]:
        found = []
        for start in (0, _SLOT):
            number, length, crc = _HEAD.unpack_from(self._block, start)
            data = self._block[start + _HEAD.size : start + _HEAD.size + length]
            if number and zlib.crc32(data, _OURS) == crc:
                found.append((number, data))
        return found
