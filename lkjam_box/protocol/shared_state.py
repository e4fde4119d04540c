"""The shared state: a block of memory with a snapshot that the stage overwrites and others read.

The stage process writes at every change and when the snapshot is 1/30 s old, or later where notes
are due first; panel, ``monitor`` and supervisor read. The block is a plain file in the runtime
folder, mapped into memory, so that any process can read it without asking the stage.

A number counts the writes, and is odd during one: a reader looks at it first, copies nothing where
it has seen that write, and where the number is another one after copying, what it copied is torn.
The time stands outside what is counted, so that a snapshot in which nothing else changed is not
written again. Behind the snapshot lie the stage's measures, see :mod:`.measures`.
"""

from __future__ import annotations

import mmap
import os
import zlib
from enum import IntEnum
from pathlib import Path

import msgspec

from ..closing import Closing
from . import measures
from .folder_guard import open_plain
from .histogram import Figures
from .mapped_file import mapped_file


class Mode(IntEnum):
    """Where the box is in a set."""

    IDLE = 0  # stopped by the player; the clock may run
    ARMED = 1  # waiting for Start, the first tick or the next line
    COUNT_IN = 2
    TRADING = 3
    DONE = 4  # the set's loops are played


class Sync(IntEnum):
    """Clock state in the words the screen shows."""

    WAITING = 0
    LOCKING = 1
    LOCKED = 2
    FREEWHEEL = 3
    NO_CLOCK = 4
    STOPPED = 5
    INTERNAL = 6


class WarningId(IntEnum):
    """The one thing the player must know, least urgent first."""

    NONE = 0
    NO_REALTIME = 1
    DISK_FULL = 2
    TWO_CLOCKS = 3
    NO_MODEL = 4
    THROTTLED = 5
    BRAIN_LATE = 6
    BRAIN_LOST = 7
    FAILING = 8  # a process keeps failing
    BAD_FILE = 9
    LOW_VOLTAGE = 10
    LOOP = 11
    NO_KEYBOARD = 12
    NO_SYNTH = 13
    NO_PORTS = 14
    NO_CLOCK = 15


RECENT = 8
STALE_S = 1.0  # a stage that wrote nothing for so long is lost: it writes every 0.5 s at least


