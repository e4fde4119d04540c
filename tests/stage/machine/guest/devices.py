"""Everything that is plugged into the box: made from the kernel's own parts, before it starts.

Three USB-MIDI instruments (gadget driver on virtual USB controllers), 28 GPIO lines (gpio-sim),
the I2C bridge of ``oled.py``. Standard library only: the system's Python runs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

GADGETS = Path("/sys/kernel/config/usb_gadget")
GPIO = Path("/sys/kernel/config/gpio-sim/header")
FOUND = Path("/run/stage/devices.json")
CONFIG = Path("/etc/lkjam-box.yaml")
# What the player sees, by what it is for. The other end of the cable is a card of this id.
INSTRUMENTS = {"keys": "Stage Keyboard", "drums": "Stage Drums", "synth": "Stage Synth"}
PINS = 28
OPTIONS = """\
# The stage machine. Both ends of every USB cable are in it: f_midi is the far one.
ports:
  ignore: ["Midi Through*", "RtMidi*", "lkjam*", "f_midi*"]
turns:
  turn_bars: 1
  loops: 0
metronome:
  when: always
brain:
  channel: 2
  seed: 7
panel:
  screen: ssd1306
  i2c_port: {i2c}
  buttons: gpio
  gpio_chip: {gpio}
"""
HEADER = "pinctrl-bcm2711"  # what a Pi 4 calls it: found by that where gpiod reaches the pins
LGPIO = "opt/lkjam-box/lib/python3*/site-packages/lgpio.py"


class Gadget:
    """One instrument. Plugged in and out by the port its cable ends in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._home = GADGETS / name
        self._port = f"dummy_udc.{list(INSTRUMENTS).index(name)}"

    def make(self) -> None:
        function = self._home / "functions/midi.usb0"
        for folder in ("strings/0x409", "configs/c.1"):
            (self._home / folder).mkdir(parents=True, exist_ok=True)
        function.mkdir(parents=True, exist_ok=True)
        for path, value in {
            "idVendor": "0x1d6b",
            "idProduct": f"0x01{list(INSTRUMENTS).index(self.name) + 4:02x}",
            "strings/0x409/manufacturer": "LKJam",
            "strings/0x409/product": INSTRUMENTS[self.name],
            "functions/midi.usb0/id": f"far{self.name}",
        }.items():
            (self._home / path).write_text(value)
        link = self._home / "configs/c.1/midi.usb0"
        if not link.exists():
            link.symlink_to(function)

    def plug(self) -> None:
        (self._home / "UDC").write_text(self._port)

    def unplug(self) -> None:
        (self._home / "UDC").write_text("\n")


def make_lines() -> Path:
    """A header of 28 lines with pull-ups; the folder to press and look at them."""
    bank = GPIO / "bank0"
    bank.mkdir(parents=True)
    (bank / "num_lines").write_text(str(PINS))
    (bank / "label").write_text(HEADER)
    (GPIO / "live").write_text("1")
    device, chip = (path.read_text().strip() for path in (GPIO / "dev_name", bank / "chip_name"))
    return Path("/sys/devices/platform") / device / chip


def wait_for_bus(limit_s: float = 30.0) -> int:
    """Number of the I2C bus of the bridge."""
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        for name in Path("/sys/class/i2c-dev").glob("i2c-*/name"):
            if "MCP2221" in name.read_text():
                return int(name.parent.name.removeprefix("i2c-"))
        time.sleep(0.1)
    sys.exit("the I2C bridge did not come up: see stage-oled.service in the console")


def modprobe(*words: str) -> None:
    subprocess.run(["modprobe", *words], check=True)


def main() -> None:
    modprobe("-a", "configfs", "gpio-sim", "libcomposite", "usb_f_midi", "snd-usb-audio", "snd-seq")
    modprobe("dummy_hcd", f"num={len(INSTRUMENTS)}")
    if not Path("/sys/kernel/config/usb_gadget").exists():
        subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=True)
    lines = make_lines()
    for name in INSTRUMENTS:
        gadget = Gadget(name)
        gadget.make()
        gadget.plug()
    i2c = wait_for_bus()
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps({"lines": str(lines), "i2c": i2c}))
    by_number = any(Path("/").glob(LGPIO))  # gpiozero knows a header on real Pis only
    gpio = lines.name.removeprefix("gpiochip") if by_number else -1
    CONFIG.write_text(OPTIONS.format(i2c=i2c, gpio=gpio))


if __name__ == "__main__":
    main()
