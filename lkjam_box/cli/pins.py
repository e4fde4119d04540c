"""``lkjam-box pins``: the header of the Raspberry Pi, and what goes where."""

from __future__ import annotations

import argparse
import json

from ..pinmap import GROUND_PINS, POWER_3V3_PINS, POWER_5V_PINS, Pin, pins

EXAMPLES = {
    "lkjam-box pins": "the header as it lies before you",
    "lkjam-box pins --json": "for a program",
}


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--markdown", action="store_true", help="as a table (docs/pins.md)")
    what.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.json:
        rows = {
            pin.name: {"header": pin.header, "bcm": pin.bcm, "use": pin.use, "label": pin.label}
            for pin in pins().values()
        }
        print(json.dumps(rows, indent=2))
    else:
        print(markdown() if args.markdown else header(), end="")
    return 0


def _names() -> dict[int, str]:
    """What each of the 40 pins is, by its number on the header."""
    names = {pin.header: f"{pin.label} (GPIO {pin.bcm})" for pin in pins().values()}
    names |= dict.fromkeys(GROUND_PINS, "ground")
    names |= dict.fromkeys(POWER_3V3_PINS, "3.3 V") | dict.fromkeys(POWER_5V_PINS, "5 V")
    return names


def header() -> str:
    """The header as it lies before you: USB sockets below, pin 1 in the upper left corner."""
    names = _names()
    width = max(map(len, names.values()))
    rows = [
        f"{names[left]:>{width}}  {left:>2} o o {left + 1:<2}  {names[left + 1]}"
        for left in range(1, 40, 2)
    ]
    return "\n".join(rows) + "\n"


def markdown() -> str:
    """The page docs/pins.md."""
    head = (
        "# Pins\n\nPrinted by `lkjam-box pins --markdown` from `lkjam_box/pinmap.toml`. "
        "Contacts close to ground, the\npins' own pull-ups hold them open. "
        "Options move a wire elsewhere ([options](options.md)).\n\n```\n"
    )
    table = "\n| wire | header pin | GPIO (BCM) | what | option |\n|---|---|---|---|---|\n"
    rows = "".join(
        f"| {pin.label} | {pin.header} | {pin.bcm} | {_what(pin)} | "
        f"{f'`panel.{pin.option}`' if pin.option else ''} |\n"
        for pin in sorted(pins().values(), key=lambda pin: pin.header)
    )
    return head + header() + "```\n" + table + rows


def _what(pin: Pin) -> str:
    words = {
        "button": "button to ground", "foot": "footswitch to ground", "encoder": "knob to ground",
        "light": "light, lit when high", "i2c": "I2C", "uart": "serial, 31250 baud", "spi": "SPI",
        "id": "board's own memory",
    }[pin.use]  # fmt: skip
    only = {"wired": ", hand-wired box only", "board": ", printed board only"}
    return words + only.get(pin.where, "")