class Snapshot(msgspec.Struct, array_like=True, gc=False):
    """See the fields; text is cut to what fits. ``seat`` is -1 outside turns."""

    time_s: float = 0.0  # monotonic, when written
    mode: int = 0
    sync: int = 0
    warning: int = 0
    engine: int = 0
    seat: int = -1
    next_seat: int = -1
    loop: int = -1
    loops: int = 0  # 0 = endless
    bar: int = 0  # in the turn, from 1
    turn_bars: int = 0
    pulse: int = 0  # counted beat of the bar, from 1
    bar_pulses: int = 4
    bpm: float = 0.0  # sticky, for display
    beat: float = 0.0
    turn_start_beats: float = 0.0
    turn_end_beats: float = 0.0
    sync_error_ms: float = 0.0
    progression: int = 0
    transpose: int = 0
    pending: int = 0  # 1 = a change of tune, key or turn length waits for the next line
    controls_seat: int = 0  # box seat whose controls follow, 0 = none plays
    strategy: int = 0  # in force; `records.ControlId` tells the values
    style: int = 0
    density: int = 0
    register: int = 0
    heat: float = 0.0
    next_strategy: int = 0  # asked for: in force from the next line
    next_style: int = 0
    next_density: int = 0
    next_register: int = 0
    next_heat: float = 0.0
    control: int = 0  # ControlId of the control turned last
    control_serial: int = 0  # counts every turn of a control
    sounding: int = 0  # notes in the ledger
    turns: int = 0
    answers: int = 0
    answers_on_time: int = 0
    fallbacks: int = 0
    completed: int = 0  # answers of the network whose rest the fallback played
    cut_short: int = 0  # answers that a stop, a panic or a lost clock ended
    never_arrived: int = 0  # box turns in which something was to be played and nothing came
    notes_asked: int = 0  # notes of answers that were to be played
    dropped_late: int = 0  # those of them that were left out as too late
    dropped: int = 0  # records
    unrecorded: int = 0  # records that the recorder had no room for
    notes_out: int = 0
    notes_in: int = 0
    note_serial: int = 0  # counts every note of call and answer; the last RECENT are in `recent`
    realtime: int = 0
    pid: int = 0
    chord: str = ""
    next_chord: str = ""
    title: str = ""
    key: str = ""
    keyboard: str = ""
    clock: str = ""
    pending_title: str = ""
    message: str = ""
    loop_device: str = ""  # device whose notes came back without end, so that its route was closed
    devices: tuple[tuple[int, str, int, bool], ...] = ()  # number, name, Role bits, whether told
    notice: str = ""  # what was plugged in a moment ago, as "KEYBOARD <name>"
    settings: tuple[int, ...] = ()  # asked for, by `records.SettingId`; `.settings` has the numbers
    settings_wait: int = 0  # bits by SettingId: those in force only from the next line on
    line_up: tuple[int, ...] = ()  # seats asked for
    offset_ms: float = 0.0  # of what the box plays
    learning: int = 0  # ControlId that the next knob turned shall turn, 0 = none
    heard_pitch: int = -1  # taken for melody a moment ago, -1 = nothing
    heard_velocity: int = 0
    heard_device: str = ""
    key_pitch: int = 60  # the key that `notes_in` counted last, whether melody or not
    key_velocity: int = 0
    choices: str = ""  # what the player chose, as `protocol.choices.Choices` in JSON
    recent: tuple[int, ...] = ()  # pitch + 128 * role (0 human, 1 box), newest last
    measures: bytes = b""  # the block of `measures`, where the reader asked for it

    def stale(self, now_s: float) -> bool:
        """Whether it is so old that the stage that wrote it is lost."""
        return now_s - self.time_s > STALE_S

    def measured(self, name: str) -> Figures:
        """A histogram of ``measures.HISTOGRAMS``."""
        return measures.figures(self.measures, name)


_ROOM = 8192  # for a snapshot in MessagePack, which takes 0.4 KB with names of a usual length
_TEXT_AT_MOST = 96  # characters of each text, where longer ones would need more room than that
_WRITES, _LAYOUT, _LENGTH, _TIME = range(4)  # the first numbers of the block, of 8 bytes each, so
_HEAD = 8 * 4  # that none is ever torn; behind them the snapshot
_MEASURES = _HEAD + _ROOM
_ALIVE = (_MEASURES + measures.SIZE) // 8  # a number, too
SIZE = 8 * (_ALIVE + 1)
_OURS = zlib.crc32(repr((Snapshot.__annotations__, measures.SLOTS)).encode())
"""Tells a block of another version, whose fields stand elsewhere."""
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Snapshot)


def pack(snapshot: Snapshot) -> bytes:
    """The snapshot in MessagePack; where it would not fit, texts are cut and choices left out."""
    data = _ENCODER.encode(snapshot)
    if len(data) > _ROOM:
        values = msgspec.structs.asdict(snapshot)
        cut = {name: v[:_TEXT_AT_MOST] for name, v in values.items() if isinstance(v, str)}
        data = _ENCODER.encode(msgspec.structs.replace(snapshot, **cut | {"choices": ""}))
    return data


def unpack(data: bytes) -> Snapshot:
    return _DECODER.decode(data)


