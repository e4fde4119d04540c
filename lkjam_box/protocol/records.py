"""The records between the processes.

Every record packs into :data:`SIZE` bytes, an :class:`Answered` into as many as its notes need,
and travels whole over a non-blocking ``SOCK_SEQPACKET`` pair (measured best: see
docs/decisions/processes.md). A full queue drops the record and the sender counts it. Times are
beats of the box's timeline; no record carries wall time except for measuring.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import IntEnum
from math import isfinite
from operator import attrgetter
from typing import Any

import msgspec

from ..music.note import Note

SIZE = 64
MOST_NOTES = 1024  # of an answer: no turn has room for as many
STEERED = 0  # in place of a box seat: all seats that the option ``controls.seat`` names
HUMAN, LAST_SEAT = 0, 3  # seats: the human, then A, B, C


class EngineId(IntEnum):
    """What made an answer."""

    OFF = 0
    GRU = 1
    MARKOV = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """A loop and the harmony under it. ``serial`` never repeats while the stage lives.

    ``seat`` 0 is the human, 1.. are the box seats in the order of the line-up's letters.
    ``progression`` indexes library number ``library``, moved by ``transpose`` semitones.
    """

    serial: int
    loop: int
    seat: int
    progression: int
    transpose: int
    library: int
    start_beats: float
    end_beats: float
    origin_beats: float  # where form beat 0 lies
    bpm: float


class TurnBegan(msgspec.Struct, frozen=True):
    """Stage -> brain: the line is here; no more notes come for earlier turns."""

    turn: Turn


class Prepare(msgspec.Struct, frozen=True):
    """Stage -> brain: this turn is next and yours. Answer now with what you have heard,
    and again after every further note of the call, until it begins."""

    turn: Turn


class Heard(msgspec.Struct, frozen=True):
    """Stage -> brain: a human note began in turn ``serial``. ``seq`` counts from 1 in a turn; told
    again, it and all after it are replaced. Only the last ``open`` notes may be told again."""

    serial: int
    seq: int
    pitch: int
    velocity: int
    onset_beats: float
    open: int = 1


class Withdrawn(msgspec.Struct, frozen=True):
    """Stage -> brain: note ``seq`` of turn ``serial`` was no melody, nor were those after it."""

    serial: int
    seq: int


class Released(msgspec.Struct, frozen=True):
    """Stage -> brain: note ``seq`` of turn ``serial`` ended."""

    serial: int
    seq: int
    end_beats: float


class Playing(msgspec.Struct, frozen=True):
    """Stage -> brain: this version is the one that sounds; ``count`` notes of it were played."""

    serial: int
    version: int
    count: int


class Forget(msgspec.Struct, frozen=True):
    """Stage -> brain: the set begins anew; clear the memory."""

    reason: int = 0


class ControlSetting(msgspec.Struct, frozen=True):
    """Panel, MIDI or command line -> stage -> brain: a live control of a seat.

    Seat :data:`STEERED` is only told to the stage. The brain is told values, never steps, and
    those of a turn just before its :class:`Prepare`.
    """

    seat: int
    which: int  # ControlId
    value: float
    relative: bool = False  # value is how many choices to go on, as a button does


class ControlId(IntEnum):
    ENGINE = 0  # value: EngineId
    TEMPERATURE = 1
    TOP_P = 2
    STRATEGY = 3  # value: Strategy
    STYLE = 4  # value: Style
    DENSITY = 5  # 0 as it comes, 1 sparse .. 5 busy
    REGISTER = 6  # -3 .. 3
    HEAT = 7  # -1 .. 1


class SettingId(IntEnum):
    """What the menu sets: the option of the same meaning (``protocol/settings.py`` names it)."""

    THRU_CHANNEL = 0
    THRU_BACK = 1
    BOX_CHANNEL = 2
    LISTEN_CHANNEL = 3
    LISTEN_LOW = 4
    LISTEN_HIGH = 5
    LEAST_VELOCITY = 6
    COUNT_IN = 7
    CLICK = 8
    BRIGHTNESS = 9
    STRATEGY_CC = 10
    STYLE_CC = 11
    DENSITY_CC = 12
    REGISTER_CC = 13
    HEAT_CC = 14
    JUMP = 15


class Setting(msgspec.Struct, frozen=True):
    """Panel or command line -> stage: set what the menu sets, in force from the next line on."""

    which: int  # SettingId
    value: float


class RoleSetting(msgspec.Struct, frozen=True):
    """Panel or command line -> stage: what a device is for. ``device`` is its number in the
    snapshot; ``roles`` are bits of :class:`.choices.Role`, -1 lets the box learn them itself."""

    device: int
    roles: int


class Answered(msgspec.Struct, frozen=True):
    """Brain -> stage: version ``version`` of the answer for turn ``serial``.

    All of its notes; only their beginning where it is not ``whole``. That is told while no version
    for the turn was told whole, and the packet that tells the same version whole has all its notes
    again. ``heard`` counts the :class:`Heard` and :class:`Withdrawn` of the call that it knows.
    """

    serial: int
    version: int
    heard: int
    engine: int
    whole: bool
    took_ms: float
    notes: tuple[Note, ...] = ()


class BrainReady(msgspec.Struct, frozen=True):
    """Brain -> stage: alive; ``engine`` is what it can really run."""

    engine: int
    library: int


class CommandId(IntEnum):
    """What a button, key, pedal or ``lkjam-box`` command asks of the stage."""

    START_STOP = 1
    ARM = 2
    STOP = 3
    RESET = 4
    PANIC = 5
    LINE_HERE = 6
    HAND_OVER = 7
    NEXT_PROGRESSION = 8
    PREVIOUS_PROGRESSION = 9
    PROGRESSION = 10  # value: index in the library
    KEY = 11  # value: semitones to add
    TURN_BARS = 12  # value: bars, or 0 for the next of 1 2 4 8
    TEMPO = 13  # value: BPM of the internal clock
    OUTPUT_OFFSET = 14  # value: ms
    LINE_UP = 15  # value: `turns.grid.line_up_number`
    LEARN = 16  # value: ControlId that the next knob turned shall turn; 0 ends it
    TEST_CLICK = 17  # value: 1 clicks on the clock's beats while idle, 0 ends it


class Command(msgspec.Struct, frozen=True):
    command: int  # CommandId
    value: float = 0.0


class Part(IntEnum):
    """Whose track of a recording."""

    HUMAN = 0
    BOX = 1


class SetBegan(msgspec.Struct, frozen=True):
    """Stage -> recorder: the count-in or the first turn begins."""

    beats: float


class SetEnded(msgspec.Struct, frozen=True):
    """Stage -> recorder: stopped, over, or the place was moved."""

    beats: float


class Paced(msgspec.Struct, frozen=True):
    """Stage -> recorder: the tempo from here on, when it changed."""

    beats: float
    bpm: float


class Sounded(msgspec.Struct, frozen=True):
    """Stage -> recorder: a message that the human sent or the box played, padded with 0."""

    beats: float
    part: int  # Part
    status: int
    data1: int
    data2: int


Record = (
    TurnBegan
    | Prepare
    | Heard
    | Released
    | Withdrawn
    | Playing
    | Forget
    | ControlSetting
    | Answered
    | BrainReady
    | Command
    | SetBegan
    | SetEnded
    | Paced
    | Sounded
    | Setting
    | RoleSetting
)

Request = Command | ControlSetting | Setting | RoleSetting
"""What panel and command line ask of the stage."""

_TURN = "IiBHbHdddd"
_FORMS: dict[int, tuple[type[Record], str]] = {
    1: (TurnBegan, _TURN),
    2: (Prepare, _TURN),
    3: (Heard, "IHBBdH"),
    4: (Released, "IHd"),
    5: (Playing, "IIH"),
    6: (Forget, "B"),
    7: (ControlSetting, "BBd?"),
    10: (BrainReady, "BH"),
    11: (Command, "Bd"),
    12: (SetBegan, "d"),
    13: (SetEnded, "d"),
    14: (Paced, "dd"),
    15: (Sounded, "dBBBB"),
    16: (Setting, "Bd"),
    17: (RoleSetting, "Hb"),
    18: (Withdrawn, "IH"),
}
_ANSWERED = 8
_HEAD = struct.Struct("<BIIHB?dH")  # of an answer; behind it, column by column, its notes
_NOTE_BYTES = 18
MOST_BYTES = _HEAD.size + MOST_NOTES * _NOTE_BYTES  # of a record
_ENGINES = frozenset(map(int, EngineId))


# `dataclasses.astuple` copies deeply, at 55-99 K instructions a record on arm64; this takes 5-6 K.
# Records are Structs, as a frozen dataclass takes 10 K to make.
def _values_of(kind: type[Record]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values to pack of a record of ``kind``."""
    if kind in (TurnBegan, Prepare):
        return attrgetter(*(f"turn.{field.name}" for field in fields(Turn)))
    names = kind.__struct_fields__
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda record: (get(record),)


