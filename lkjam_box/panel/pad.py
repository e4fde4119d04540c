"""Buttons and lights as the panel needs them, and a fake to press."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from .actions import Button
from .leds import Lights

Edge = tuple[float, Button, bool]
"""(monotonic seconds, which, pressed)."""


class Pad(Protocol):
    def edges(self) -> list[Edge]:
        """Every change of a contact since the last call, bounces and all."""

    def light(self, lights: Lights) -> None: ...

    def close(self) -> None: ...


class FakePad:
    """Press it in tests and without hardware; remembers the lights."""

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

    def close(self) -> None:
        self.closed = True
