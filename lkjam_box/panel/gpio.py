"""Buttons and lights on the header: the only module that imports gpiozero."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from ..config.options import Panel
from ..errors import LkjamError, MissingLibrary
from .actions import Button
from .leds import Lights
from .pad import Edge


class NoGpio(LkjamError):
    """This machine has no GPIO that gpiozero can use."""


class GpioPad:
    """Buttons to ground with the pins' own pull-ups; debounce is ours (``debounce.py``).

    Raises MissingLibrary without gpiozero, NoGpio without pins.
    """

    def __init__(self, panel: Panel, pin_factory: Any = None) -> None:
        try:
            import gpiozero
        except ImportError as error:
            raise MissingLibrary("gpiozero is not installed: pip install 'lkjam-box[panel]'") from (
                error
            )
        self._edges: deque[Edge] = deque()
        self._lit = Lights()
        self._devices: list[Any] = []
        try:
            for button, pin in (
                (Button.PREVIOUS, panel.pin_previous),
                (Button.NEXT, panel.pin_next),
                (Button.KEY, panel.pin_key),
                (Button.TURN, panel.pin_turn),
                (Button.START, panel.pin_start),
                (Button.LINE, panel.pin_line),
            ):
                device = gpiozero.DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)
                device.when_activated = lambda b=button: self._edge(b, True)
                device.when_deactivated = lambda b=button: self._edge(b, False)
                self._devices.append(device)
            self._leds = [
                gpiozero.LED(pin, pin_factory=pin_factory)
                for pin in (panel.pin_led_human, panel.pin_led_box, panel.pin_led_beat)
            ]
        except (gpiozero.GPIOZeroError, ImportError, OSError, RuntimeError) as error:
            for device in self._devices:
                device.close()
            raise NoGpio(f"GPIO: {error or type(error).__name__}") from error

    def edges(self) -> list[Edge]:
        found: list[Edge] = []
        while self._edges:
            found.append(self._edges.popleft())
        return found

    def light(self, lights: Lights) -> None:
        """Set what changed."""
        now, before = _tuple(lights), _tuple(self._lit)
        for led, lit, was in zip(self._leds, now, before, strict=True):
            if lit != was:
                led.value = lit
        self._lit = lights

    def close(self) -> None:
        self.light(Lights())
        for device in (*self._devices, *self._leds):
            device.close()

    def _edge(self, button: Button, down: bool) -> None:
        """In gpiozero's thread."""
        self._edges.append((time.monotonic(), button, down))


def _tuple(lights: Lights) -> tuple[bool, bool, bool]:
    return lights.human, lights.box, lights.beat