def _padded(form: str) -> struct.Struct:
    form = "<B" + form
    return struct.Struct(f"{form}{SIZE - struct.calcsize(form)}x")


_BY_KIND = {kind: (cls, _padded(form)) for kind, (cls, form) in _FORMS.items()}
_BY_CLASS = {cls: (kind, _values_of(cls), form.pack) for kind, (cls, form) in _BY_KIND.items()}


def pack(record: Record) -> bytes:
    """``record`` as :data:`SIZE` bytes; an :class:`Answered` as at most :data:`MOST_BYTES`."""
    if type(record) is Answered:
        return _pack_answer(record)
    kind, values, form = _BY_CLASS[type(record)]
    return form(kind, *values(record))


def unpack(data: bytes | memoryview) -> Record | None:
    """The record in ``data``, or None for anything that is not one of ours (count it).

    Its numbers are finite, pitches and velocities 0..127, engines known: no reader has to check.
    """
    if len(data) != SIZE or data[0] not in _BY_KIND:
        return _unpack_answer(data)
    cls, form = _BY_KIND[data[0]]
    _, *values = form.unpack(data)
    if not isfinite(sum(values)):
        return None
    if cls is TurnBegan or cls is Prepare:
        turned: Record = cls(Turn(*values))
        return turned
    record: Record = cls(*values)
    if type(record) is Heard and (record.pitch | record.velocity) > 0x7F:
        return None
    if type(record) is BrainReady and record.engine not in _ENGINES:
        return None
    return record


