"""``python -m hardware.perfboard.harness``: the wiring of the hand-built box, from the pin map.

Writes harness.yml for WireViz, and with ``--draw`` its pictures (wants .venv-hardware).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

from lkjam_box.pinmap import GROUND_PINS, Pin, pins

HERE = Path(__file__).parent
FILE = HERE / "harness.yml"
COLOURS = ("BN", "RD", "OG", "YE", "GN", "BU", "VT", "GY", "WH", "PK")
GROUND = "BK"


def text() -> str:
    """The file harness.yml."""
    wired = {name: pin for name, pin in pins().items() if pin.where != "board"}
    groups = {
        "BUTTONS": [p for p in wired.values() if p.use == "button"],
        "LIGHTS": [p for p in wired.values() if p.use == "light"],
        "FOOT A": [p for p in wired.values() if p.name.startswith("foot_a")],
        "FOOT B": [p for p in wired.values() if p.name.startswith("foot_b")],
        "KNOB": [p for p in wired.values() if p.use == "encoder"],
        "OLED": [p for p in wired.values() if p.use == "i2c"],
        "MIDI PERFBOARD": [p for p in wired.values() if p.use == "uart"],
    }
    grounds = dict(zip(groups, (9, 14, 20, 25, 30, 6, 34), strict=True))
    powers = {"OLED": 1, "MIDI PERFBOARD": 17}
    connectors = {"PI": _pi(groups, grounds, powers)}
    cables, connections = {}, []
    for number, (name, members) in enumerate(groups.items()):
        rows = [(_end(pin), pin.header) for pin in members]
        rows.append(("ground", grounds[name]))
        if name in powers:
            rows.append(("3.3 V", powers[name]))
        connectors[name] = {
            "pinlabels": [label for label, _ in rows], "notes": NOTES[name],
            "hide_disconnected_pins": False,
        }  # fmt: skip
        cable = f"W{number + 1}"
        cables[cable] = {
            "wirecount": len(rows), "length": 0.25, "gauge": "0.14 mm2", "colors": _colours(rows),
        }  # fmt: skip
        places = list(range(1, len(rows) + 1))
        connections.append([{"PI": [pin for _, pin in rows]}, {cable: places}, {name: places}])
    table = {"connectors": connectors, "cables": cables, "connections": connections}
    head = "# Made by `python -m hardware.perfboard.harness` from lkjam_box/pinmap.toml.\n"
    return head + yaml.safe_dump(table, sort_keys=False, allow_unicode=True)


NOTES = {
    "BUTTONS": "one side each; the other sides together to ground",
    "LIGHTS": "330 ohm in each wire, long leg to it; short legs to ground",
    "FOOT A": "stereo jack 6.35: tip, ring, sleeve; 1k in tip and ring",
    "FOOT B": "stereo jack 6.35: tip, ring, sleeve; 1k in tip and ring",
    "KNOB": "optional: EC11, A and B; its middle pin and one of push to ground",
    "OLED": "look which of its pins is VCC: they come in both orders",
    "MIDI PERFBOARD": "see layout.svg",
}


def _end(pin: Pin) -> str:
    return pin.label


def _pi(
    groups: dict[str, list[Pin]], grounds: dict[str, int], powers: dict[str, int]
) -> dict[str, object]:
    used = {pin.header: f"{pin.label} (GPIO {pin.bcm})" for part in groups.values() for pin in part}
    used |= dict.fromkeys(grounds.values(), "ground") | dict.fromkeys(powers.values(), "3.3 V")
    assert set(grounds.values()) <= set(GROUND_PINS)
    numbers = sorted(used)
    return {
        "type": "Raspberry Pi header", "subtype": "2 x 20, pin 1 at the card's end",
        "pins": numbers, "pinlabels": [used[number] for number in numbers],
    }  # fmt: skip


def _colours(rows: list[tuple[str, int]]) -> list[str]:
    signals = iter(COLOURS)
    named = {"ground": GROUND, "3.3 V": "RD"}
    free = (colour for colour in signals if colour != "RD")
    return [named.get(label) or next(free) for label, _ in rows]


def faults(file_text: str) -> list[str]:
    """Where a harness file is not the pin map's."""
    table = yaml.safe_load(file_text)
    ends: dict[str, int] = {}
    for connection in table["connections"]:
        (_, numbers), (name, places) = (
            next(iter(part.items())) for part in (connection[0], connection[2])
        )
        labels = table["connectors"][name]["pinlabels"]
        ends |= {labels[place - 1]: number for number, place in zip(numbers, places, strict=True)}
    wanted = {p.label: p.header for p in pins().values() if p.where != "board" and p.use != "spi"}
    return sorted(label for label, pin in wanted.items() if ends.get(label) != pin)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(": ")[1].split("\n")[0])
    parser.add_argument("--draw", action="store_true", help="pictures too")
    args = parser.parse_args()
    FILE.write_text(text(), encoding="utf-8")
    if args.draw:
        wireviz = HERE.parents[1] / ".venv-hardware/bin/wireviz"
        if not wireviz.exists():
            sys.exit("no WireViz: sh hardware/tools/enclosure.sh installs it")
        subprocess.run([wireviz, "-f", "spt", FILE], check=True)


if __name__ == "__main__":
    main()
