"""What is due next, of every kind, in one ordered place. Pure.

A thing is due on a beat, some seconds sooner or later: what sounds by the output offset, a brain is
asked so many milliseconds before its line. Each kind has one next beat, which whoever it comes from
foretells anew whenever something changed; there is no list to keep in step with the truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from ..midi.messages import Message
from .answer_schedule import Answer

NEAR_BEATS = 1e-6  # due this soon counts as due now: under a microsecond, more than rounding


class Kind(IntEnum):
    """In the order in which what is due at one time is done."""

    END = 0  # a note of the box or the click ends
    OVER = 1  # an answer's turn is over: its channel is free
    LINE = 2
    PACE = 3  # a recording is told the tempo
    ASK = 4  # the brain is asked for the answer to the coming turn
    CLEAR = 5  # an answer is about to begin: its channel is made neutral
    CHOOSE = 6  # it must be known by now which notes an answer goes on with
    NOTE = 7
    CLICK = 8


KINDS = tuple(Kind)  # to look one up; Kind(number) takes three times as long


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages to the synth that are due at ``time_s`` by the clock, in order of sending; the
    stage has them in its books. ``notes`` tells which ones begin a note of which answer."""

    time_s: float
    messages: tuple[Message, ...]
    notes: tuple[tuple[int, Answer], ...] = ()


class Due:
    """``beats`` [Kind] is the next of each, infinity for none; ``at_s`` is the next that is a time
    and no beat."""

    __slots__ = ("_later_s", "at_s", "beats")

    def __init__(self) -> None:
        self.beats = [inf] * len(KINDS)
        self.at_s = inf
        self._later_s = [0.0] * len(KINDS)

    def move(self, kinds: Iterable[Kind], later_s: float) -> None:
        """``kinds`` are due so much later than their beat; less than 0 is sooner."""
        for kind in kinds:
            self._later_s[kind] = later_s

    def first(self, bpm: float, passing: Iterable[Kind] = ()) -> tuple[float, Kind]:
        """The beat of the timeline when something is due next, infinity for never, and what. What
        is ``passing`` does not count."""
        per_s = bpm / 60
        dues = [beat + later * per_s for beat, later in zip(self.beats, self._later_s, strict=True)]
        for kind in passing:
            dues[kind] = inf
        soonest = min(dues)
        return soonest, KINDS[dues.index(soonest)]

    def soonest_beats(self, bpm: float) -> float:
        """The beat of the timeline when something is due next; infinity for never."""
        per_s = bpm / 60
        return min([b + later * per_s for b, later in zip(self.beats, self._later_s, strict=True)])
