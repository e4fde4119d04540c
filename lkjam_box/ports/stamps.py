"""Driver time into monotonic time. Pure."""

from __future__ import annotations

_LEAK = 50e-6  # the driver may run this much slower than us; typical quartz is 20 ppm off
_LOST_S = 2.0  # a stamp this far off means the driver's sum and ours no longer agree


class StampClock:
    """Adds up a driver's deltas and anchors the sum to the monotonic clock.

    RtMidi gives each message the time since the one before, stamped in the kernel; Python sees the
    message only when it gets to run. Arrival minus sum is the anchor plus that delay, and its
    running minimum is the anchor. The minimum may rise slowly, so that drift is followed too.
    """

    __slots__ = ("_anchor_s", "_last_arrival_s", "_last_s", "_sum_s")

    def __init__(self) -> None:
        self._sum_s = 0.0
        self._anchor_s = float("inf")
        self._last_arrival_s = 0.0
        self._last_s = float("-inf")

    def stamp(self, arrival_s: float, delta_s: float) -> float:
        """When the message was on the wire: never after ``arrival_s``, never falling."""
        self._sum_s += delta_s
        here = arrival_s - self._sum_s
        leaked = self._anchor_s + _LEAK * max(0.0, arrival_s - self._last_arrival_s)
        self._last_arrival_s = arrival_s
        self._anchor_s = here if here - leaked > _LOST_S else min(leaked, here)
        self._last_s = min(arrival_s, max(self._last_s, self._anchor_s + self._sum_s))
        return self._last_s
