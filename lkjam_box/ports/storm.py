"""A storm: more of one key than hands can play, so a loop that no echo was told from. Pure."""

from __future__ import annotations

from collections import deque

WINDOW_S = 1.0
MOST = 24  # note-ons of one key a second: a buzz roll of two sticks has about 20
MOST_OF_OURS = 14  # where each follows the same key of ours: hands repeat a key 10 times


class StormWatch:
    """Of one device: ``struck`` says whether a key came more often than hands can play it."""

    def __init__(self) -> None:
        self._times: dict[int, deque[tuple[float, bool]]] = {}

    def struck(self, time_s: float, pitch: int, ours: bool) -> bool:
        """``ours``: we sent the same key a moment ago."""
        times = self._times.setdefault(pitch, deque())
        times.append((time_s, ours))
        while times[0][0] < time_s - WINDOW_S:
            times.popleft()
        if len(times) <= MOST and sum(one[1] for one in times) <= MOST_OF_OURS:
            return False
        self._times.clear()
        return True
