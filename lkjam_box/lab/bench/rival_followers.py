"""Filters by which other projects follow MIDI clock, rewritten small, to compare ours with.

Each takes arrival times (``tick``) and tells when the tick ``ahead`` of the last one falls
(``predict``). ``lkjam-box bench clock`` prints their names.
"""

from __future__ import annotations

from collections import deque
from math import pi, sqrt
from typing import Protocol


class Filter(Protocol):
    """The methods of a clock follower that the benchmark calls."""

    def tick(self, time_s: float) -> object: ...

    def predict(self, ahead: int) -> float:
        """Time of the tick ``ahead`` of the last one, in seconds."""


class Ema:
    """Exponential moving average of the interval, counted from the last tick's raw time."""

    def __init__(self, gain: float) -> None:
        self._gain, self._period_s, self._last_s = gain, 0.0, -1.0

    def tick(self, time_s: float) -> None:
        if self._last_s >= 0:
            step_s = time_s - self._last_s
            self._period_s += (self._gain if self._period_s else 1.0) * (step_s - self._period_s)
        self._last_s = time_s

    def predict(self, ahead: int) -> float:
        return self._last_s + ahead * self._period_s


class Mean:
    """The mean of the last ``size`` intervals, counted from the last tick's raw time."""

    def __init__(self, size: int = 24) -> None:
        self._times_s: deque[float] = deque(maxlen=size + 1)

    def tick(self, time_s: float) -> None:
        self._times_s.append(time_s)

    def predict(self, ahead: int) -> float:
        times_s = self._times_s
        return times_s[-1] + ahead * (times_s[-1] - times_s[0]) / max(len(times_s) - 1, 1)


class LeastSquares:
    """A straight line through the last ``size`` ticks."""

    def __init__(self, size: int = 48) -> None:
        self._times_s: deque[float] = deque(maxlen=size)

    def tick(self, time_s: float) -> None:
        self._times_s.append(time_s)

    def predict(self, ahead: int) -> float:
        times_s = self._times_s
        count = len(times_s)
        middle, base_s = (count - 1) / 2, times_s[0]
        mean_s = sum(t - base_s for t in times_s) / count
        rise = sum((n - middle) * (t - base_s) for n, t in enumerate(times_s))
        period_s = 12 * rise / (count * (count * count - 1)) if count > 1 else 0.0
        return base_s + mean_s + (count - 1 - middle + ahead) * period_s


class Dll:
    """Second-order delay-locked loop of fixed bandwidth; 0.0314 a tick is Ardour's."""

    def __init__(self, width: float = 2 * pi * 60 / 500 / 24) -> None:
        self._width = width
        self._last_s, self._next_s, self._period_s = -1.0, 0.0, 0.0

    def tick(self, time_s: float) -> None:
        if not self._period_s:
            if self._last_s >= 0:
                self._period_s = time_s - self._last_s
                self._next_s = time_s + self._period_s
            self._last_s = time_s
            return
        error_s = time_s - self._next_s
        self._next_s += self._period_s + sqrt(2) * self._width * error_s
        self._period_s += self._width**2 * error_s

    def predict(self, ahead: int) -> float:
        if not self._period_s:
            return self._last_s
        return self._next_s + (ahead - 1) * self._period_s


class AdaptiveDll:
    """A DLL that ignores outliers, but widens its band after three in a row of one sign."""

    def __init__(self, floor: float = 0.05) -> None:
        self._floor, self._width, self._scale_s = floor, 0.30, 0.001
        self._last_s, self._next_s, self._period_s = -1.0, 0.0, 0.0
        self._count = self._row = 0

    def tick(self, time_s: float) -> None:
        self._count += 1
        if self._count <= 2:
            if self._count == 2:
                self._period_s = time_s - self._last_s
                self._next_s = time_s + self._period_s
            self._last_s = time_s
            return
        error_s = time_s - self._next_s
        if abs(error_s) > max(0.0012, 5 * self._scale_s) and self._count > 12:
            sign = 1 if error_s > 0 else -1
            self._row = self._row + sign if self._row * sign >= 0 else sign
            if abs(self._row) < 3:
                self._next_s += self._period_s
                return
            self._width = 0.30
        else:
            seen_s = min(abs(error_s), 4 * self._scale_s + 0.0001)
            self._scale_s += 0.02 * (seen_s - self._scale_s)
        self._row = 0
        self._next_s += sqrt(2) * self._width * error_s + self._period_s
        self._period_s += self._width**2 * error_s
        self._width = max(self._floor, 0.93 * self._width)

    def predict(self, ahead: int) -> float:
        if not self._period_s:
            return self._last_s
        return self._next_s + (ahead - 1) * self._period_s
