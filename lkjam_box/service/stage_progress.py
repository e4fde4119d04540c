"""Whether the stage makes progress, by the rounds of its loop. Pure."""

from __future__ import annotations

QUIET_S = 0.3  # the notes of a stage whose loop stands still for so long are ended,
STUCK_S = 1.5  # and after this it is killed; it makes thirty rounds a second at least
LOOP_S = 30.0  # after crashes without progress for so long, systemd shall start the box anew
LOOK_S = 0.2  # a stage that stood still for so long is looked at again and again,
AGAIN_S = 0.05  # so often
LATE_S = 0.05  # a look that comes later than this says that the supervisor did not run either:
STEP_S = 0.1  # the time since the one before it counts for no more than this


class StageProgress:
    """``still_s``: for how long the stage has stood still; ``look_s``: when to look again.

    A stage that makes rounds is looked at five times a second. Only time in which the supervisor
    itself ran is counted, so that a computer that stops as a whole (a stolen virtual machine, a
    laptop asleep) gets no stage killed.
    """

    def __init__(self, now_s: float) -> None:
        self.still_s = 0.0
        self.moved_s = now_s  # when the stage last made a round
        self.look_s = now_s
        self._looked_s = now_s
        self._alive_s = 0.0

    def see(self, now_s: float, alive_s: float, sounds: bool = True) -> float:
        """Take ``alive_s`` as the shared state has it now; returns ``still_s``. ``sounds``: a note
        would sound on, so that a stage that stands still is looked at more often."""
        late = now_s - self.look_s > LATE_S
        step_s, self._looked_s = now_s - self._looked_s, now_s
        if late:
            step_s = min(step_s, STEP_S)
        if alive_s != self._alive_s:
            self._alive_s, self.moved_s = alive_s, now_s
            self.still_s = min(max(now_s - alive_s, 0.0), step_s)
        else:
            self.still_s += step_s
        self.look_s = now_s + max(LOOK_S - self.still_s, AGAIN_S if sounds else LOOK_S)
        return self.still_s

    def begin(self, now_s: float) -> None:
        """A new stage is ready: it has not stood still yet."""
        self.still_s, self._looked_s = 0.0, now_s
        self.look_s = now_s + LOOK_S


class WatchdogFeed:
    """When to tell systemd that the box lives: only while the stage makes rounds or is started.

    It is told once in ``every_s``, never where that is 0.
    """

    def __init__(self, every_s: float, now_s: float) -> None:
        self._every_s = every_s
        self._told_s = self._moved_s = now_s

    def due(self, now_s: float, moved_s: float, starting: bool, failing: bool = False) -> bool:
        """Whether to tell now. ``moved_s`` is when the stage last made progress; ``starting``
        that it is being started (again), for which it has :data:`LOOP_S`; ``failing`` that it
        dies again and again: then the box as a whole shall be started anew."""
        if failing or not self._every_s or now_s - self._told_s < self._every_s:
            return False
        if moved_s <= self._moved_s and not (starting and now_s - moved_s < LOOP_S):
            return False
        self._told_s, self._moved_s = now_s, moved_s
        return True
