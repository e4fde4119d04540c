"""The first picture, seconds before the box is ready, so that the player sees that it starts.

Drawn without the rest of the panel, whose imports would take longer than the drawing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PIL import Image

from ..config.options import Panel
from ..errors import MissingLibrary
from . import fonts
from .oled import DRIVERS, Oled

WIDTH, HEIGHT = 128, 64
_BOX, _GAP, _BARS_TOP = 22, 6, 36  # four bars, every other one filled: yours, mine, yours, mine
_RETRY_S = 0.1


def picture() -> Image.Image:
    """128 x 64, mode "1": the name, four bars traded, "starting"."""
    image = Image.new("1", (WIDTH, HEIGHT))
    _write(image, "LK JAM", 6, 3)
    left = (WIDTH - 4 * _BOX - 3 * _GAP) // 2
    for bar in range(4):
        x, bottom = left + bar * (_BOX + _GAP), _BARS_TOP + 9
        image.paste(1, (x, _BARS_TOP, x + _BOX, bottom))
        if bar % 2 == 0:
            image.paste(0, (x + 1, _BARS_TOP + 1, x + _BOX - 1, bottom - 1))
    _write(image, "starting", HEIGHT - fonts.HEIGHT, 1)
    return image


def show(
    panel: Panel,
    wait_s: float = 0.0,
    connect: Callable[[Panel], Oled] = Oled,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Show the picture and leave it lit; returns the outcome in a few words.

    While the machine starts the bus may be missing at first: it is tried again for ``wait_s``.
    """
    if panel.screen not in ("auto", *DRIVERS):
        return f"nothing to light: panel.screen is {panel.screen}"
    until_s = monotonic() + wait_s
    while True:
        try:
            oled = connect(panel)
            oled.show(picture())
        except MissingLibrary as error:
            return str(error)
        except OSError as error:
            if monotonic() >= until_s:
                return f"no picture: {error}"
            sleep(_RETRY_S)
        else:
            oled.leave()
            return "lit"


def _write(image: Image.Image, text: str, y: int, size: int) -> None:
    """Write ``text`` centred, its top at ``y``."""
    x = (WIDTH - fonts.width(text, size)) // 2
    for char in text:
        rows = fonts.glyph(char, size)
        stencil = Image.new("1", (len(rows[0]), len(rows)))
        stencil.putdata([dot for row in rows for dot in row])
        image.paste(1, (x, y), stencil)
        x += stencil.width + size
