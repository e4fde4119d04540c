"""Buttons and lights on the header: the only module that imports gpiozero."""

from __future__ import annotations

import os
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ..closing import Closing
from ..config.options import Panel
from ..errors import LkjamError, MissingLibrary
from ..pinmap import Pin
from .contacts import Button, Edge, Footswitch, Knob, Pad
from .leds import Lights

HEADER = 0xA02082  # revision of a Pi 3B: the header of 40 pins that all boards since share


class NoGpio(LkjamError):
    """This machine has no GPIO that gpiozero can use."""


def factory_for(panel: Panel) -> Any:
    """The pin factory for gpiozero; None for its own, which knows Raspberry Pis only.

    For a chip asked for by number (``panel.gpio_chip``), on any board, it is lgpio's: pin N is
    line N of that chip. Raises ImportError without lgpio, lgpio's error without the chip.
    """
    from gpiozero.exc import PinFactoryFallback

    warnings.simplefilter("ignore", PinFactoryFallback)  # eight lines before the error itself
    # Unless told where, lgpio keeps a pipe in the current folder, which a service cannot write.
    if folder := os.environ.get("RUNTIME_DIRECTORY"):
        os.environ.setdefault("LG_WD", folder.split(":")[0])
    if panel.gpio_chip < 0:
        return None
    from gpiozero.pins.lgpio import LGPIOFactory

    class Lines(LGPIOFactory):  # type: ignore[misc]
        """GPIO lines by number, on a board that gpiozero does not know."""

        def _get_revision(self) -> int:
            return HEADER

    return Lines(chip=panel.gpio_chip)


class GpioPad(Pad):
    """Contacts to ground with the pins' own pull-ups; debounce is ours (``contacts.py``).

    Buttons and lights are required. Footswitches and knob, whose pins other boards may use, are
    left out where they cannot be opened: ``lacks`` says so. Raises MissingLibrary without
    gpiozero, NoGpio without pins.
    """

    def __init__(self, panel: Panel, pin_factory: Any = None) -> None:
        try:
            import gpiozero
        except ImportError as error:
            raise MissingLibrary("gpiozero is not installed: pip install 'lkjam-box[panel]'") from (
                error
            )
        self._gpiozero = gpiozero
        self._edges: deque[Edge] = deque()
        self._lit = Lights()
        self._devices: list[Any] = []
        self._factory = None
        self.lacks = ""
        try:
            if pin_factory is None:
                pin_factory = self._factory = factory_for(panel)
            self._pins = pin_factory
            for button in Button:
                self._contact(panel.pin(button.name.lower()), partial(self._edge, button))
            self._leds = [
                gpiozero.LED(panel.pin(wire), pin_factory=pin_factory)
                for wire in ("led_human", "led_box", "led_beat")
            ]
        except Exception as error:  # lgpio's own error is a plain Exception
            for device in self._devices:
                device.close()
            raise NoGpio(f"GPIO: {error or type(error).__name__}") from error
        for what, wanted, add in (
            ("footswitches", panel.feet, self._add_feet),
            ("knob", panel.encoder, self._add_knob),
        ):
            self._try(what, wanted, partial(add, panel))

    def _try(self, what: str, wanted: bool, add: Callable[[], None]) -> None:
        count = len(self._devices)
        try:
            if wanted:
                add()
        except Exception as error:  # another board has the pins, or another program
            for device in self._devices[count:]:
                device.close()
            del self._devices[count:]
            self.lacks = "; ".join(filter(None, (self.lacks, f"no {what}: {error}")))

    def _contact(self, pin: int, tell: Callable[[bool], None]) -> bool:
        """Open a contact; True if closed. ``tell`` is called at changes, in gpiozero's thread."""
        device = self._gpiozero.DigitalInputDevice(pin, pull_up=True, pin_factory=self._pins)
        self._devices.append(device)
        device.when_activated = lambda: tell(True)
        device.when_deactivated = lambda: tell(False)
        return bool(device.is_active)

    def _add_feet(self, panel: Panel) -> None:
        for wire, stands_for in (
            ("foot_a_tip", panel.foot_a_tip),
            ("foot_a_ring", panel.foot_a_ring),
            ("foot_b_tip", panel.foot_b_tip),
            ("foot_b_ring", panel.foot_b_ring),
        ):
            if stands_for != "off":
                foot = Footswitch(False, wire.endswith("ring"))
                tell = partial(self._step, foot, Button[stands_for.upper()])
                foot.rests_closed = self._contact(panel.pin(wire), tell)

    def _add_knob(self, panel: Panel) -> None:
        knob = Knob()
        self._contact(panel.pin("encoder_a"), partial(self._turn, knob, True))
        self._contact(panel.pin("encoder_b"), partial(self._turn, knob, False))
        self._contact(panel.pin("encoder_push"), partial(self._edge, Button.TURN))

    def edges(self) -> list[Edge]:
        found: list[Edge] = []
        while self._edges:
            found.append(self._edges.popleft())
        return found

    def light(self, lights: Lights) -> None:
        """Switch the lights that changed."""
        now, before = _tuple(lights), _tuple(self._lit)
        for led, lit, was in zip(self._leds, now, before, strict=True):
            if lit != was:
                led.value = lit
        self._lit = lights

    def _close(self) -> None:
        self.light(Lights())
        for device in (*self._devices, *self._leds):
            device.close()
        if self._factory is not None:
            self._factory.close()

    def _edge(self, button: Button, down: bool) -> None:
        """Called in gpiozero's thread, as are ``_step`` and ``_turn``."""
        self._edges.append((time.monotonic(), button, down))

    def _step(self, foot: Footswitch, button: Button, closed: bool) -> None:
        for time_s, down in foot.edge(time.monotonic(), closed):
            self._edges.append((time_s, button, down))

    def _turn(self, knob: Knob, is_a: bool, closed: bool) -> None:
        if step := knob.edge(is_a, closed):
            now, button = time.monotonic(), Button.NEXT if step > 0 else Button.PREVIOUS
            self._edges += ((now, button, True), (now, button, False))


