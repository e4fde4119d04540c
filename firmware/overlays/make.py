"""The device-tree overlays of the box, made from ``lkjam_box/pinmap.toml``.

    python -m firmware.overlays.make [--check]

writes the ``.dts`` files beside it; ``--check`` only says (and ends with 1) where one is stale.
Labels are those of Debian's own device trees (linux-image 7.x): ``uart0`` and ``uart0_gpio14``
exist for Pi 3, 4 and Zero 2 W. Its tree for the Pi 5 has neither a label for the header's UART
nor the UART itself, so that one is written out (UNVERIFIED on metal, see firmware/README.md).
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINMAP = HERE.parents[1] / "lkjam_box/pinmap.toml"
I2C_HZ = 400_000  # what SSD1306 and SH1106 are specified to; a frame takes 23 ms of the bus
HEAD = """\
// {title}
// Made from lkjam_box/pinmap.toml by firmware/overlays/make.py: change it there.
/dts-v1/;
/plugin/;
"""
RP1 = "/axi/pcie@1000120000/pci@0,0/dev@0,0/pci-ep-bus@1"


@dataclass(frozen=True)
class Pins:
    """GPIO (BCM) numbers by what they are for."""

    sda: int
    scl: int
    midi_out: int
    midi_in: int
    pulled_up: tuple[int, ...]  # contacts to ground
    driven: tuple[int, ...]  # lights
    spi: tuple[int, ...]  # MISO, MOSI, clock
    spi_select: int


def read(path: Path = PINMAP) -> Pins:
    """The pin map as an overlay needs it."""
    pins = tomllib.loads(path.read_text())["pins"]
    return Pins(
        sda=pins["oled_sda"]["bcm"],
        scl=pins["oled_scl"]["bcm"],
        midi_out=pins["midi_out"]["bcm"],
        midi_in=pins["midi_in"]["bcm"],
        pulled_up=tuple(sorted(p["bcm"] for p in pins.values() if p.get("pull") == "up")),
        driven=tuple(sorted(p["bcm"] for p in pins.values() if p["use"] == "light")),
        spi=tuple(pins[f"spi_{name}"]["bcm"] for name in ("miso", "mosi", "clock")),
        spi_select=pins["spi_select"]["bcm"],
    )


def _cells(numbers: tuple[int, ...]) -> str:
    return " ".join(map(str, numbers))


def _names(numbers: tuple[int, ...]) -> str:
    return ", ".join(f'"gpio{number}"' for number in numbers)


def _state(name: str, function: str, pins: tuple[int, ...]) -> str:
    """Pins of an RP1, given to one of its parts."""
    lines = (f'function = "{function}";', f"pins = {_names(pins)};", "bias-pull-up;")
    body = "".join(f"\t{line}\n" for line in lines)
    return f"lkjam_{name}: lkjam-{name}-state {{\n{body}}};"


def _fragments(*parts: tuple[str, str]) -> str:
    """``parts``: what each is aimed at, and the lines in it."""
    text = ""
    for number, (target, body) in enumerate(parts):
        aim = f'target-path = "{target}";' if target.startswith("/") else f"target = <&{target}>;"
        lines = "".join(f"\t\t\t{line}\n" if line else "\n" for line in body.splitlines())
        text += f"\n\tfragment@{number} {{\n\t\t{aim}\n\t\t__overlay__ {{\n{lines}\t\t}};\n\t}};\n"
    return text


def _file(title: str, compatible: str, *parts: tuple[str, str]) -> str:
    body = _fragments(*parts)
    return f'{HEAD.format(title=title)}\n/ {{\n\tcompatible = "{compatible}";\n{body}}};\n'


def box(pins: Pins) -> str:
    """Pi 3, 4 and Zero 2 W: OLED bus, MIDI wire, contacts and lights."""
    if (pins.sda, pins.scl, pins.midi_out, pins.midi_in) != (2, 3, 14, 15):
        raise ValueError("pinmap.toml: I2C and MIDI sit on GPIO 2, 3, 14, 15 of every Pi")
    return _file(
        "lkjam_box on Raspberry Pi 3, 4 and Zero 2 W",
        "brcm,bcm2835",
        (
            "i2c1",
            'status = "okay";\npinctrl-names = "default";\npinctrl-0 = <&i2c1_gpio2>;\n'
            f"clock-frequency = <{I2C_HZ}>;",
        ),
        ("uart0", 'status = "okay";\npinctrl-names = "default";\npinctrl-0 = <&uart0_gpio14>;'),
        ("bt", 'status = "disabled";  // it sits on the UART that MIDI needs'),
        ("uart1", 'status = "disabled";  // it would have the same pins'),
        (
            "gpio",
            'pinctrl-names = "default";\npinctrl-0 = <&lkjam_contacts &lkjam_lights>;\n\n'
            f"lkjam_contacts: lkjam-contacts {{\n\tbrcm,pins = <{_cells(pins.pulled_up)}>;\n"
            "\tbrcm,function = <0>;  // input\n\tbrcm,pull = <2>;  // up\n};\n\n"
            f"lkjam_lights: lkjam-lights {{\n\tbrcm,pins = <{_cells(pins.driven)}>;\n"
            "\tbrcm,function = <1>;  // output\n\tbrcm,pull = <0>;\n};",
        ),
    )


def pi5(pins: Pins) -> str:
    """Pi 5: the same through its RP1. UNVERIFIED: no Pi 5 was used."""
    return _file(
        "lkjam_box on Raspberry Pi 5 (UNVERIFIED: no Pi 5 was used)",
        "brcm,bcm2712",
        (
            "rp1_gpio",
            _state("i2c", "i2c1", (pins.sda, pins.scl))
            + "\n\n"
            + _state("midi", "uart0", (pins.midi_out, pins.midi_in)),
        ),
        (
            "rp1_i2c1",
            'status = "okay";\npinctrl-names = "default";\npinctrl-0 = <&lkjam_i2c>;\n'
            f"clock-frequency = <{I2C_HZ}>;",
        ),
        (
            RP1,
            "#address-cells = <2>;\n#size-cells = <2>;\n\n"
            "serial@40030000 {\n"
            '\tcompatible = "arm,pl011", "arm,primecell";\n'
            "\tarm,primecell-periphid = <0x00541011>;\n"
            "\treg = <0x00 0x40030000 0x00 0x1000>;\n"
            "\treg-io-width = <4>;\n"
            "\tinterrupts = <25 4>;  // RP1_INT_UART0, level high\n"
            "\tclocks = <&rp1_clocks 15>, <&rp1_clocks 12>;  // RP1_CLK_UART, RP1_CLK_SYS\n"
            '\tclock-names = "uartclk", "apb_pclk";\n'
            '\tpinctrl-names = "default";\n\tpinctrl-0 = <&lkjam_midi>;\n};',
        ),
        ("/aliases", f'serial0 = "{RP1}/serial@40030000";'),
    )


def spi(pins: Pins) -> str:
    """An OLED on SPI instead, for Pi 3, 4 and Zero 2 W."""
    return _file(
        "An OLED on SPI instead of I2C (Raspberry Pi 3, 4 and Zero 2 W)",
        "brcm,bcm2835",
        (
            "gpio",
            f"lkjam_spi: lkjam-spi {{\n\tbrcm,pins = <{_cells(pins.spi)}>;\n"
            "\tbrcm,function = <4>;  // ALT0\n};",
        ),
        (
            "spi",
            '#address-cells = <1>;\n#size-cells = <0>;\nstatus = "okay";\n'
            'pinctrl-names = "default";\npinctrl-0 = <&lkjam_spi>;\n'
            f"cs-gpios = <&gpio {pins.spi_select} 1>;\n\n"
            'screen@0 {\n\tcompatible = "rohm,dh2228fv";  // a name that gets /dev/spidev0.0\n'
            "\treg = <0>;\n\tspi-max-frequency = <8000000>;\n};",
        ),
    )


FILES = {"lkjam-box.dts": box, "lkjam-box-pi5.dts": pi5, "lkjam-box-spi.dts": spi}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    args = parser.parse_args()
    pins, stale = read(), []
    for name, make in FILES.items():
        path, text = HERE / name, make(pins)
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if not args.check:
                path.write_text(text)
    if args.check and stale:
        print(f"stale: {', '.join(stale)}; run python -m firmware.overlays.make", file=sys.stderr)
    return 1 if args.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
