"""Whether the stage makes progress, by the turns of its loop. Pure."""

from __future__ import annotations

STEP_S = 0.1  # a round of the supervisor counts for no more than this
QUIET_S = 0.3  # a stage whose loop stands still for so long leaves no note sounding,
STUCK_S = 1.5  # and after this it is killed; it turns thirty times a second at least
LOOP_S = 30.0  # of crashes, without progress: then systemd shall start the whole box again


class StageProgress:
    """``still_s``: for how long the stage has stood still.

    Only time in which the supervisor itself ran is counted, so that a computer that stops as
    a whole (a stolen virtual machine, a laptop asleep) gets no stage killed.
    """

    def __init__(self, now_s: float) -> None:
        self.still_s = 0.0
        self.moved_s = now_s  # when it last turned
        self._looked_s = now_s
        self._alive_s = 0.0

    def see(self, now_s: float, alive_s: float) -> float:
        """``alive_s`` is the shared state's; returns ``still_s``."""
        step_s, self._looked_s = min(now_s - self._looked_s, STEP_S), now_s
        if alive_s != self._alive_s:
            self._alive_s, self.moved_s, self.still_s = alive_s, now_s, 0.0
        else:
            self.still_s += step_s
        return self.still_s

    def begin(self) -> None:
        """A stage is ready: whatever the one before it did is past."""
        self.still_s = 0.0


class WatchdogFeed:
    """When to tell systemd that the box lives: only while the stage does, or may soon.

    ``every_s`` 0 is never.
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
