"""The wires between the box and the header of 40 pins, read from ``pinmap.toml``. Pure.

Everything that needs a pin asks here: options, board, drawings, overlay, manual.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import LkjamError

HEADER = {  # BCM number to pin of the header, the same on every board since the B+
    0: 27, 1: 28, 2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32,
    13: 33, 14: 8, 15: 10, 16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18,
    25: 22, 26: 37, 27: 13,
}  # fmt: skip
GROUND_PINS = (6, 9, 14, 20, 25, 30, 34, 39)
POWER_3V3_PINS = (1, 17)
POWER_5V_PINS = (2, 4)

USES = ("button", "foot", "encoder", "light", "i2c", "uart", "spi", "id")
FIXED = {  # the GPIO lines that each of these uses has on every board
    "i2c": {2, 3}, "uart": {14, 15}, "id": {0, 1}, "spi": {7, 8, 9, 10, 11, 25},
}  # fmt: skip
_WORDS = {"bcm", "use", "label", "pull", "option", "what", "where"}


class PinError(LkjamError):
    """The pin map is wrong: not TOML, a bad entry, a GPIO line twice or kept for another use."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One wire. ``option`` of section ``panel`` sets its GPIO line, '' where no option does;
    ``what`` describes the wire in that option's text, '' where ``label`` is enough."""

    name: str
    bcm: int
    use: str
    label: str
    pull: str = ""
    option: str = ""
    what: str = ""
    where: str = ""  # "wired": hand-built box only, "board": printed board only, '' both

    @property
    def header(self) -> int:
        """Pin of the header, 1 to 40."""
        return HEADER[self.bcm]


@cache
def pins() -> dict[str, Pin]:
    """Every wire by its name. Raises PinError."""
    return parse(Path(__file__).with_name("pinmap.toml").read_text(encoding="utf-8"))


def bcm(name: str) -> int:
    """GPIO (BCM) number of a wire, as the pin map has it."""
    return pins()[name].bcm


def movable() -> list[Pin]:
    """The wires whose GPIO line an option of section ``panel`` can change."""
    return [pin for pin in pins().values() if pin.option]


def parse(text: str, file: str = "pinmap.toml") -> dict[str, Pin]:
    """Wires from the text of a pin map. Raises PinError, naming the pin and how to mend it."""
    try:
        table: dict[str, dict[str, Any]] = tomllib.loads(text)["pins"]
    except tomllib.TOMLDecodeError as error:
        raise PinError(f"{file}: {error}") from error
    except KeyError:
        raise PinError(f"{file}: no [pins.NAME] in it") from None
    found: dict[str, Pin] = {}
    owners: dict[int, str] = {}
    for name, entry in table.items():
        pin = _pin(file, name, entry)
        if pin.bcm in owners:
            raise PinError(f"{file}: pins.{name}: GPIO {pin.bcm} belongs to {owners[pin.bcm]}")
        owners[pin.bcm] = name
        found[name] = pin
    return found


def _pin(file: str, name: str, entry: dict[str, Any]) -> Pin:
    where = f"{file}: pins.{name}"
    if unknown := set(entry) - _WORDS:
        raise PinError(f"{where}: {min(unknown)} unknown; allowed: {', '.join(sorted(_WORDS))}")
    if missing := {"bcm", "use", "label"} - set(entry):
        raise PinError(f"{where}: {min(missing)} is missing")
    number, use = entry["bcm"], entry["use"]
    if number not in HEADER:
        raise PinError(f"{where}: bcm = {number!r}; allowed: 0 to 27")
    if use not in USES:
        raise PinError(f"{where}: use = {use!r}; allowed: {', '.join(USES)}")
    for job, lines in FIXED.items():
        if use == job and number not in lines:
            allowed = ", ".join(map(str, sorted(lines)))
            raise PinError(f"{where}: bcm = {number}; {job} is on {allowed} of every board")
        if use != job and number in lines:
            raise PinError(f"{where}: bcm = {number} is kept for {job}")
    return Pin(name, **entry)
