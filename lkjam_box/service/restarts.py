"""When a lost process is started again, and when it keeps failing. Pure."""

from __future__ import annotations

WAITS_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # before the start after each loss in a row
FORGIVEN_S = 60.0  # for each so long that it lived, a process is forgiven one loss
FAILING = 5  # with so many losses that are not forgiven, it keeps failing
STARTS_A_MINUTE = len(WAITS_S) + 1
"""No process is started more often than this in a minute, however long it lives each time."""


class Restarts:
    """The first loss costs no wait, the next ever longer ones; nothing is ever given up."""

    def __init__(self) -> None:
        self._losses = 0.0  # not forgiven, when it was last lost

    def lost(self, now_s: float, lived_s: float) -> float:
        """It was lost at ``now_s``, having lived for ``lived_s``; returns when to start it."""
        self._losses = min(self._left(lived_s) + 1, len(WAITS_S))
        return now_s + WAITS_S[round(self._losses) - 1]

    def failing(self, lived_s: float) -> bool:
        """Whether it keeps failing; ``lived_s`` is how long it has lived since the last loss."""
        return self._left(lived_s) >= FAILING - 0.5

    def _left(self, lived_s: float) -> float:
        return max(self._losses - max(lived_s, 0.0) / FORGIVEN_S, 0.0)