class GpioLevels(Closing):
    """Contacts by name, which are closed at the moment: for ``bringup``. Raises as GpioPad."""

    def __init__(self, panel: Panel, wires: Iterable[Pin], pin_factory: Any = None) -> None:
        try:
            import gpiozero
        except ImportError as error:
            raise MissingLibrary("gpiozero is not installed: pip install 'lkjam-box[panel]'") from (
                error
            )
        self._devices: dict[str, Any] = {}
        try:
            factory = pin_factory or factory_for(panel)
            for wire in wires:
                self._devices[wire.name] = gpiozero.DigitalInputDevice(
                    wire.bcm, pull_up=True, pin_factory=factory
                )
        except Exception as error:
            self.close()
            raise NoGpio(f"GPIO: {error or type(error).__name__}") from error

    def closed(self) -> set[str]:
        return {name for name, device in self._devices.items() if device.is_active}

    def _close(self) -> None:
        for device in self._devices.values():
            device.close()


class SpiPins:
    """The two pins that an OLED needs beside SPI, with the methods of RPi.GPIO that luma calls."""

    OUT = HIGH = 1
    LOW = 0

    def __init__(self, panel: Panel, pin_factory: Any = None) -> None:
        self._factory = pin_factory or factory_for(panel)
        self._pins: dict[int, Any] = {}

    def setup(self, pin: int, _way: int) -> None:
        import gpiozero

        if pin not in self._pins:
            self._pins[pin] = gpiozero.DigitalOutputDevice(pin, pin_factory=self._factory)

    def output(self, pin: int, value: int) -> None:
        self._pins[pin].value = value

    def cleanup(self, *_pins: int) -> None:
        for device in self._pins.values():
            device.close()
        self._pins.clear()


def _tuple(lights: Lights) -> tuple[bool, bool, bool]:
    return lights.human, lights.box, lights.beat
