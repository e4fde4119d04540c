"""Buttons, footswitches and knob: from bouncing contacts to presses and steps.

Time is an argument throughout. A :class:`Pad` reads the contacts; :class:`FakePad` is one for
tests, without any. Pure.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from math import inf
from typing import Protocol

from ..closing import Closing
from .leds import Lights

BOUNCE_S = 0.02  # nobody steps on and off a pedal faster than this
SOON_S = 2.0  # a pedal is let go sooner than this; a plug stays in longer
_CIRCLE = {(False, False): 0, (True, False): 1, (True, True): 2, (False, True): 3}


class Button(Enum):
    """The buttons, with the key of a laptop that stands for each."""

    PREVIOUS = "p"
    NEXT = "n"
    KEY = "k"
    TURN = "t"
    START = " "
    LINE = "l"


class Gesture(Enum):
    DOWN = "down"
    SHORT = "short"  # let go before a long press
    LONG = "long"  # held for a long press; the release after it gives no gesture


class Contact:
    """One button, debounced. Call ``edge`` at every change of level and ``poll`` now and then.

    The first edge counts at once; then edges are ignored for ``debounce_s``, and after that the
    level counts. (gpiozero's own bounce time loses presses: gpiozero#550, #697.)
    """

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
        """Take a level that was ignored while bouncing; notice a long press."""
        gestures = self._believe(time_s)
        if self._down and not self._was_long and time_s - self._down_s >= self._long_s:
            self._was_long = True
            gestures += (Gesture.LONG,)
        return gestures

    @property
    def rests(self) -> bool:
        """Whether it is open: :meth:`poll` finds nothing until the next edge."""
        return not (self._raw or self._down)

    def _believe(self, time_s: float) -> tuple[Gesture, ...]:
        if time_s < self._deaf_until_s or self._raw is self._down:
            return ()
        self._down = self._raw
        self._deaf_until_s = time_s + self._debounce_s
        if self._down:
            self._down_s, self._was_long = time_s, False
            return (Gesture.DOWN,)
        return () if self._was_long else (Gesture.SHORT,)


class Footswitch:
    """One contact of a pedal of any make behind a stereo jack.

    The tip acts at once, as the button it stands for. A contact that is closed when the box starts
    ``rests_closed``: that of a pedal that opens when stepped on, or the ring of a jack with a mono
    plug, which stays shorted and so never acts. A mono plug put in later shorts the ring, too;
    therefore the ring acts only when let go within ``SOON_S``, and has no long press.
    """

    def __init__(self, rests_closed: bool, is_ring: bool) -> None:
        self.rests_closed, self._is_ring = rests_closed, is_ring
        self._down_s: float | None = None

    def edge(self, time_s: float, closed: bool) -> tuple[tuple[float, bool], ...]:
        """The presses and releases, as (time, pressed), that a change of level stands for."""
        down = closed is not self.rests_closed
        if not self._is_ring:
            return ((time_s, down),)
        since_s, self._down_s = self._down_s, time_s if down else None
        if down or since_s is None or not BOUNCE_S < time_s - since_s < SOON_S:
            return ()
        return ((time_s, True), (time_s, False))


class Knob:
    """A rotary encoder of two contacts. Feed it levels; it gives a step on arrival in a detent.

    The contacts close one after the other; the one that closes first tells the direction. Both
    are open in a detent. Bounces go to and fro between two neighbouring states, which adds up to 0.
    """

    def __init__(self) -> None:
        self._a = self._b = False
        self._place = self._turned = 0  # in quarters of a detent

    def edge(self, is_a: bool, closed: bool) -> int:
        """Contact A or B opened or closed: -1, 0 or 1 steps, +1 to the right."""
        if is_a:
            self._a = closed
        else:
            self._b = closed
        place = _CIRCLE[self._a, self._b]
        moved = (place - self._place + 2) % 4 - 2
        if moved != -2:  # two quarters at once tell no direction: an edge was lost
            self._turned += moved
        self._place = place
        if place:
            return 0
        turned, self._turned = self._turned, 0
        return (turned > 2) - (turned < -2)


Edge = tuple[float, Button, bool]
"""(monotonic seconds, which, pressed)."""


class Pad(Closing, Protocol):
    """Buttons and lights as the panel needs them."""

    def edges(self) -> list[Edge]:
        """Every change of a contact since the last call, bounces and all."""

    def fds(self) -> tuple[int, ...]:
        """File descriptors that are readable while an edge waits."""
        return ()

    def light(self, lights: Lights) -> None: ...


class FakePad(Pad):
    """A pad without hardware: ``press`` it in tests; ``shown`` has the lights set."""

    def __init__(self) -> None:
        self.shown: list[Lights] = []
        self.closed = False
        self._edges: deque[Edge] = deque()

    def press(self, time_s: float, button: Button, for_s: float = 0.1) -> None:
        self._edges.append((time_s, button, True))
        self._edges.append((time_s + for_s, button, False))

    def edges(self) -> list[Edge]:
        found = list(self._edges)
        self._edges.clear()
        return found

    def light(self, lights: Lights) -> None:
        self.shown.append(lights)

    def _close(self) -> None:
        self.closed = True
