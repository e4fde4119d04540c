"""The OLED: the only module that imports luma."""

from __future__ import annotations

from typing import Any

from PIL import Image

from ..config.options import Panel
from ..errors import MissingLibrary

DRIVERS = ("ssd1306", "sh1106")


class Oled:
    """An SSD1306 or SH1106 of 128 x 64 dots over I2C or SPI.

    ``device`` may be any luma device (its dummy in tests). Raises MissingLibrary without
    luma, OSError when nothing answers.
    """

    def __init__(self, panel: Panel, device: Any = None) -> None:
        self._device = _open(panel) if device is None else device

    def show(self, image: Image.Image) -> None:
        try:
            self._device.display(image)
        except OSError:
            raise
        except Exception as error:  # luma's own errors do not share a base
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Dark, so that nothing burns in."""
        try:
            self._device.cleanup()
        except Exception:  # the screen is gone already
            pass


def _open(panel: Panel) -> Any:
    try:
        from luma.core.interface.serial import i2c, spi
        from luma.oled import device as devices
    except ImportError as error:
        raise MissingLibrary("luma is not installed: pip install 'lkjam-box[panel]'") from error
    driver = panel.screen if panel.screen in DRIVERS else DRIVERS[0]
    try:
        if panel.bus == "i2c":
            wire = i2c(port=panel.i2c_port, address=panel.i2c_address)
        else:
            wire = spi(port=0, device=0)
        return getattr(devices, driver)(wire, rotate=panel.rotate // 90)
    except Exception as error:
        raise OSError(f"OLED on {panel.bus}: {error}") from error
