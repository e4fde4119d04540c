"""Whether the stage makes progress, by the rounds of its loop. Pure."""

from __future__ import annotations

STEP_S = 0.1  # a round of the supervisor counts for no more than this
QUIET_S = 0.3  # the notes of a stage whose loop stands still for so long are ended,
STUCK_S = 1.5  # and after this it is killed; it makes thirty rounds a second at least
LOOP_S = 30.0  # after crashes without progress for so long, systemd shall start the box anew


class StageProgress:
    """``still_s``: for how long the stage has stood still.

    Only time in which the supervisor itself ran is counted, so that a computer that stops as
    a whole (a stolen virtual machine, a laptop asleep) gets no stage killed.
    """

    def __init__(self, now_s: float) -> None:
        self.still_s = 0.0
        self.moved_s = now_s  # when the stage last made a round
        self._looked_s = now_s
        self._alive_s = 0.0

    def see(self, now_s: float, alive_s: float) -> float:
        """Take ``alive_s`` as the shared state has it now; returns ``still_s``."""
        step_s, self._looked_s = min(now_s - self._looked_s, STEP_S), now_s
        if alive_s != self._alive_s:
            self._alive_s, self.moved_s, self.still_s = alive_s, now_s, 0.0
        else:
            self.still_s += step_s
        return self.still_s

    def begin(self) -> None:
        """A new stage is ready: it has not stood still yet."""
        self.still_s = 0.0


class WatchdogFeed:
    """When to tell systemd that the box lives: only while the stage makes rounds or is started.

    It is told once in ``every_s``, never where that is 0.
    """

    def __init__(self, every_s: float, now_s: float) -> None:
        self._every_s = every_s
        self._told_s = self._moved_s = now_s

    def due(self, now_s: float, moved_s: float, starting: bool) -> bool:
        """Whether to tell now. ``moved_s`` is when the stage last made progress; ``starting``
        that it is being started (again), for which it has :data:`LOOP_S`."""
        if not self._every_s or now_s - self._told_s < self._every_s:
            return False
        if moved_s <= self._moved_s and not (starting and now_s - moved_s < LOOP_S):
            return False
        self._told_s, self._moved_s = now_s, moved_s
        return True
