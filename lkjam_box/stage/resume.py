"""Where the stage is, kept so that one started again goes on from there.

Written beside the board as often as the board, in the runtime folder. The clock's place is its
last tick and tempo; the rest is what no later message would tell: loops, tune, wishes, dials.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path

import msgspec

from ..music.library import Book
from ..protocol.engine import Dials
from ..protocol.records import EngineId, Turn
from ..protocol.shared_state import Mode
from ..tempo.place import Place
from ..turns.grid import Grid, Tune
from ..turns.scheduler import Left

FILE = "resume"  # in the runtime folder
OLDEST_S = 20.0  # the tempo was not known well enough to count on for longer
_SLOT = 8192
_HEAD = struct.Struct("<QII")  # number, length and CRC-32 of what follows


class Laid(msgspec.Struct, frozen=True):
    """A :class:`Grid`, its progression by name."""

    progression: str
    transpose: int
    turn_bars: int
    seats: tuple[int, ...]
    start_beats: float
    first_loop: int
    origin_beats: float

    @classmethod
    def of(cls, grid: Grid) -> Laid:
        return cls(
            grid.tune.progression.name,
            grid.tune.transpose,
            grid.turn_bars,
            grid.seats,
            grid.start_beats,
            grid.first_loop,
            grid.origin_beats,
        )

    def grid(self, book: Book) -> Grid:
        """Raises ProgressionError when its progression is gone."""
        index = book.find(self.progression)
        return Grid(
            Tune(book.get(index, self.transpose), index, self.transpose, book.number),
            self.seats,
            self.turn_bars,
            self.start_beats,
            self.first_loop,
            self.origin_beats,
        )


class Resume(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a new stage needs. ``dials`` and ``engines`` by seat."""

    time_s: float  # monotonic, when it was so
    clock: Place
    mode: Mode
    running: bool
    line_up: tuple[int, ...]
    grid: Laid
    wish: Laid | None = None
    new_form: bool = False
    turn: Turn | None = None
    serial: int = 0
    arm_at: float = 0.0
    bpm: float = 120.0
    chosen: tuple[str, int, int]  # as `turns.chooser.Chooser.recall` takes it
    dials: dict[int, Dials] = {}
    engines: dict[int, EngineId] = {}
    offset_s: float = 0.0

    @classmethod
    def of(
        cls,
        left: Left,
        *,
        time_s: float,
        clock: Place,
        chosen: tuple[str, int, int],
        dials: dict[int, Dials],
        engines: dict[int, EngineId],
        offset_s: float,
    ) -> Resume:
        """Of a keeper and what stands round it."""
        return cls(
            time_s=time_s,
            clock=clock,
            mode=left.mode,
            running=left.running,
            line_up=left.line_up,
            grid=Laid.of(left.grid),
            wish=Laid.of(left.wish) if left.wish else None,
            new_form=left.new_form,
            turn=left.turn,
            serial=left.serial,
            arm_at=left.arm_at,
            bpm=left.bpm,
            chosen=chosen,
            dials=dials,
            engines=engines,
            offset_s=offset_s,
        )

    def left(self, book: Book) -> Left:
        """As the keeper takes it up. Raises ProgressionError when its progression is gone."""
        return Left(
            self.mode,
            self.running,
            self.line_up,
            self.grid.grid(book),
            self.wish.grid(book) if self.wish else None,
            self.new_form,
            self.turn,
            self.serial,
            self.arm_at,
            self.bpm,
        )


class ResumeFile:
    """Two slots written in turn, each with a checksum: one is whole whenever the writer dies."""

    def __init__(self, folder: Path) -> None:
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            os.ftruncate(handle, 2 * _SLOT)
            self._block = mmap.mmap(handle, 2 * _SLOT)
        finally:
            os.close(handle)
        self._encode, self._decoder = msgspec.json.Encoder().encode, msgspec.json.Decoder(Resume)
        self._number = max(self._slots(), default=(0, b""))[0]

    def read(self, now_s: float) -> Resume | None:
        """The latest, when it is no older than :data:`OLDEST_S`; None where there is none."""
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
        head = _HEAD.pack(self._number, len(data), zlib.crc32(data))
        self._block[start : start + _HEAD.size + len(data)] = head + data

    def close(self) -> None:
        self._block.close()

    def _slots(self) -> list[tuple[int, bytes]]:
        found = []
        for start in (0, _SLOT):
            number, length, crc = _HEAD.unpack_from(self._block, start)
            data = self._block[start + _HEAD.size : start + _HEAD.size + length]
            if number and zlib.crc32(data) == crc:
                found.append((number, data))
        return found
