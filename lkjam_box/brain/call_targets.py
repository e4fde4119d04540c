"""The pointer: what each note of the call asks of the same note of the answer. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ..protocol.engine import Position, Strategy
from . import features as f

_TARGET_TIME, _TARGET_PLACE = f.OFFSET["target_time"], f.OFFSET["target_place"]
_MOTIF = 8  # notes at the end of the call that a continuation takes up
NONE = 999  # no guess of an interval


class CallTarget(NamedTuple):
    """What the call asks of one note of its answer.

    ``semitones``: from the note before, or where ``anchored`` from the answer's first note;
    ``NONE`` where it asks nothing. ``time``: bin of the time-shift to the next note or -1.
    ``time_row`` and ``place_row`` are the network's input ids for time and position.
    """

    semitones: int
    anchored: bool
    time: int
    time_row: int
    place_row: int


def _target(
    strategy: Strategy, semitones: int, anchored: bool, time: int, place: int
) -> CallTarget:
    row = f.TIME_BINS if time < 0 else time
    time_row = _TARGET_TIME + strategy * f.TARGET_TIMES + row
    return CallTarget(semitones, anchored, time, time_row, _TARGET_PLACE + place)


NO_TARGET = tuple(_target(strategy, NONE, False, -1, 3) for strategy in Strategy)
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
    time = -1 if i + 1 == len(call) else f.time_bin(call[i + 1][1] - onset)
    return _target(strategy, semitones, anchored, time, place)
