"""Pins by the kernel's GPIO lines themselves: the only module that imports gpiod.

The kernel stamps every change and keeps it until it is read. So there is no thread, and nothing
is missed between two looks.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import MissingLibrary
from .header import Header, Tell

LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")  # Pi 3 and Zero 2 W, Pi 4, Pi 5
WAITING = 1024  # changes that the kernel keeps of one group of contacts; then the oldest go
USER = "lkjam-box"
NS = 1e9


class GpiodHeader(Header):
    """``chip`` is its number, on any board: pin N is line N of it; -1 is the header of a Pi.

    Raises MissingLibrary without gpiod, OSError without the chip.
    """

    def __init__(self, chip: int = -1, devices: Path = Path("/dev")) -> None:
        try:
            import gpiod
        except ImportError as error:
            raise MissingLibrary("gpiod is not installed: pip install 'lkjam-box[pi]'") from error
        self._gpiod, self._line = gpiod, gpiod.line
        path = devices / f"gpiochip{chip}" if chip >= 0 else self._find(devices)
        self._chip = self._open_chip(path)
        self._requests: dict[int, Any] = {}  # by pin
        self._watched: dict[int, Any] = {}  # by file descriptor
        self._tells: dict[int, Tell] = {}

    def contacts(self, tells: Mapping[int, Tell]) -> dict[int, bool]:
        line = self._line
        # Closed is low, and low is active: edges rise when a contact closes.
        settings = self._gpiod.LineSettings(
            direction=line.Direction.INPUT,
            edge_detection=line.Edge.BOTH,
            bias=line.Bias.PULL_UP,
            active_low=True,
            event_clock=line.Clock.MONOTONIC,
        )
        request = self._request(tells, settings)
        self._watched[request.fd] = request
        self._tells |= tells
        return {pin: self.closed(pin) for pin in tells}

    def collect(self) -> None:
        ready, _, _ = select.select(list(self._watched), (), (), 0)
        events = [event for fd in ready for event in self._watched[fd].read_edge_events()]
        events.sort(key=lambda event: event.timestamp_ns)
        for event in events:
            closed = event.event_type is event.Type.RISING_EDGE
            self._tells[event.line_offset](event.timestamp_ns / NS, closed)

    def fds(self) -> tuple[int, ...]:
        return tuple(self._watched)

    def closed(self, pin: int) -> bool:
        return bool(self._requests[pin].get_value(pin) is self._line.Value.ACTIVE)

    def outputs(self, pins: Iterable[int]) -> None:
        line = self._line
        self._request(
            pins,
            self._gpiod.LineSettings(
                direction=line.Direction.OUTPUT, output_value=line.Value.INACTIVE
            ),
        )

    def drive(self, pin: int, high: bool) -> None:
        value = self._line.Value.ACTIVE if high else self._line.Value.INACTIVE
        self._requests[pin].set_value(pin, value)

    def _request(self, pins: Iterable[int], settings: Any) -> Any:
        lines = tuple(pins)
        try:
            request = self._chip.request_lines(
                {lines: settings}, consumer=USER, event_buffer_size=WAITING
            )
        except OSError as error:
            if error.errno == errno.EBUSY and (taken := ", ".join(self._taken(lines))):
                raise OSError(error.errno, taken) from error
            raise
        self._requests |= dict.fromkeys(lines, request)
        return request

    def _taken(self, pins: Iterable[int]) -> Iterator[str]:
        for pin in pins:
            info = self._chip.get_line_info(pin)
            if info.used:
                yield f"GPIO {pin} is taken by {info.consumer or 'the kernel'}"

    def _find(self, devices: Path) -> Path:
        """The chip of the header, by its label: its number changed from kernel to kernel."""
        labels = {}
        for path in sorted(devices.glob("gpiochip*")):
            with self._open_chip(path) as chip:
                labels[path] = chip.get_info().label
        for path, label in labels.items():
            if label in LABELS:
                return path
        found = ", ".join(f"{path.name} ({label})" for path, label in labels.items())
        raise FileNotFoundError(
            f"found {found or 'no chip'}, none the header of a Raspberry Pi; "
            "panel.gpio_chip names another one"
        )

    def _open_chip(self, path: Path) -> Any:
        try:
            return self._gpiod.Chip(str(path))
        except PermissionError as error:
            raise PermissionError(f"{path} may not be opened: be in the group gpio") from error

    def _close(self) -> None:
        for request in {id(one): one for one in self._requests.values()}.values():
            request.release()
        self._chip.close()
