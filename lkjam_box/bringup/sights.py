"""Checks lights and screen, which the builder must look at."""

from __future__ import annotations

from PIL import Image, ImageDraw

from ..config.options import Panel
from ..panel.contacts import Pad
from ..panel.leds import Lights
from ..panel.screens import Screen
from ..pinmap import pins
from .guide import Guide, place, placed

LIT_S = 0.4
_LIGHTS = (
    ("led_human", Lights(human=True)),
    ("led_box", Lights(box=True)),
    ("led_beat", Lights(beat=True)),
)


def check_lights(pad: Pad, guide: Guide, panel: Panel) -> int:
    """Blink each light alone. Returns how many the builder did not see."""
    wrong = 0
    for name, lit in _LIGHTS:
        pin = placed(pins()[name], panel)
        guide.say(f"    {place(pin)} blinks three times")
        for _ in range(3):
            pad.light(lit)
            guide.rest(LIT_S)
            pad.light(Lights())
            guide.rest(LIT_S)
        if guide.ask(f"    did {pin.label} blink, and nothing else?"):
            guide.say(f"ok  {pin.label}")
        else:
            wrong += 1
            guide.say(
                f"NO  dark: turn the light round (long leg towards header pin {pin.header}); "
                "another one: two wires are swapped; very dim: the resistor is too large"
            )
    return wrong


def picture(width: int = 128, height: int = 64) -> Image.Image:
    """A frame on the outermost dots, an arrow up, words, and a field of single dots."""
    image = Image.new("1", (width, height))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width - 1, height - 1), outline=1)
    draw.polygon([(12, 8), (4, 20), (20, 20)], fill=1)
    draw.rectangle((10, 20, 14, 34), fill=1)
    draw.text((28, 6), "LK JAM", fill=1)
    draw.text((28, 20), "up is up", fill=1)
    for x in range(width - 34, width - 4):
        for y in range(height - 24, height - 4):
            if (x + y) % 2:
                image.putpixel((x, y), 1)
    return image


def check_screen(screen: Screen, guide: Guide) -> int:
    """0 when the builder sees the picture as it should be, else 1."""
    screen.show(picture())
    good = guide.ask("    an arrow up, a frame along all four edges, grey field below right?")
    if good:
        guide.say("ok  OLED")
        return 0
    guide.say(
        "NO  upside down: panel.rotate: 180; shifted by two dots, noise at an edge: panel.screen: "
        "sh1106 (or ssd1306); dark: VCC and GND, which modules have in either order"
    )
    return 1
