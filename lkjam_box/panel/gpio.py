"""Buttons and lights on the header: the only module that imports gpiozero."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import Any

from ..config.options import Panel
from ..errors import LkjamError, MissingLibrary
from .actions import Button
from .leds import Lights
from .pad import Edge

HEADER = 0xA02082  # revision of a Pi 3B: the header of 40 pins that all boards since share


class NoGpio(LkjamError):
    """This machine has no GPIO that gpiozero can use."""


def factory_for(panel: Panel) -> Any:
    """How gpiozero gets at the pins: None, its own way, which knows Raspberry Pis only.

    For a chip asked for by number, on whatever board, through lgpio: pin N is line N of that
    chip. Raises ImportError without lgpio, lgpio's error without the chip.
    """
    # lgpio keeps a pipe in the current folder, which a service cannot write, unless told where.
    if folder := os.environ.get("RUNTIME_DIRECTORY"):
        os.environ.setdefault("LG_WD", folder.split(":")[0])
    if panel.gpio_chip < 0:
        return None
    from gpiozero.pins.lgpio import LGPIOFactory

    class Lines(LGPIOFactory):  # type: ignore[misc]
        """Lines by number on a board that gpiozero does not know."""

        def _get_revision(self) -> int:
            return HEADER

    return Lines(chip=panel.gpio_chip)


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
        self._factory = None
        try:
            if pin_factory is None:
                pin_factory = self._factory = factory_for(panel)
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
        except Exception as error:  # lgpio's own error is a plain Exception
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
        if self._factory is not None:
            self._factory.close()

    def _edge(self, button: Button, down: bool) -> None:
        """In gpiozero's thread."""
        self._edges.append((time.monotonic(), button, down))


def _tuple(lights: Lights) -> tuple[bool, bool, bool]:
    return lights.human, lights.box, lights.beat
