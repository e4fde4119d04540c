"""What the network sees and says: bins, tables and their sizes. Pure.

One *call* of the network belongs to one note: it takes the finished note before it and
the onset of this one with the harmony there, and says position, pitch, duration and
velocity of this note and the time-shift to the next. Change anything here that changes
a number the network sees and :data:`FEATURE_VERSION` goes up; older files are refused.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..music.harmony import Chord

FEATURE_VERSION = 2

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

# --- bins ------------------------------------------------------------------------------
# Time-shift: 1/32 beat to 1, 1/16 to 2, 1/8 to 4, 1/2 to 16, and one bin for all beyond.
# A bin is drawn from uniformly, so timing stays off any grid.
TIME_BINS = 89
DURATION_BINS = 45  # 1/32 beat to 1, 1/8 to 2, 1/2 to 4, beyond
VELOCITY_BINS = 16  # eight MIDI velocities each
RATIO_BINS = 12  # duration over time-shift, tenths; the last is >= 1.1
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
    return min(TIME_BINS - 1, 56 + int(beats * 2))


def duration_bin(beats: float) -> int:
    """Bin of a duration in beats."""
    if beats < 1.0:
        return int(beats * 32) if beats > 0.0 else 0
    if beats < 2.0:
        return 24 + int(beats * 8)
    return min(DURATION_BINS - 1, 36 + int(beats * 2))


def time_span(index: int) -> tuple[float, float]:
    """[from, to) of a time-shift bin in beats; the last one reaches two bars on."""
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
    return max(0, min(VELOCITY_BINS - 1, velocity >> 3))


def interval_index(semitones: int) -> int:
    """0..50; everything beyond two octaves falls on the ends."""
    return max(-FAR, min(FAR, semitones)) + FAR


def _ratio_table() -> npt.NDArray[np.int64]:
    """[time-shift bin, duration bin] -> ratio bin."""
    time = np.array([sum(time_span(i)) / 2 for i in range(TIME_BINS)])
    duration = np.array([sum(duration_span(i)) / 2 for i in range(DURATION_BINS)])
    ratio = duration[None, :] / time[:, None]
    table: npt.NDArray[np.int64] = np.minimum(RATIO_BINS - 1, (ratio * 10).astype(np.int64))
    return table


RATIO_OF = _ratio_table()

# --- what goes in ----------------------------------------------------------------------
HISTORY = 6  # how many notes before the last two are given as intervals to the last one
DISTANCES = 10  # to the next chord
BEATS_LEFT = 26  # 0..23 of a turn, then "many", then "unknown"
PLACES = 97  # place in the bar in twelfths of a beat, up to 8 beats

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
    ("history", INTERVALS + 1),
)
OFFSET: dict[str, int] = {}
ROWS = 0
for _name, _size in _TABLES:
    OFFSET[_name] = ROWS
    ROWS += _size
IDS = len(_TABLES) - 1 + HISTORY  # every table once, history six times

CHORD_FLOATS = 84
PHASE_FLOATS = 12
SCALARS = 10
SCALE = slice(CHORD_FLOATS + PHASE_FLOATS + SCALARS, CHORD_FLOATS + PHASE_FLOATS + SCALARS + 12)
FLOATS = SCALE.stop

# --- what comes out --------------------------------------------------------------------
# Notes that close a phrase (End) have tables of their own, so that position is drawn
# first and the rest knows it without another call. Slices of the output vector:
POSITION = slice(0, 3)
VELOCITY = slice(3, 19)
RATIO = slice(19, 31)
REGISTER = slice(31, 159)  # absolute pitch, 128
INTERVAL = (slice(159, 210), slice(210, 261))  # from the last pitch: [open, closing]
DEGREE = (slice(261, 273), slice(273, 285))  # over the root at the onset
DURATION = (slice(285, 330), slice(330, 375))
TIME = (slice(375, 464), slice(464, 553))
OUTPUTS = 553


# --- chords ----------------------------------------------------------------------------
def _mask(bits: int, root: int) -> list[float]:
    return [float(bits >> ((root + i) % 12) & 1) for i in range(12)]


@lru_cache(maxsize=512)
def chord_views(now: Chord, after: Chord) -> tuple[F32, ...]:
    """:func:`chord_floats` for last pitch classes 0..11, and at [12] (= [-1]) for none."""
    return tuple(chord_floats(now, after, pitch_class) for pitch_class in (*range(12), -1))


def chord_floats(now: Chord, after: Chord, pitch_class: int) -> F32:
    """84 floats: both chords over their own root (core, tensions), and seen from the
    last pitch: this one's core and tensions, the next one's core. ``N.C.`` is all zeros.
    """
    out = [*_mask(now.core, now.root), *_mask(now.tensions, now.root)]
    out += [*_mask(after.core, after.root), *_mask(after.tensions, after.root)]
    if pitch_class >= 0:
        out += [*_mask(now.core, pitch_class), *_mask(now.tensions, pitch_class)]
        out += _mask(after.core, pitch_class)
    else:
        out += [0.0] * 36
    return np.array(out, np.float32)


PHASE_STEPS = 96  # per beat


@lru_cache(maxsize=32)
def phase_table(bar_beats: float) -> F32:
    """[place in bar in 1/96 beat, 12]: sine and cosine of 4 harmonics of the beat, 2 of the bar."""
    beat = np.arange(math.ceil(bar_beats * PHASE_STEPS) + 1) / PHASE_STEPS
    waves = [2 * np.pi * k * beat for k in (1, 2, 3, 4)]
    waves += [2 * np.pi * k * beat / bar_beats for k in (1, 2)]
    columns = [f(w) for w in waves for f in (np.sin, np.cos)]
    return np.stack(columns, 1).astype(np.float32)


# Degree of every MIDI pitch over each root: index table for the degree view.
DEGREE_OF: tuple[npt.NDArray[np.int64], ...] = tuple(
    (np.arange(128) - root) % 12 for root in range(12)
)
