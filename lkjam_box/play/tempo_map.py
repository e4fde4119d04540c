"""Beats and seconds under a tempo that changes. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


class TempoMap:
    """``changes`` are (beat, BPM), the first at beat 0; the tempo holds until the next.

    Beat 0 falls at ``start_s``; beats before it run at the first tempo.
    """

    def __init__(self, changes: Sequence[tuple[float, float]], start_s: float = 0.0) -> None:
        if not changes or changes[0][0] != 0:
            raise ValueError(f"tempo changes must begin at beat 0: found {list(changes)[:1]}")
        self.changes = tuple(changes)
        self._beats = [beat for beat, _ in changes]
        self._times_s = [start_s]
        for (beat, bpm), (following, _) in pairwise(changes):
            self._times_s.append(self._times_s[-1] + (following - beat) * 60 / bpm)

    @classmethod
    def steady(cls, bpm: float, start_s: float = 0.0) -> TempoMap:
        return cls([(0.0, bpm)], start_s)

    @classmethod
    def ramp(cls, bpm: float, to_bpm: float, from_beat: float, beats: float) -> TempoMap:
        """From ``from_beat`` on the tempo moves evenly, in steps of a tick."""
        steps = max(int(beats * 24), 1)
        changes = [(0.0, bpm)] if from_beat > 0 else []
        changes += [
            (from_beat + beats * i / steps, bpm + (to_bpm - bpm) * i / steps)
            for i in range(steps + 1)
        ]
        return cls(changes)

    def bpm_at(self, beat: float) -> float:
        return self.changes[max(bisect_right(self._beats, beat) - 1, 0)][1]

    def time_of(self, beat: float) -> float:
        index = max(bisect_right(self._beats, beat) - 1, 0)
        start, bpm = self.changes[index]
        return self._times_s[index] + (beat - start) * 60 / bpm

    def beat_of(self, time_s: float) -> float:
        index = max(bisect_right(self._times_s, time_s) - 1, 0)
        start, bpm = self.changes[index]
        return start + (time_s - self._times_s[index]) * bpm / 60
