"""Pins and the MIDI wire, as the emulated Pi has them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import time

PYTHON = "/opt/lkjam-box/bin/python"
PORT = "/dev/ttyAMA0"
TCGETS2, TCSETS2 = 0x802C542A, 0x402C542B  # asm-generic/ioctls.h, struct termios2 of 44 bytes
BOTHER, CS8, CREAD, CLOCAL, CBAUD = 0o010000, 0o60, 0o200, 0o4000, 0o010017
BAUD = 31250
LAYOUT = "4IB19B2I"
HELLO = bytes((0x90, 60, 64))
WAIT_S = 20.0

PINS = """
import json, lgpio, tomllib
pins = tomllib.load(open("/usr/lib/lkjam-box/proof/pinmap.toml", "rb"))["pins"]
chip = lgpio.gpiochip_open(0)
found = {}
for name, pin in pins.items():
    if pin["use"] in ("button", "foot", "encoder", "light"):
        info = lgpio.gpio_get_line_info(chip, pin["bcm"])
        held = info[4] if info[2] & 1 else ""
        if not held:
            up = pin.get("pull") == "up"
            try:
                if up:
                    lgpio.gpio_claim_input(chip, pin["bcm"], lgpio.SET_PULL_UP)
                else:
                    lgpio.gpio_claim_output(chip, pin["bcm"], 0)
                held = "free"
            except lgpio.error as error:
                held = f"refused: {error}"
        found[name] = held
print(json.dumps(found))
"""


def pins() -> dict[str, str]:
    """Who holds each line of the pin map; a free one was claimed for a moment."""
    import json

    done = subprocess.run(  # lgpio makes a pipe where it runs
        [PYTHON, "-c", PINS], capture_output=True, text=True, timeout=60, cwd="/run"
    )
    if done.returncode:
        return {"error": done.stderr.strip()[-300:]}
    found: dict[str, str] = json.loads(done.stdout)
    return found


def midi() -> dict[str, object]:
    """The serial port at 31250 baud, without a clock trick, and bytes through it."""
    holder = subprocess.run(
        ["sh", "-c", f"ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c {PORT}"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    wire = os.open(PORT, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        was = struct.unpack(LAYOUT, fcntl.ioctl(wire, TCGETS2, bytes(44)))
        flags = (was[2] & ~CBAUD) | BOTHER | CS8 | CREAD | CLOCAL
        raw = struct.pack(LAYOUT, 0, 0, flags, 0, was[4], *bytes(19), BAUD, BAUD)
        fcntl.ioctl(wire, TCSETS2, raw)
        now = struct.unpack(LAYOUT, fcntl.ioctl(wire, TCGETS2, bytes(44)))
        heard, until_s = b"", time.monotonic() + WAIT_S
        while time.monotonic() < until_s and HELLO not in heard:
            os.write(wire, HELLO)  # again: the box reads the same wire, and may be quicker
            with contextlib.suppress(BlockingIOError):
                while HELLO not in heard and select.select([wire], [], [], 1.0)[0]:
                    heard += os.read(wire, 64)
    finally:
        os.close(wire)
    return {"held_by_others": holder, "baud": [now[-2], now[-1]], "heard": heard.hex()}
