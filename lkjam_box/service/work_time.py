"""How long a piece of work takes here, so that none is begun right before a note. Pure."""

from __future__ import annotations

_ROOM = 1.25  # times the longest work of late is allowed
_FORGET = 0.98  # what is allowed shrinks to this part with each shorter work


class WorkTime:
    """``reach_s`` is the time to allow for the work, within limits; tell ``took`` what it took."""

    __slots__ = ("_least_s", "_most_s", "reach_s")

    def __init__(self, least_s: float, most_s: float) -> None:
        self._least_s, self._most_s = least_s, most_s
        self.reach_s = least_s

    def took(self, work_s: float) -> None:
        wanted_s = max(self._least_s, _ROOM * work_s, _FORGET * self.reach_s)
        self.reach_s = min(wanted_s, self._most_s)
