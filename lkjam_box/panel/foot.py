"""Footswitches of any make behind a stereo jack. Pure.

The tip acts at once, as the button it stands for. What is closed when the box starts rests
closed: a pedal that opens when stepped on, or the ring of a jack with a mono plug in it,
which is shorted for good and so never acts. A mono plug that comes later shorts the ring
too; therefore the ring acts only when let go again soon, and has no long press.
"""

from __future__ import annotations

BOUNCE_S = 0.02  # nobody steps on and off a pedal as fast
SOON_S = 2.0


class Foot:
    """One contact. ``closed``: how it rests; ``is_ring``: shorted by a mono plug."""

    def __init__(self, closed: bool, is_ring: bool) -> None:
        self._rests, self._is_ring = closed, is_ring
        self._down_s: float | None = None

    def edge(self, time_s: float, closed: bool) -> tuple[tuple[float, bool], ...]:
        """(time, pressed) of what the contact's change of level means as a button."""
        down = closed is not self._rests
        if not self._is_ring:
            return ((time_s, down),)
        since_s, self._down_s = self._down_s, time_s if down else None
        if down or since_s is None or not BOUNCE_S < time_s - since_s < SOON_S:
            return ()
        return ((time_s, True), (time_s, False))
