"""``lkjam-box bench thru``: from the keyboard through the box to the synth.

Notes go by turns over two ways on the same kind of ports: directly from sender to receiver,
and through the box, which follows a drum machine meanwhile. Both times are from before the
send until the receiver has the note. On the direct way it need not be woken for that: the
box is compared with the least time possible.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...config.load import override
from ...config.options import Config
from ...errors import LkjamError
from ...machine import realtime
from ...midi.messages import NOTE_ON, START, TICK, Message, note_off, note_on, real_time
from ...play.performer import PRIORITY
from ...ports.port import messages_to
from ...ports.virtual_ports import VirtualInput, VirtualKind, VirtualOutput
from ...protocol.runtime_folder import ports_folder
from .box import Box
from .virtual_band import DRUMS, KEYS, SYNTH, VirtualBand
from .yardstick import Load, Spread

EXAMPLES = {
    "lkjam-box bench thru": "1000 notes each way",
    "lkjam-box bench thru --notes 200 --load 2": "fewer, two cores busy",
}
P50_GOAL_MS, P99_GOAL_MS = 0.3, 1.0
_LOST_S = 0.25
_BPM = 120.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--notes", type=int, default=1000, metavar="N", help="each way")
    parser.add_argument("--load", type=int, default=0, metavar="CORES", help="kept busy meanwhile")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    row = measure(args.notes, args.load)
    if args.json:
        print(json.dumps(row, indent=1))
        return 0
    print(f"us{'':<10}{'n':>7}{'p50':>9}{'p99':>9}{'p99.9':>9}{'max':>9}   lost")
    for way in ("bare", "box"):
        found = row[way]
        figures = "".join(f"{found[k]:>9.0f}" for k in ("p50_us", "p99_us", "p999_us", "max_us"))
        print(f"{way:<12}{found['n']:>7}{figures}   {row['lost'][way]}")
    for name, limit_ms in (("p50", P50_GOAL_MS), ("p99", P99_GOAL_MS)):
        above_ms = row["above_ms"][name]
        word = "met" if above_ms <= limit_ms else "MISSED"
        print(f"{word:<7}{name} above the bare ports: {above_ms:.3f} ms (limit {limit_ms} ms)")
    return 0


class Way:
    """A way from an output to an input; ``strike`` sends a note and waits for it."""

    def __init__(self, out: VirtualOutput, into: VirtualInput, came: list[float]) -> None:
        self._out, self._into, self._came = out, into, came
        self.times_us: list[float] = []
        self.lost = 0

    def strike(self, pitch: int) -> None:
        self._into.drain()
        self._came.clear()
        began_s = time.monotonic()
        self._out.send(note_on(0, pitch, 80))
        while not self._came and time.monotonic() - began_s < _LOST_S:
            select.select((self._into,), (), (), _LOST_S)
            self._into.drain()
        if self._came:
            self.times_us.append(1e6 * (self._came[0] - began_s))
        else:
            self.lost += 1
        self._out.send(note_off(0, pitch))


def measure(notes: int, load: int = 0, seed: int = 1) -> dict[str, Any]:
    """Times in microseconds. Raises LkjamError when the box does not start."""
    dice = random.Random(seed)
    with ExitStack() as stack:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        realtime.timer_slack()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-bench-")))
        kind = VirtualKind(ports_folder(folder))
        kind.folder.mkdir(parents=True)
        bare, box = _way(kind, stack, "Bare"), _way(kind, stack, "")
        drums = stack.enter_context(kind.create_output(DRUMS))
        changes: dict[str, object] = {**VirtualBand.wiring(), "turns.line_up": ("human",)}
        service = Box(folder, override(Config(), {}), changes)
        stack.callback(service.stop)
        service.wait_for_ports()
        beside = Load(load)
        stack.callback(beside.stop)
        realtime.fifo(PRIORITY)  # we are the synth here, and its processor does nothing else
        stack.callback(os.sched_setscheduler, 0, *before)
        drums.send(real_time(START))
        tick_s = time.monotonic()
        for number in range(notes + 10):
            for way in dice.sample((bare, box), 2):
                way.strike(dice.randrange(48, 84))
                rest_s = time.monotonic() + dice.uniform(0.004, 0.016)
                while (now := time.monotonic()) < rest_s:
                    if now >= tick_s:
                        drums.send(real_time(TICK))
                        tick_s += 60 / _BPM / 24
                    time.sleep(max(min(rest_s, tick_s) - time.monotonic(), 0.0))
            if number == 9:  # the first ones warm up
                bare.times_us.clear()
                box.times_us.clear()
            service.tend()
        if not box.times_us:
            raise LkjamError("no note came through the box")
        spreads = {"bare": Spread.of(bare.times_us), "box": Spread.of(box.times_us)}
        above = {
            name: round((getattr(spreads["box"], key) - getattr(spreads["bare"], key)) / 1000, 3)
            for name, key in (("p50", "p50_us"), ("p99", "p99_us"))
        }
        return {
            **{name: asdict(spread) for name, spread in spreads.items()},
            "above_ms": above,
            "lost": {"bare": bare.lost, "box": box.lost},
            "load": beside.name,
        }


def _way(kind: VirtualKind, stack: ExitStack, bare: str) -> Way:
    came: list[float] = []

    def hear(_time_s: float, message: Message) -> None:
        if message.kind == NOTE_ON:
            came.append(time.monotonic())

    out = kind.create_output(bare or KEYS)
    receive = messages_to(hear)
    into = kind.open_input(bare, receive) if bare else kind.create_input(SYNTH, receive)
    stack.enter_context(out)
    stack.enter_context(into)
    return Way(out, into, came)
