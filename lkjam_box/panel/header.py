"""The pins of the header, as buttons, lights and screen need them.

A :class:`Header` opens pins: :mod:`.gpiozero_header` by gpiozero and lgpio, :mod:`.gpiod_header`
by the kernel's own lines; :class:`FakeHeader` is one for tests.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import Protocol

from ..closing import Closing
from ..config.options import Panel

Tell = Callable[[float, bool], None]
"""Called with (monotonic seconds, closed) at every change of a contact, bounces and all."""


class Header(Closing, Protocol):
    """Pins by their number (BCM). What it opens for one call it opens whole or not at all; what
    goes wrong is the library's own error."""

    def contacts(self, tells: Mapping[int, Tell]) -> dict[int, bool]:
        """Open contacts to ground, pulled up: which are closed? ``tells`` are called from a
        thread of the library, or from :meth:`collect`."""

    def collect(self) -> None:
        """Tell the changes that wait, in the order in which they came."""

    def fds(self) -> tuple[int, ...]:
        """File descriptors that are readable while a change waits, or was told by a thread."""
        return ()

    def closed(self, pin: int) -> bool:
        """Is that contact closed now?"""

    def outputs(self, pins: Iterable[int]) -> None:
        """Open outputs, low."""

    def drive(self, pin: int, high: bool) -> None: ...


def library() -> str:
    """What the pins are reached by: lgpio where it is installed, else gpiod, else ""."""
    return next((name for name in ("lgpio", "gpiod") if find_spec(name)), "")


def open_header(panel: Panel) -> Header:
    """The pins of this machine. Raises MissingLibrary, and the library's own errors."""
    if library() == "gpiod":
        from .gpiod_header import GpiodHeader

        return GpiodHeader(panel.gpio_chip)
    from .gpiozero_header import GpiozeroHeader  # without lgpio it looks for other ways itself

    return GpiozeroHeader(panel)


class FakeHeader(Header):
    """Pins without hardware: ``move`` contacts in tests; ``high`` are the outputs that are on.

    ``rest`` are contacts closed from the beginning, ``taken`` pins that cannot be opened.
    """

    def __init__(self, rest: Iterable[int] = (), taken: Iterable[int] = ()) -> None:
        self.high: set[int] = set()
        self.opened: set[int] = set()
        self._closed, self._taken = set(rest), set(taken)
        self._tells: dict[int, Tell] = {}
        self._waiting: list[tuple[float, int, bool]] = []
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def move(self, time_s: float, pin: int, closed: bool) -> None:
        (self._closed.add if closed else self._closed.discard)(pin)
        self._waiting.append((time_s, pin, closed))
        os.eventfd_write(self._bell, 1)

    def contacts(self, tells: Mapping[int, Tell]) -> dict[int, bool]:
        self._open(tells)
        self._tells |= tells
        return {pin: pin in self._closed for pin in tells}

    def collect(self) -> None:
        with contextlib.suppress(BlockingIOError):  # nothing waits
            os.eventfd_read(self._bell)
        waiting, self._waiting = self._waiting, []
        for time_s, pin, closed in waiting:
            if pin in self._tells:
                self._tells[pin](time_s, closed)

    def fds(self) -> tuple[int, ...]:
        return (self._bell,)

    def closed(self, pin: int) -> bool:
        return pin in self._closed

    def outputs(self, pins: Iterable[int]) -> None:
        self._open(pins)

    def drive(self, pin: int, high: bool) -> None:
        (self.high.add if high else self.high.discard)(pin)

    def _open(self, pins: Iterable[int]) -> None:
        for pin in pins:
            if pin in self._taken:
                raise OSError(f"GPIO {pin} is taken")
        self.opened |= set(pins)

    def _close(self) -> None:
        self.opened.clear()
        os.close(self._bell)
