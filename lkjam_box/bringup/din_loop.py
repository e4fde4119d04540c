"""A DIN cable from MIDI OUT to MIDI IN: does every byte come back, and how soon?"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Protocol

from .guide import Guide

BYTE_S = 10 / 31250
LATE_S = 0.25
ROUNDS = 4


class Serial(Protocol):
    """A serial port that never blocks."""

    def write(self, data: bytes) -> int: ...

    def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Loop:
    """What came back of what was sent; ``delays_s`` of single bytes, there and back."""

    sent: bytes
    back: bytes
    delays_s: tuple[float, ...]

    @property
    def good(self) -> bool:
        return self.back == self.sent and bool(self.delays_s)

    def verdict(self) -> str:
        """The result in one line: what is wrong, and where to look."""
        if not self.back:
            return (
                "NO  nothing came back. Cable in MIDI OUT and MIDI IN? Then: the optocoupler the "
                "right way round, DIN pins 4 and 5 not swapped at one of the jacks, the serial "
                "console off (firmware/install.sh)"
            )
        if self.good:
            usual = statistics.median(self.delays_s) * 1000
            return f"ok  MIDI OUT and IN: {len(self.sent)} bytes, {usual:.2f} ms a byte out and in"
        alike = sum(a == b for a, b in zip(self.sent, self.back, strict=False))
        if len(self.back) == len(self.sent) and alike < len(self.sent) / 2:
            return (
                "NO  all came back, most of it wrong: another rate than 31250 baud. Take the "
                "overlay midi-uart0 out of config.txt: the box sets the rate itself"
            )
        return (
            f"NO  {len(self.sent)} bytes sent, {len(self.back)} back, {alike} right: weak signal. "
            "Optocoupler and its pull-up (470 ohm), resistors of MIDI OUT, a bad cable"
        )


def patterns() -> bytes:
    """Every byte once, long runs of equal ones, and what the box really sends."""
    plain = bytes(range(256))
    runs = bytes(64) + b"\xff" * 64 + b"\x55\xaa" * 32
    return plain + runs + b"\x90\x3c\x64\xf8\x80\x3c\x00\xf8" * 8


def run(serial: Serial, guide: Guide) -> Loop:
    """Send single bytes, then :func:`patterns`, and read them back. Takes about a second."""
    serial.read()
    delays_s = []
    for byte in (0xF8, 0x55, 0x00, 0xFF) * ROUNDS:
        began_s = guide.now()
        serial.write(bytes((byte,)))
        if not _collect(serial, guide, 1, LATE_S):
            break
        delays_s.append(guide.now() - began_s)
    sent, back = patterns(), b""
    rest = sent
    while rest:
        written = serial.write(rest[:32])
        rest = rest[written:]
        back += _collect(serial, guide, 32, 32 * BYTE_S * 2)
    back += _collect(serial, guide, len(sent) - len(back), LATE_S)
    return Loop(sent, back, tuple(delays_s))


def _collect(serial: Serial, guide: Guide, count: int, patience_s: float) -> bytes:
    """What comes in, until ``count`` bytes are there or ``patience_s`` is over."""
    got, until_s = b"", guide.now() + patience_s
    while len(got) < count and guide.now() < until_s:
        data = serial.read()
        got += data
        if not data:
            guide.rest(BYTE_S / 4)
    return got


def check(serial: Serial, guide: Guide) -> int:
    """0 when every byte came back as it was sent, else 1."""
    guide.say("    plug a MIDI cable from MIDI OUT into MIDI IN of the box itself")
    if not guide.ask("    is it plugged?"):
        guide.say("NO  not tried")
        return 1
    found = run(serial, guide)
    guide.say(found.verdict())
    return 0 if found.good else 1
