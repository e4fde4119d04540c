"""Fixed-size records between the processes.

Every record packs into :data:`SIZE` bytes and travels whole over a
non-blocking ``SOCK_SEQPACKET`` pair (measured best: see docs/decisions/processes.md).
A full queue drops the record and the sender counts it. Times are beats of the
box's timeline; no record carries wall time except for measuring.
"""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass
from enum import IntEnum
from math import isfinite

SIZE = 64
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


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """Stage -> brain: the line is here; no more notes come for earlier turns."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Prepare:
    """Stage -> brain: this turn is next and yours. Answer now with what you have heard,
    and again after every further note of the call, until it begins."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class Heard:
    """Stage -> brain: a human note began in turn ``serial``. ``seq`` counts from 1 in a turn; told
    again, it and all after it are replaced. Only the last ``open`` notes may be told again."""

    serial: int
    seq: int
    pitch: int
    velocity: int
    onset_beats: float
    open: int = 1


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Stage -> brain: note ``seq`` of turn ``serial`` was no melody, nor were those after it."""

    serial: int
    seq: int


@dataclass(frozen=True, slots=True)
class Released:
    """Stage -> brain: note ``seq`` of turn ``serial`` ended."""

    serial: int
    seq: int
    end_beats: float


@dataclass(frozen=True, slots=True)
class Playing:
    """Stage -> brain: this version is the one that sounds; ``count`` notes of it were played."""

    serial: int
    version: int
    count: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Stage -> brain: the set begins anew; clear the memory."""

    reason: int = 0


@dataclass(frozen=True, slots=True)
class ControlSetting:
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


@dataclass(frozen=True, slots=True)
class Setting:
    """Panel or command line -> stage: set what the menu sets, in force from the next line on."""

    which: int  # SettingId
    value: float


@dataclass(frozen=True, slots=True)
class RoleSetting:
    """Panel or command line -> stage: what a device is for. ``device`` is its number in the
    snapshot; ``roles`` are bits of :class:`.choices.Role`, -1 lets the box learn them itself."""

    device: int
    roles: int


@dataclass(frozen=True, slots=True)
class AnswerNote:
    """Brain -> stage: note ``index`` of version ``version`` of the answer for turn ``serial``.

    ``heard`` counts the :class:`Heard` and :class:`Withdrawn` of the call that it knows.
    """

    serial: int
    version: int
    index: int
    heard: int
    engine: int
    pitch: int
    velocity: int
    onset_beats: float
    duration_beats: float


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """Brain -> stage: version ``version`` is whole and has ``count`` notes."""

    serial: int
    version: int
    count: int
    heard: int
    engine: int
    took_ms: float


@dataclass(frozen=True, slots=True)
class BrainReady:
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


@dataclass(frozen=True, slots=True)
class Command:
    command: int  # CommandId
    value: float = 0.0


class Part(IntEnum):
    """Whose track of a recording."""

    HUMAN = 0
    BOX = 1


@dataclass(frozen=True, slots=True)
class SetBegan:
    """Stage -> recorder: the count-in or the first turn begins."""

    beats: float


@dataclass(frozen=True, slots=True)
class SetEnded:
    """Stage -> recorder: stopped, over, or the place was moved."""

    beats: float


@dataclass(frozen=True, slots=True)
class Paced:
    """Stage -> recorder: the tempo from here on, when it changed."""

    beats: float
    bpm: float


@dataclass(frozen=True, slots=True)
class Sounded:
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
    | AnswerNote
    | AnswerEnd
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
_TABLE: dict[int, tuple[type, struct.Struct]] = {
    1: (TurnBegan, struct.Struct("<B" + _TURN)),
    2: (Prepare, struct.Struct("<B" + _TURN)),
    3: (Heard, struct.Struct("<BIHBBdH")),
    4: (Released, struct.Struct("<BIHd")),
    5: (Playing, struct.Struct("<BIIH")),
    6: (Forget, struct.Struct("<BB")),
    7: (ControlSetting, struct.Struct("<BBBd?")),
    8: (AnswerNote, struct.Struct("<BIIHHBBBdd")),
    9: (AnswerEnd, struct.Struct("<BIIHHBd")),
    10: (BrainReady, struct.Struct("<BBH")),
    11: (Command, struct.Struct("<BBd")),
    12: (SetBegan, struct.Struct("<Bd")),
    13: (SetEnded, struct.Struct("<Bd")),
    14: (Paced, struct.Struct("<Bdd")),
    15: (Sounded, struct.Struct("<BdBBBB")),
    16: (Setting, struct.Struct("<BBd")),
    17: (RoleSetting, struct.Struct("<BHb")),
    18: (Withdrawn, struct.Struct("<BIH")),
}
_KIND = {cls: (kind, form) for kind, (cls, form) in _TABLE.items()}


def pack(record: Record) -> bytes:
    """``record`` as :data:`SIZE` bytes."""
    kind, form = _KIND[type(record)]
    values = astuple(record.turn if isinstance(record, (TurnBegan, Prepare)) else record)
    return form.pack(kind, *values).ljust(SIZE, b"\0")


def unpack(data: bytes) -> Record | None:
    """The record in ``data``, or None for anything that is not one of ours (count it).

    Its numbers are finite, pitches and velocities 0..127, engines known: no reader has to check.
    """
    if len(data) != SIZE or data[0] not in _TABLE:
        return None
    cls, form = _TABLE[data[0]]
    values = form.unpack_from(data)[1:]
    if not all(map(isfinite, values)):
        return None
    record: Record = cls(Turn(*values)) if cls in (TurnBegan, Prepare) else cls(*values)
    if isinstance(record, AnswerNote | Heard) and (record.pitch | record.velocity) > 0x7F:
        return None
    known = not isinstance(record, AnswerNote | AnswerEnd | BrainReady) or record.engine in _ENGINES
    return record if known else None


_ENGINES = frozenset(map(int, EngineId))
