"""A storm: more of one key than hands can play, so a loop that no echo was told from. Pure."""

from __future__ import annotations

from collections import deque

MOST = {1.0: 24, 0.25: 9}  # note-ons of one key in so many seconds: sticks roll 20 a second
MOST_OF_OURS = 14  # a second, where each follows the same key of ours: hands repeat a key 10 times
_LONGEST_S, _FEW = max(MOST), min(*MOST.values(), MOST_OF_OURS)


class StormWatch:
    """Of one device: ``struck`` says whether a key came more often than hands can play it."""

    def __init__(self) -> None:
        self._times: dict[int, deque[tuple[float, bool]]] = {}

    def struck(self, time_s: float, pitch: int, ours: bool) -> bool:
        """``ours``: we sent the same key a moment ago."""
        times = self._times.get(pitch)
        if times is None:
            times = self._times[pitch] = deque()
        times.append((time_s, ours))
        since_s = time_s - _LONGEST_S
        while times[0][0] < since_s:
            times.popleft()
        if len(times) <= _FEW:
            return False
        too_many = any(
            sum(when_s > time_s - window_s for when_s, _ in times) > most
            for window_s, most in MOST.items()
        )
        if not too_many and sum(one[1] for one in times) <= MOST_OF_OURS:
            return False
        self._times.clear()
        return True
