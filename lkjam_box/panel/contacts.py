"""From a bouncing contact to presses: our own debounce, with time as an argument. Pure.

The first edge counts at once; then the contact is deaf for a while, and after that its
level is believed. (gpiozero's own bounce time loses presses: gpiozero#550, #697.)
"""

from __future__ import annotations

from enum import Enum
from math import inf


class Gesture(Enum):
    DOWN = "down"
    SHORT = "short"  # let go before a long press
    LONG = "long"  # held so long; the release after it says nothing


class Contact:
    """One button. ``edge`` takes every change of level, ``poll`` what only time tells."""

    def __init__(self, debounce_s: float, long_s: float) -> None:
        self._debounce_s, self._long_s = debounce_s, long_s
        self._raw = self._down = False
        self._deaf_until_s = -inf
        self._down_s = inf
        self._was_long = False

    def edge(self, time_s: float, down: bool) -> tuple[Gesture, ...]:
        """The contact closed (``down``) or opened."""
        settled = self.poll(time_s)
        self._raw = down
        return settled + self._believe(time_s)

    def poll(self, time_s: float) -> tuple[Gesture, ...]:
        """Believe a level that bouncing hid; notice a long press."""
        gestures = self._believe(time_s)
        if self._down and not self._was_long and time_s - self._down_s >= self._long_s:
            self._was_long = True
            gestures += (Gesture.LONG,)
        return gestures

    def _believe(self, time_s: float) -> tuple[Gesture, ...]:
        if time_s < self._deaf_until_s or self._raw is self._down:
            return ()
        self._down = self._raw
        self._deaf_until_s = time_s + self._debounce_s
        if self._down:
            self._down_s, self._was_long = time_s, False
            return (Gesture.DOWN,)
        return () if self._was_long else (Gesture.SHORT,)
