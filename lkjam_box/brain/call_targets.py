"""The pointer: what each note of the call asks of the same note of the answer. Pure."""

from __future__ import annotations

from ..protocol.engine import Position, Strategy
from . import features as f

_TARGET_TIME, _TARGET_PLACE = f.OFFSET["target_time"], f.OFFSET["target_place"]
_MOTIF = 8  # notes at the end of the call that a continuation takes up
NONE = 999  # no guess of an interval


# What the call asks of one note of its answer: the interval in semitones from the note before, or
# where ``anchored`` from the answer's first note (``NONE`` where it asks nothing); ``anchored``;
# bin of the time-shift to the next note or -1; the network's input ids for time and position.
CallTarget = tuple[int, bool, int, int, int]
_TIME_ROWS = tuple(_TARGET_TIME + strategy * f.TARGET_TIMES for strategy in Strategy)
NO_TARGET: tuple[CallTarget, ...] = tuple(
    (NONE, False, -1, row + f.TIME_BINS, _TARGET_PLACE + 3) for row in _TIME_ROWS
)
# These repeat the call, counted from its first note: one note moved to a chord shifts no other.
_INVERSION = Strategy.INVERSION
_ANCHORED = (Strategy.IMITATION, _INVERSION)

CallNote = tuple[int, float, int]  # pitch, onset in beats, position


def taken_up(call: list[CallNote], strategy: Strategy) -> list[CallNote]:
    """The part of the call that the answer follows: for a continuation the end of the last
    phrase only."""
    if strategy != Strategy.CONTINUATION:
        return call
    ends = [i for i, note in enumerate(call[:-1]) if note[2] == Position.END]
    return call[max(ends[-1] + 1 if ends else 0, len(call) - _MOTIF) :]


def call_target(call: list[CallNote], i: int, strategy: Strategy) -> CallTarget:
    """What note ``i`` of the call asks of note ``i`` of the answer; an inversion negates its
    interval."""
    pitch, onset, place = call[i]
    anchored = strategy in _ANCHORED
    semitones = NONE
    if i:
        semitones = pitch - call[0 if anchored else i - 1][0]
        if strategy == _INVERSION:
            semitones = -semitones
    row = _TIME_ROWS[strategy]
    if i + 1 == len(call):
        return semitones, anchored, -1, row + f.TIME_BINS, _TARGET_PLACE + place
    time = f.time_bin(call[i + 1][1] - onset)
    return semitones, anchored, time, row + time, _TARGET_PLACE + place
