"""Where a clock is, so that another one, in a process started anew, can go on from there. Pure."""

from __future__ import annotations

from statistics import median

import msgspec

from .tick_filter import FilterState

AGREE_TICKS = 3  # in a row that must tell the same place,
MOST_TICKS = 9  # or the median of so many is taken, where arrivals are noisy


class Following(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Of a clock that follows, with the attributes of :class:`.external_clock.ExternalClock`."""

    runs: bool  # or ran until the ticks stayed away
    stopped: bool
    armed: int
    next_tick: int
    held_beats: float
    last_s: float
    known: int  # ticks the state has learned from
    filter: FilterState
    noise_s: float
    ahead_ticks: int = 0  # of the song's place


class Leading(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Of the box's own clock, with the attributes of :class:`.internal_clock.InternalClock`."""

    runs: bool
    armed: int
    bpm: float
    anchor_s: float
    anchor_ticks: float
    first_tick: int
    due_tick: int
    held_ticks: float


Place = Following | Leading


class Rejoin:
    """How many ticks passed while nobody listened, told by the first ones heard again.

    The clock is taken to have gone on at its tempo. One tick may be late by more than half a
    period (a laptop at 300 BPM), so several have to agree.
    """

    def __init__(self, state: FilterState) -> None:
        self.times_s: list[float] = []
        self._next_s, self._period_s = state[0], state[1]
        self._missed: list[float] = []

    def tick(self, time_s: float) -> int | None:
        """Ticks missed before the first of ``times_s``, once that is sure."""
        ticks = (time_s - self._next_s) / self._period_s
        self._missed.append(ticks - len(self.times_s))
        self.times_s.append(time_s)
        latest = {round(missed) for missed in self._missed[-AGREE_TICKS:]}
        if len(self._missed) >= AGREE_TICKS and len(latest) == 1:
            return max(latest.pop(), 0)
        if len(self._missed) >= MOST_TICKS:
            return max(round(median(self._missed)), 0)
        return None
