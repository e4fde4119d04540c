"""Pins by gpiozero, and by lgpio under it: the only module that imports them."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ..config.options import Panel
from ..errors import MissingLibrary
from .header import Header, Tell

HEADER = 0xA02082  # revision of a Pi 3B: the header of 40 pins that all boards since share


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


class GpiozeroHeader(Header):
    """Changes are told in gpiozero's thread. Raises MissingLibrary without gpiozero.

    ``pin_factory`` stays its maker's: only the pins opened here are closed.
    """

    def __init__(self, panel: Panel, pin_factory: Any = None) -> None:
        try:
            import gpiozero
        except ImportError as error:
            raise MissingLibrary("gpiozero is not installed: pip install 'lkjam-box[panel]'") from (
                error
            )
        self._gpiozero = gpiozero
        self._devices: dict[int, Any] = {}
        self._told = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._own = None if pin_factory else factory_for(panel)
        self._pins = pin_factory or self._own

    def contacts(self, tells: Mapping[int, Tell]) -> dict[int, bool]:
        self._open(self._gpiozero.DigitalInputDevice, tells, pull_up=True)
        for pin, tell in tells.items():
            device = self._devices[pin]
            device.when_activated = partial(self._tell, tell, True)
            device.when_deactivated = partial(self._tell, tell, False)
        return {pin: self.closed(pin) for pin in tells}

    def collect(self) -> None:
        with contextlib.suppress(BlockingIOError):  # nothing was told
            os.eventfd_read(self._told)

    def fds(self) -> tuple[int, ...]:
        return (self._told,)

    def closed(self, pin: int) -> bool:
        return bool(self._devices[pin].is_active)

    def outputs(self, pins: Iterable[int]) -> None:
        self._open(self._gpiozero.DigitalOutputDevice, pins)

    def drive(self, pin: int, high: bool) -> None:
        self._devices[pin].value = high

    def _tell(self, tell: Tell, closed: bool) -> None:
        """Called in gpiozero's thread."""
        tell(time.monotonic(), closed)
        os.eventfd_write(self._told, 1)

    def _open(self, kind: Any, pins: Iterable[int], **how: bool) -> None:
        opened: dict[int, Any] = {}
        try:
            for pin in pins:
                opened[pin] = kind(pin, pin_factory=self._pins, **how)
        except Exception:
            for device in opened.values():
                device.close()
            raise
        self._devices |= opened

    def _close(self) -> None:
        for device in self._devices.values():
            device.close()
        if self._own is not None:
            self._own.close()
        os.close(self._told)