class SharedState(Closing):
    """The block itself: ``SharedState.create(path)`` writes, ``SharedState.open(path)`` reads."""

    def __init__(self, block: mmap.mmap) -> None:
        self._block = block
        view = memoryview(block)
        self._numbers, self._times = view.cast("Q"), view.cast("d")
        view.release()
        self._writes = self._numbers[_WRITES] & ~1  # of the last whole snapshot written or read
        self._written = b""
        self._read: tuple[int, Snapshot | None] = (0, None)  # the number, and what was read

    @classmethod
    def create(cls, path: Path) -> SharedState:
        """The block at ``path`` to write to; what another version left there is gone."""
        block = mapped_file(path, SIZE)
        shared_state = cls(block)
        if shared_state._numbers[_LAYOUT] != _OURS:
            block[:] = bytes(SIZE)
            shared_state._writes = 0
            shared_state._numbers[_LAYOUT] = _OURS
        return shared_state

    @classmethod
    def open(cls, path: Path) -> SharedState:
        """Raises FileNotFoundError when no box runs there, ValueError for a file too small."""
        with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as file:
            return cls(mmap.mmap(file.fileno(), SIZE, prot=mmap.PROT_READ))

    @classmethod
    def look(cls, path: Path) -> Snapshot | None:
        """The snapshot in the block at ``path``, with the measures; None where no box of this
        version wrote one."""
        try:
            shared_state = cls.open(path)
        except (OSError, ValueError):
            return None
        with shared_state:
            return shared_state.read(measured=True)

    def measures(self) -> memoryview:
        """The measures' part of the block, with its counts so far; only the stage writes to it."""
        return memoryview(self._block)[_MEASURES : _MEASURES + measures.SIZE]

    def write(self, snapshot: Snapshot) -> None:
        """Write the snapshot; its time alone where nothing else changed since the last one."""
        time_s, snapshot.time_s = snapshot.time_s, 0.0
        data = pack(snapshot)
        snapshot.time_s = time_s
        if data == self._written:
            self._times[_TIME] = time_s
            return
        self._numbers[_WRITES] = self._writes + 1
        self._block[_HEAD : _HEAD + len(data)] = data
        self._numbers[_LENGTH], self._times[_TIME] = len(data), time_s
        self._writes += 2
        self._numbers[_WRITES] = self._writes
        self._written = data

    def read(self, tries: int = 50, *, measured: bool = False) -> Snapshot | None:
        """The latest whole snapshot; None before the first, where all tries were torn, and where
        the block holds what this version of the box cannot read. It is the same object as before,
        with its time brought up to date, where nothing else changed. ``measured``: with a copy of
        the measures."""
        for _ in range(tries):
            number = self._numbers[_WRITES]
            if number != self._read[0] and number % 2 == 0:
                data = self._block[_HEAD : _HEAD + min(self._numbers[_LENGTH], _ROOM)]
            time_s = self._times[_TIME]
            if number % 2 or number != self._numbers[_WRITES]:
                continue
            if number != self._read[0]:
                self._read = number, self._understood(data)
            snapshot = self._read[1]
            if snapshot is not None:
                snapshot.time_s = time_s
                if measured:
                    snapshot.measures = bytes(self.measures())
            return snapshot
        return None

    def _understood(self, data: bytes) -> Snapshot | None:
        """None for rubbish, and for what another version of the box wrote."""
        try:
            return unpack(data) if self._numbers[_LAYOUT] == _OURS else None
        except msgspec.DecodeError:
            return None

    def show_alive(self, time_s: float) -> None:
        """Write that the stage's loop ran at ``time_s``, also where snapshots wait for notes."""
        self._times[_ALIVE] = time_s

    def alive_s(self) -> float:
        """When the loop last ran, 0 before it ever did."""
        return self._times[_ALIVE]

    def _close(self) -> None:
        """Unmap the file; where :meth:`measures` is still counted in, that happens later."""
        self._numbers.release()
        self._times.release()
        try:
            self._block.close()
        except BufferError:
            pass


class SharedStateReader(Closing):
    """Reads the stage that runs; after a stale snapshot it opens the file anew for a new stage."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: SharedState | None = None

    def read(self, now_s: float) -> Snapshot | None:
        """The latest snapshot, stale or not; None where no stage has written one."""
        try:
            self._open = self._open or SharedState.open(self._path)
        except (OSError, ValueError):
            return None
        snapshot = self._open.read()
        if snapshot is None or snapshot.stale(now_s):
            self._close()
        return snapshot

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None