_ONSET, _LENGTH = attrgetter("onset_beats"), attrgetter("duration_beats")
_PITCH, _VELOCITY = attrgetter("pitch"), attrgetter("velocity")


def _pack_answer(record: Answered) -> bytes:
    notes = record.notes
    count = len(notes)
    return b"".join(
        (
            _HEAD.pack(
                _ANSWERED,
                record.serial,
                record.version,
                record.heard,
                record.engine,
                record.whole,
                record.took_ms,
                count,
            ),
            struct.pack(f"<{2 * count}d", *map(_ONSET, notes), *map(_LENGTH, notes)),
            bytes(map(_PITCH, notes)),
            bytes(map(_VELOCITY, notes)),
        )
    )


def _unpack_answer(data: bytes | memoryview) -> Answered | None:
    if len(data) < _HEAD.size or data[0] != _ANSWERED:
        return None
    _, serial, version, heard, engine, whole, took_ms, count = _HEAD.unpack_from(data)
    if len(data) != _HEAD.size + count * _NOTE_BYTES or engine not in _ENGINES:
        return None
    beats = struct.unpack_from(f"<{2 * count}d", data, _HEAD.size)
    keys = data[_HEAD.size + 16 * count :]  # pitches, then velocities
    if count > MOST_NOTES or not isfinite(sum(beats, took_ms)) or max(keys, default=0) > 0x7F:
        return None
    notes = tuple(map(Note, beats[:count], keys[:count], keys[count:], beats[count:]))
    return Answered(serial, version, heard, engine, whole, took_ms, notes)
