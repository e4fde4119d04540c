"""The network's inputs and outputs: bins, tables and their sizes. Pure.

One step of the network is one note. It takes in the finished note before and this note's
onset with the harmony there, and gives out position, pitch, duration and velocity of this
note and the time-shift to the next. Raise :data:`FEATURE_VERSION` with any change here that
changes an input of the network; model files of older versions are refused.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..music.harmony import Chord
from ..protocol.engine import DENSITIES, Feel, Strategy, Style

FEATURE_VERSION = 4

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

# --- bins ------------------------------------------------------------------------------
# Time-shift: 1/32 beat to 1, 1/16 to 2, 1/8 to 4, 1/2 to 16, and one bin for all beyond.
# A bin is drawn from uniformly, so timing stays off any grid.
TIME_BINS = 89
DURATION_BINS = 45  # 1/32 beat to 1, 1/8 to 2, 1/2 to 4, beyond
VELOCITY_BINS = 16  # eight MIDI velocities each
RATIO_BINS = 24  # duration over time-shift, twentieths; the last is >= 1.15
FAR = 25  # intervals beyond two octaves share one place each way
INTERVALS = 2 * FAR + 1
LONGEST_SHIFT_BEATS = 16.0
LONGEST_DURATION_BEATS = 8.0

TIME_EDGES: F32 = np.concatenate(
    [np.arange(32) / 32, 1 + np.arange(16) / 16, 2 + np.arange(16) / 8, 4 + np.arange(25) / 2]
).astype(np.float32)
DURATION_EDGES: F32 = np.concatenate(
    [np.arange(32) / 32, 1 + np.arange(8) / 8, 2 + np.arange(5) / 2]
).astype(np.float32)


def time_bin(beats: float) -> int:
    """Bin of a time-shift in beats (negative counts as 0)."""
    if beats < 1.0:
        return int(beats * 32) if beats > 0.0 else 0
    if beats < 2.0:
        return 16 + int(beats * 16)
    if beats < 4.0:
        return 32 + int(beats * 8)
    return 56 + int(beats * 2) if beats < LONGEST_SHIFT_BEATS else TIME_BINS - 1


def duration_bin(beats: float) -> int:
    """Bin of a duration in beats."""
    if beats < 1.0:
        return int(beats * 32) if beats > 0.0 else 0
    if beats < 2.0:
        return 24 + int(beats * 8)
    return 36 + int(beats * 2) if beats < 4.0 else DURATION_BINS - 1


def time_span(index: int) -> tuple[float, float]:
    """[from, to) of a time-shift bin in beats; the last one is 8 beats long."""
    low = float(TIME_EDGES[index])
    return low, float(TIME_EDGES[index + 1]) if index < TIME_BINS - 1 else low + 8.0


def duration_span(index: int) -> tuple[float, float]:
    """[from, to) of a duration bin in beats."""
    low = float(DURATION_EDGES[index])
    high = float(DURATION_EDGES[index + 1]) if index < DURATION_BINS - 1 else LONGEST_DURATION_BEATS
    return low, high


TIME_SPANS = tuple(time_span(i) for i in range(TIME_BINS))
DURATION_SPANS = tuple(duration_span(i) for i in range(DURATION_BINS))


def velocity_bin(velocity: int) -> int:
    return velocity >> 3 if 0 <= velocity < 128 else 0 if velocity < 0 else VELOCITY_BINS - 1


def interval_index(semitones: int) -> int:
    """0..50; everything beyond two octaves falls on the ends."""
    return max(-FAR, min(FAR, semitones)) + FAR


def _ratio_table() -> npt.NDArray[np.int64]:
    """[time-shift bin, duration bin] -> ratio bin."""
    time = np.array([sum(time_span(i)) / 2 for i in range(TIME_BINS)])
    duration = np.array([sum(duration_span(i)) / 2 for i in range(DURATION_BINS)])
    ratio = duration[None, :] / time[:, None]
    table: npt.NDArray[np.int64] = np.minimum(RATIO_BINS - 1, (ratio * 20).astype(np.int64))
    return table


RATIO_OF = _ratio_table()

# --- what goes in ----------------------------------------------------------------------
HISTORY = 6  # how many notes before the last two are given as intervals to the last one
DISTANCES = 10  # bins of the beats to the next chord
# Beats left in the turn, finest near the line: closing the phrase in time depends on them.
LEFT_EDGES = (0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32)
BEATS_LEFT = len(LEFT_EDGES) + 2  # more than all, then "unknown"
PLACES = 97  # place in the bar in twelfths of a beat, up to 8 beats
# The pointer: what the call did at the note of the same number. Each strategy has its own rows.
TARGETS = INTERVALS + 1  # rows for an interval, per strategy; the last is "none"
TARGET_TIMES = TIME_BINS + 1

_TABLES = (
    ("pitch", 129),
    ("interval", INTERVALS + 1),
    ("degree", 13),
    ("duration", DURATION_BINS + 1),
    ("velocity", VELOCITY_BINS + 1),
    ("before", 7),  # role and position of the note before
    ("time", TIME_BINS + 1),
    ("role", 2),
    ("root", 13),
    ("root_from_pitch", 13),
    ("root_to_next", 13),
    ("next_from_pitch", 13),
    ("distance", DISTANCES),
    ("left", BEATS_LEFT),
    ("place", PLACES),
    ("echo_short", INTERVALS + 1),
    ("echo_long", INTERVALS + 1),
    ("echo_time", TIME_BINS + 1),
    ("target", len(Strategy) * TARGETS),
    ("target_time", len(Strategy) * TARGET_TIMES),
    ("target_place", 4),
    ("style", len(Style)),
    ("feel", len(Feel)),
    ("density", DENSITIES + 1),
    *((f"history{_back}", INTERVALS + 1) for _back in range(HISTORY)),
)
SIZE = dict(_TABLES)
OFFSET: dict[str, int] = {}
ROWS = 0
for _name, _size in _TABLES:
    OFFSET[_name] = ROWS
    ROWS += _size
IDS = len(_TABLES)
COLUMN = {_name: _column for _column, (_name, _size) in enumerate(_TABLES)}
# In training the notes of the history share one table. A model file holds what each row comes to
# at its own place in the input layer, so there every place has rows of its own.
TRAINED_ROWS = OFFSET["history1"]
TRAINED_ROW: npt.NDArray[np.int64] = np.arange(ROWS)
TRAINED_ROW[TRAINED_ROWS:] = OFFSET["history0"] + np.arange(ROWS - TRAINED_ROWS) % (INTERVALS + 1)

CHORD_FLOATS = 84
PHASE_FLOATS = 12
SCALARS = 10
SCALE = slice(CHORD_FLOATS + PHASE_FLOATS + SCALARS, CHORD_FLOATS + PHASE_FLOATS + SCALARS + 12)
FLOATS = SCALE.stop

# --- what comes out --------------------------------------------------------------------
# Notes that close a phrase (End) have tables of their own, so that position can be drawn
# first and the rest depend on it without another step. Slices of the output vector: what all
# notes share, then the tables of open notes, then in the same order those of closing ones.
POSITION = slice(0, 3)
VELOCITY = slice(3, 19)
REGISTER = slice(19, 147)  # absolute pitch, 128
# Weights of guesses: each of these outputs is added to the logit of the choice guessed.
Guesses = tuple[tuple[str, int], ...]
PITCH_GUESSES: Guesses = (  # (table that guesses, semitones beside its guess)
    *(("target", 0), ("target", 1), ("target", -1)),
    *(("echo_short", 0), ("echo_long", 0)),
)
TIME_GUESSES: Guesses = (
    ("target_time", 0),
    ("target_time", 1),
    ("target_time", -1),
    ("echo_time", 0),
)
GUESS_PITCH = slice(147, 152)
GUESS_TIME = slice(152, 156)
GUESSES = GUESS_TIME.stop - GUESS_PITCH.start
SHARED = GUESS_TIME.stop
TABLES = INTERVALS + 12 + DURATION_BINS + RATIO_BINS + TIME_BINS  # outputs of one kind of note
OUTPUTS = SHARED + 2 * TABLES


def _both(at: int, size: int) -> tuple[slice, slice]:
    """[open, closing] of a table that begins ``at`` among those of a kind of note."""
    first, second = SHARED + at, SHARED + TABLES + at
    return slice(first, first + size), slice(second, second + size)


INTERVAL = _both(0, INTERVALS)  # from the last pitch
DEGREE = _both(INTERVALS, 12)  # over the root at the onset
DURATION = _both(INTERVALS + 12, DURATION_BINS)
RATIO = _both(INTERVALS + 12 + DURATION_BINS, RATIO_BINS)  # of the duration to the time-shift
TIME = _both(TABLES - TIME_BINS, TIME_BINS)
SLOTS = 64  # pitches that a model file draws among; it cannot serve a wider window


def guessed(ids: Any, table: str) -> tuple[Any, Any]:
    """What a column of ids [n, IDS] (numpy or torch) guesses: (semitones or time-shift bins
    [n], whether there is a guess [n])."""
    row = ids[:, COLUMN[table]] - OFFSET[table]
    if table in ("target_time", "echo_time"):
        row = row % TARGET_TIMES
        return row, row < TIME_BINS
    row = row % TARGETS
    return row - FAR, row < INTERVALS


# --- chords ----------------------------------------------------------------------------
_TWELVE = np.arange(12)
_FROM = (_TWELVE[:, None] + _TWELVE) % 12  # pitch classes upwards from each


@lru_cache(maxsize=512)
def chord_views(now: Chord, after: Chord) -> tuple[bytes, ...]:
    """Bytes of the rows of :func:`chord_floats`."""
    return tuple(row.tobytes() for row in chord_floats(now, after))


def chord_floats(now: Chord, after: Chord) -> F32:
    """[13, 84], a row for each last pitch class 0..11, and [12] (= [-1]) for none: both chords
    over their own root (core, tensions), then over the last pitch class this one's core and
    tensions and the next one's core, zeros at [12]. ``N.C.`` is all zeros.
    """
    masks = (now.core, now.tensions, after.core, after.tensions)
    core, tensions, next_core, next_tensions = (mask >> _TWELVE & 1 for mask in masks)
    here, there = _FROM[now.root], _FROM[after.root]
    own = [core[here], tensions[here], next_core[there], next_tensions[there]]
    out = np.zeros((13, CHORD_FLOATS), np.float32)
    out[:, :48] = np.concatenate(own)
    out[:12, 48:] = np.concatenate([core[_FROM], tensions[_FROM], next_core[_FROM]], 1)
    return out


PHASE_STEPS = 96  # per beat


@lru_cache(maxsize=32)
def phase_rows(bar_beats: float) -> tuple[bytes, ...]:
    """By place in the bar in 1/96 beat: bytes of 12 floats, sine and cosine of 4 harmonics of
    the beat, 2 of the bar."""
    beat = np.arange(math.ceil(bar_beats * PHASE_STEPS) + 1) / PHASE_STEPS
    waves = [2 * np.pi * k * beat for k in (1, 2, 3, 4)]
    waves += [2 * np.pi * k * beat / bar_beats for k in (1, 2)]
    columns = [f(w) for w in waves for f in (np.sin, np.cos)]
    return tuple(row.tobytes() for row in np.stack(columns, 1).astype(np.float32))


# Degree of every MIDI pitch over each root: index table for the degree view.
DEGREE_OF: tuple[npt.NDArray[np.int64], ...] = tuple(
    (np.arange(128) - root) % 12 for root in range(12)
)


# --- models without some inputs ----------------------------------------------------------
BLIND = ("role", "position", "harmony")
_HIDDEN_ROWS = {
    "role": {
        "role": 1,
        "target": TARGETS - 1,
        "target_time": TARGET_TIMES - 1,
        "target_place": 3,
    },
    "position": {"left": BEATS_LEFT - 1, "target_place": 3},
    "harmony": {
        "degree": 12,
        "root": 12,
        "root_from_pitch": 12,
        "root_to_next": 12,
        "next_from_pitch": 12,
        "distance": DISTANCES - 1,
    },
}
_FIRST_SCALAR = CHORD_FLOATS + PHASE_FLOATS
_HIDDEN_FLOATS = {
    "role": [],
    "position": [_FIRST_SCALAR + 2, _FIRST_SCALAR + 8, _FIRST_SCALAR + 9],
    "harmony": [*range(CHORD_FLOATS), _FIRST_SCALAR + 1],
}


class Blind:
    """Hides role, position or harmony from a model's inputs, to compare models without them.

    Hiding the role hides the call, too: only roles tell which notes were the call.
    Position is the place in the phrase, and the beats left in the turn.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.role, self._position, self._harmony = (name in names for name in BLIND)
        rows = {k: v for name in names for k, v in _HIDDEN_ROWS[name].items()}
        self._columns = [COLUMN[name] for name in rows]
        self._rows = [OFFSET[name] + row for name, row in rows.items()]
        self._floats = [i for name in names for i in _HIDDEN_FLOATS[name]]

    def root(self, root: int) -> int:
        return -1 if self._harmony else root

    def hide(self, ids: I32, floats: F32) -> None:
        """Overwrite ids [IDS] and floats [FLOATS] in place."""
        ids[self._columns] = self._rows
        floats[self._floats] = 0.0
        before = int(ids[COLUMN["before"]]) - OFFSET["before"]
        if before < 6:
            role, position = divmod(before, 3)
            role, position = role * (not self.role), position * (not self._position)
            ids[COLUMN["before"]] = OFFSET["before"] + 3 * role + position
