"""Buttons, pedals, knob and lights on the pins of a :class:`.header.Header`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

from ..closing import Closing
from ..config.options import Panel
from ..errors import LkjamError
from ..pinmap import Pin
from .contacts import Button, Edge, Footswitch, Knob, Pad
from .header import Header, Tell, open_header
from .leds import Lights

_LIGHTS = ("led_human", "led_box", "led_beat")


class NoGpio(LkjamError):
    """This machine has no pins that can be used."""


class GpioPad(Pad):
    """Contacts to ground with the pins' own pull-ups; debounce is ours (``contacts.py``).

    Buttons and lights are required. Footswitches and knob, whose pins other boards may use, are
    left out where they cannot be opened: ``lacks`` says so. It closes ``header``. Raises
    MissingLibrary without gpiozero, NoGpio without pins.
    """

    def __init__(self, panel: Panel, header: Header | None = None) -> None:
        self._edges: deque[Edge] = deque()
        self._lit = Lights()
        self._leds = [panel.pin(wire) for wire in _LIGHTS]
        self.lacks = ""
        self._header = header or _opened(panel)
        try:
            buttons = {panel.pin(button.name.lower()): button for button in Button}
            self._header.contacts(
                {pin: partial(self._edge, button) for pin, button in buttons.items()}
            )
            self._header.outputs(self._leds)
        except Exception as error:  # lgpio's own error is a plain Exception
            self._header.close()
            raise _no_gpio(error) from error
        for what, wanted, add in (
            ("footswitches", panel.feet, self._add_feet),
            ("knob", panel.encoder, self._add_knob),
        ):
            self._try(what, wanted, partial(add, panel))

    def _try(self, what: str, wanted: bool, add: Callable[[], None]) -> None:
        try:
            if wanted:
                add()
        except Exception as error:  # another board has the pins, or another program
            self.lacks = "; ".join(filter(None, (self.lacks, f"no {what}: {error}")))

    def _add_feet(self, panel: Panel) -> None:
        feet: dict[int, Footswitch] = {}
        tells: dict[int, Tell] = {}
        for wire, stands_for in (
            ("foot_a_tip", panel.foot_a_tip),
            ("foot_a_ring", panel.foot_a_ring),
            ("foot_b_tip", panel.foot_b_tip),
            ("foot_b_ring", panel.foot_b_ring),
        ):
            if stands_for != "off":
                foot = feet[panel.pin(wire)] = Footswitch(False, wire.endswith("ring"))
                tells[panel.pin(wire)] = partial(self._step, foot, Button[stands_for.upper()])
        for pin, closed in self._header.contacts(tells).items() if tells else ():
            feet[pin].rests_closed = closed

    def _add_knob(self, panel: Panel) -> None:
        knob = Knob()
        self._header.contacts(
            {
                panel.pin("encoder_a"): partial(self._turn, knob, True),
                panel.pin("encoder_b"): partial(self._turn, knob, False),
                panel.pin("encoder_push"): partial(self._edge, Button.TURN),
            }
        )

    def edges(self) -> list[Edge]:
        self._header.collect()
        found: list[Edge] = []
        while self._edges:
            found.append(self._edges.popleft())
        return found

    def fds(self) -> tuple[int, ...]:
        return self._header.fds()

    def light(self, lights: Lights) -> None:
        """Switch the lights that changed."""
        now, before = _tuple(lights), _tuple(self._lit)
        for pin, lit, was in zip(self._leds, now, before, strict=True):
            if lit != was:
                self._header.drive(pin, lit)
        self._lit = lights

    def _close(self) -> None:
        self.light(Lights())
        self._header.close()

    def _edge(self, button: Button, time_s: float, down: bool) -> None:
        """Perhaps called in a thread of the library's, as are ``_step`` and ``_turn``."""
        self._edges.append((time_s, button, down))

    def _step(self, foot: Footswitch, button: Button, time_s: float, closed: bool) -> None:
        for edge_s, down in foot.edge(time_s, closed):
            self._edges.append((edge_s, button, down))

    def _turn(self, knob: Knob, is_a: bool, time_s: float, closed: bool) -> None:
        if step := knob.edge(is_a, closed):
            button = Button.NEXT if step > 0 else Button.PREVIOUS
            self._edges += ((time_s, button, True), (time_s, button, False))


class GpioLevels(Closing):
    """Contacts by name, which are closed at the moment: for ``bringup``. Raises as GpioPad."""

    def __init__(self, panel: Panel, wires: Iterable[Pin], header: Header | None = None) -> None:
        self._pins = {wire.name: wire.bcm for wire in wires}
        self._header = header or _opened(panel)
        try:
            self._header.contacts(dict.fromkeys(self._pins.values(), _nobody))
        except Exception as error:
            self._header.close()
            raise _no_gpio(error) from error

    def closed(self) -> set[str]:
        self._header.collect()
        return {name for name, pin in self._pins.items() if self._header.closed(pin)}

    def _close(self) -> None:
        self._header.close()


class SpiPins:
    """The two pins that an OLED needs beside SPI, with the methods of RPi.GPIO that luma calls."""

    OUT = HIGH = 1
    LOW = 0

    def __init__(self, panel: Panel, header: Header | None = None) -> None:
        self._header = header or open_header(panel)
        self._pins: set[int] = set()

    def setup(self, pin: int, _way: int) -> None:
        if pin not in self._pins:
            self._header.outputs((pin,))
            self._pins.add(pin)

    def output(self, pin: int, value: int) -> None:
        self._header.drive(pin, bool(value))

    def cleanup(self, *_pins: int) -> None:
        self._header.close()


def _opened(panel: Panel) -> Header:
    try:
        return open_header(panel)
    except LkjamError:
        raise
    except Exception as error:
        raise _no_gpio(error) from error


def _no_gpio(error: Exception) -> NoGpio:
    return NoGpio(f"GPIO: {error or type(error).__name__}")


def _nobody(_time_s: float, _closed: bool) -> None:
    pass


def _tuple(lights: Lights) -> tuple[bool, bool, bool]:
    return lights.human, lights.box, lights.beat
