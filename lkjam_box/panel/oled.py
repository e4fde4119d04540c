"""The OLED: the only module that imports luma."""

from __future__ import annotations

import fcntl
from io import FileIO
from pathlib import Path
from typing import Any

from PIL import Image

from ..config.options import Panel
from ..errors import MissingLibrary
from .screens import Screen

DRIVERS = ("ssd1306", "sh1106")
BRIGHTEST = 10
PAGES = 8  # of 8 rows; the controllers are written page by page
_FLIP, _TURN = Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.TRANSPOSE


class Oled(Screen):
    """An SSD1306 or SH1106 of 128 x 64 dots over I2C or SPI.

    Of each page only the columns that changed are sent: a whole picture holds a 400 kHz bus for
    23 ms, and the kernel is woken for every few bytes.
    ``wire`` may be any luma serial interface (a fake in tests). Raises MissingLibrary
    without luma, OSError when nothing answers.
    """

    def __init__(self, panel: Panel, wire: Any = None) -> None:
        self._driver = panel.screen if panel.screen in DRIVERS else DRIVERS[0]
        self._held = hold(bus(panel)) if wire is None else None
        self._device = _open(panel, self._driver, wire)
        self._sent: list[bytes] = [b""] * PAGES
        self.dim(panel.brightness)

    def show(self, image: Image.Image) -> None:
        try:
            pages = page_bytes(self._device.preprocess(image))
            for page, (dots, sent) in enumerate(zip(pages, self._sent, strict=True)):
                if dots != sent:
                    first, last = changed(dots, sent)
                    self._sent[page] = b""  # unknown until the page is sent
                    self._device.command(*self._address(page, first, last))
                    self._device.data(list(dots[first : last + 1]))
                    self._sent[page] = dots
        except OSError:
            raise
        except Exception as error:  # luma's own errors do not share a base
            raise OSError(str(error)) from error

    def dim(self, brightness: int) -> None:
        try:
            self._device.contrast(round(255 * (brightness / BRIGHTEST) ** 2))
        except OSError:
            raise
        except Exception as error:
            raise OSError(str(error)) from error

    def leave(self) -> None:
        """Keep the picture lit when this process ends: another one draws next."""
        self._device.persist = True

    def _close(self) -> None:
        """Switch the screen off, so that nothing burns in."""
        try:
            self._device.cleanup()
        except Exception:  # the screen is gone already
            pass
        if self._held is not None:
            self._held.close()

    def _address(self, page: int, first: int, last: int) -> tuple[int, ...]:
        """Commands that point the controller at columns of a page (data sheets of both)."""
        if self._driver == "ssd1306":
            return (0x21, first, last, 0x22, page, page)  # column range, page range
        column = first + 2  # memory 132 wide, the screen begins at column 2
        return (0xB0 + page, column & 0x0F, 0x10 | column >> 4)


def page_bytes(image: Image.Image) -> list[bytes]:
    """The pages, topmost first: 128 bytes each, one a column, the topmost dot in bit 0."""
    columns = image.transpose(_FLIP).transpose(_TURN).tobytes()  # eight bytes each, lowest first
    return [columns[page::PAGES] for page in reversed(range(PAGES))]


def changed(dots: bytes, sent: bytes) -> tuple[int, int]:
    """The first and the last column that differ; all where it is not known what was sent."""
    if not sent:
        return 0, len(dots) - 1
    differ = int.from_bytes(dots, "little") ^ int.from_bytes(sent, "little")
    return ((differ & -differ).bit_length() - 1) // 8, (differ.bit_length() - 1) // 8


def bus(panel: Panel) -> Path:
    """The device that the screen is written by."""
    return Path("/dev/spidev0.0" if panel.bus == "spi" else f"/dev/i2c-{panel.i2c_port}")


def hold(path: Path) -> FileIO | None:
    """The device of a screen, for one program at a time: what the splash still draws would
    stay in the panel's picture. Let go when it is closed, and with the process. None where there
    is no such device, of which luma tells more. Raises OSError."""
    try:
        device = FileIO(path, "r+")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OSError(f"OLED on {path}: {error.strerror}") from error
    try:
        fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        device.close()
        raise OSError(f"OLED on {path}: another program draws on it") from error
    return device


def _open(panel: Panel, driver: str, wire: Any) -> Any:
    try:
        from luma.core.interface.serial import i2c, spi
        from luma.oled import device as devices
    except ImportError as error:
        raise MissingLibrary("luma is not installed: pip install 'lkjam-box[panel]'") from error
    try:
        if wire is None and panel.bus == "i2c":
            wire = i2c(port=panel.i2c_port, address=panel.i2c_address)
        elif wire is None:
            from .gpio import SpiPins

            data, reset = panel.pin("spi_data"), panel.pin("spi_reset")
            wire = spi(gpio=SpiPins(panel), port=0, device=0, gpio_DC=data, gpio_RST=reset)
        return getattr(devices, driver)(wire, rotate=panel.rotate // 90)
    except Exception as error:
        raise OSError(f"OLED on {panel.bus}: {error}") from error
