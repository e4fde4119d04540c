"""Decides when changed state is written to disk: seldom, and once it has settled. Pure."""

from __future__ import annotations

from math import inf

SETTLED_S = 1.0  # without a change before a write: a knob being turned is not yet a choice
LATEST_S = 10.0  # after the first change: written then even if changes never cease
APART_S = 5.0  # between two writes: 12 a minute at most


class SaveTimer:
    """Call ``due`` often, and ``done`` after each attempt to write, successful or not."""

    def __init__(self) -> None:
        self._seen: object = None
        self._changed_s = self._first_s = inf
        self._done_s = -inf

    def due(self, time_s: float, value: object, saved: object) -> bool:
        """Whether ``value`` shall be written now, ``saved`` being what was written last."""
        if value == saved:
            self._seen, self._changed_s, self._first_s = value, inf, inf
            return False
        if value != self._seen:
            self._seen, self._changed_s = value, time_s
            self._first_s = min(self._first_s, time_s)
        settled = time_s >= min(self._changed_s + SETTLED_S, self._first_s + LATEST_S)
        return settled and time_s >= self._done_s + APART_S

    def done(self, time_s: float) -> None:
        self._done_s, self._first_s = time_s, inf
        self._changed_s = time_s  # if it could not be written: wait anew
