"""What checks stand on: the instruments, the header, and what they found."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import box
from cables import Cable, Drums, Synth
from devices import FOUND, INSTRUMENTS, Gadget

from lkjam_box.midi.messages import note_off, note_on

BPM = 140.0
BEATS, TICKS = 4, 24  # of a bar, of a beat
HUMAN, BOX, CLICK = 0, 1, 9  # channels
RESULTS = Path("/results")


@dataclass
class Found:
    """What a check measured and what was wrong."""

    figures: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def expect(self, good: object, otherwise: str) -> None:
        if not good:
            self.wrong.append(otherwise)


class Stage:
    """Everything on it. ``plan`` is what the host asked for."""

    def __init__(self, plan: dict[str, object]) -> None:
        self.plan = plan
        self.pids: dict[str, int] = {}  # of the box, as they were before a fault
        self.drums = Drums()  # forks: first
        self.synth = Synth()
        self.keys = Cable("keys")
        self.gadgets = {name: Gadget(name) for name in INSTRUMENTS}
        found = json.loads(FOUND.read_text())
        self._lines = Path(found["lines"])
        self.gpio_chip = int(self._lines.name.removeprefix("gpiochip"))

    def press(self, pin: int, down: bool) -> None:
        """A button to ground, on a pin with a pull-up."""
        pull = "pull-down" if down else "pull-up"
        (self._lines / f"sim_gpio{pin}/pull").write_text(pull)

    def lit(self, pin: int) -> bool:
        return (self._lines / f"sim_gpio{pin}/value").read_text().strip() == "1"

    def play(self, pitch: int, velocity: int = 90) -> None:
        self.keys.send(note_on(HUMAN, pitch, velocity))

    def release(self, pitch: int) -> None:
        self.keys.send(note_off(HUMAN, pitch))

    def sleep_until(self, tick: int) -> None:
        while (left_s := self.drums.time_of(tick) - time.monotonic()) > 0:
            time.sleep(min(left_s, 0.05))

    def run(self, bpm: float = BPM) -> None:
        """The clock runs, and the box has it."""
        self.drums.start(bpm)
        box.wait("the drum machine", lambda: self.drums.count > 2, 5.0)

    def rest(self) -> None:
        """Between checks: no clock, nothing held, the box there."""
        self.drums.stop()
        box.wait("the box", box.plays)


def line(loop: int) -> int:
    """Tick of the line where ``loop`` begins: a bar each, one counted in."""
    return BEATS * TICKS * (1 + loop)


def spread_ms(seconds: list[float]) -> dict[str, float]:
    """p50, p99 and max, in ms."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    names = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    place = {n: ordered[min(int(s * len(ordered)), len(ordered) - 1)] for n, s in names.items()}
    return {f"{name}_ms": round(value * 1000, 2) for name, value in place.items()}
