"""A rotary encoder of two contacts: steps from its edges. Pure.

The contacts close one after the other, which of them first tells the way; both are open
in a detent. Bounces go to and fro between two neighbouring states and add up to nothing.
"""

from __future__ import annotations

_CIRCLE = {(False, False): 0, (True, False): 1, (True, True): 2, (False, True): 3}


class Knob:
    """Feed it levels; a step is told on arrival in a detent, +1 to the right."""

    def __init__(self) -> None:
        self._a = self._b = False
        self._place = self._turned = 0  # in quarters of a detent

    def edge(self, is_a: bool, closed: bool) -> int:
        """Contact A or B opened or closed: -1, 0 or 1 steps."""
        if is_a:
            self._a = closed
        else:
            self._b = closed
        place = _CIRCLE[self._a, self._b]
        moved = (place - self._place + 2) % 4 - 2
        if moved != -2:  # two quarters at once tell no way: an edge was lost
            self._turned += moved
        self._place = place
        if place:
            return 0
        turned, self._turned = self._turned, 0
        return (turned > 2) - (turned < -2)
