"""The tempo a screen shows: one decimal that stands still until the tempo really moves. Pure.

Within the beat a clock may swing, as that of machines which delay every second 8th or 16th of
their clock, too; from beat to beat it does not. The follower goes along with every tick, so its
tempo is shown only while that of whole beats agrees.
"""

from __future__ import annotations

from collections import deque
from math import inf, sqrt

from ..midi.messages import TICKS_PER_BEAT
from .follower import Follower

_HYSTERESIS_BPM = 0.08  # more than half a step, so that 120.05 does not flicker
_SURE_SD = 4.0
_WORTH_SHOWING_BPM = 2.0  # known worse than this, a first tempo is not shown
_BEATS = (16, 4, 1)  # that the tempo is the mean of: the most that the fewer ones agree with
_MEAN_TICKS = 12  # arrivals at either end that are averaged, at most
_LOOK_TICKS = 4  # between two looks at the tempo of beats, which is most of the work
_WAIT_TICKS = 6  # before a tick counts: it may show that one was lost
_LEAST_NOISE_S, _NOISE_GAIN, _CLIP_SD = 0.001, 0.02, 4.0
_SECOND_SD = sqrt(6.0)  # of a second difference of times of sd 1
_WORTH_BEATS_BPM = 0.25  # and so for that of beats, which gets better slowly
_EVEN_TICKS = 2 * TICKS_PER_BEAT  # of agreement in a row after which a clock is even,
_SWUNG_TICKS = 2 * TICKS_PER_BEAT  # and of disagreement, with less between, after which it is not


class BeatTempo:
    """The tempo of whole beats, from the times of ticks: (BPM, its standard deviation)."""

    def __init__(self) -> None:
        kept = _BEATS[0] * TICKS_PER_BEAT + _MEAN_TICKS + _WAIT_TICKS + 1
        self._sums_s: deque[float] = deque((0.0,), kept)
        self._times_s: deque[float] = deque(maxlen=2 * TICKS_PER_BEAT + 1)
        self._noise_s = _LEAST_NOISE_S  # standard deviation of arrivals

    def tick(self, time_s: float, broken: bool = False) -> None:
        """Take a tick; ``broken``: those before it cannot be counted on from here."""
        if broken:
            self._sums_s.clear()
            self._sums_s.append(0.0)
            self._times_s.clear()
        self._sums_s.append(self._sums_s[-1] + time_s)
        self._times_s.append(time_s)
        if len(self._times_s) > 2 * TICKS_PER_BEAT:
            self._hear_noise(time_s)

    def see(self) -> tuple[float, float]:
        """The tempo by now; (0, infinity) while it is unknown."""
        fewer = self._over(_BEATS[-1])
        for beats in _BEATS[-2::-1]:
            more = self._over(beats)
            if abs(more[0] - fewer[0]) > _SURE_SD * fewer[1]:
                break
            fewer = more
        return fewer

    def _hear_noise(self, time_s: float) -> None:
        """Learn from this tick and those one and two beats before, which swing alike."""
        times_s = self._times_s
        off_s = abs(times_s[0] - 2.0 * times_s[TICKS_PER_BEAT] + time_s) / _SECOND_SD
        size_s = min(1.25 * off_s, _CLIP_SD * self._noise_s)  # mean size to sd
        noise_s = self._noise_s + _NOISE_GAIN * (size_s - self._noise_s)
        self._noise_s = noise_s if noise_s > _LEAST_NOISE_S else _LEAST_NOISE_S

    def _over(self, beats: int) -> tuple[float, float]:
        """The mean of ``beats``, or of as many as there were."""
        sums_s, last = self._sums_s, -1 - _WAIT_TICKS
        ticks = len(sums_s) + last
        beats = min(beats, (ticks - 1) // TICKS_PER_BEAT)
        if beats < 1:
            return 0.0, inf
        begin = last - beats * TICKS_PER_BEAT
        mean = min(ticks - beats * TICKS_PER_BEAT, _MEAN_TICKS)
        ends_s = sums_s[last] - sums_s[last - mean] - sums_s[begin] + sums_s[begin - mean]
        bpm = 60.0 * beats * mean / max(ends_s, 1e-6)
        return bpm, bpm * bpm / 60.0 * self._noise_s * sqrt(2.0) / beats


class StickyBpm:
    """``shown`` is 0 until there is a tempo worth showing."""

    def __init__(self) -> None:
        self.shown = 0.0

    def see(self, bpm: float, sd_bpm: float) -> float:
        """Take the estimate and its standard deviation; returns the tempo to show."""
        if not self.shown:
            if sd_bpm < _WORTH_SHOWING_BPM:
                self.shown = round(bpm, 1)
        elif abs(bpm - self.shown) > max(_HYSTERESIS_BPM, _SURE_SD * sd_bpm):
            self.shown = round(bpm, 1)
        return self.shown


class ShownTempo:
    """``bpm`` is what to show, 0 until it is known."""

    def __init__(self) -> None:
        self.bpm = 0.0
        self._beats, self._sticky = BeatTempo(), StickyBpm()
        self._even = False
        self._ticks = self._agreed_ticks = self._differed_ticks = 0

    def tick(self, time_s: float, follower: Follower, broken: bool) -> None:
        """Take a tick, which ``follower`` has heard; ``broken`` as in :meth:`BeatTempo.tick`."""
        self._beats.tick(time_s, broken)
        self._ticks += 1
        if self._ticks >= _LOOK_TICKS:
            self._ticks = 0
            bpm = 60.0 / TICKS_PER_BEAT / follower.period_s
            self._look(bpm, bpm * follower.period_sd_s / follower.period_s)

    def _look(self, bpm: float, sd_bpm: float) -> None:
        """Compare the tempo of beats with the follower's and choose which to show."""
        beats_bpm, beats_sd = self._beats.see()
        if beats_bpm:
            self._compare(abs(bpm - beats_bpm) <= _SURE_SD * beats_sd and sd_bpm <= 2 * beats_sd)
        if self._even:
            if self._agreed_ticks:  # else it waits for the beat to tell
                self.bpm = self._sticky.see(bpm, sd_bpm)
        elif self.bpm or beats_sd < _WORTH_BEATS_BPM:
            self.bpm = self._sticky.see(beats_bpm, beats_sd)

    def _compare(self, agree: bool) -> None:
        self._agreed_ticks = self._agreed_ticks + _LOOK_TICKS if agree else 0
        if not agree:
            self._differed_ticks += _LOOK_TICKS
        if self._agreed_ticks > _EVEN_TICKS:
            self._differed_ticks = 0
            if not self._even:
                self._even, self._sticky = True, StickyBpm()
        elif self._differed_ticks > _SWUNG_TICKS:
            self._even = False
