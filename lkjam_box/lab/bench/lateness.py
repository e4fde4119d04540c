"""``lkjam-box bench lateness``: how late notes are on the wire, beside cyclictest.

The real service trades with a simulated player, locked to a simulated drum machine, its screen
drawn thirty times a second, beside a load. Two measures of the same playing:

* clicks: the box clicks on every beat, and a listener stamps clicks and ticks; lateness is
  the click's time minus that of its beat's tick. The box takes no part in this, and errors
  of its clock count; a click is made, timed and sent as a note is. The very first is reported
  apart: before its tick comes the box cannot know that it is due.
* answers: the box's own histogram of its notes, from the time planned to the time sent: only
  the box knows where an answer's notes were meant to fall.

cyclictest runs at the same time: the lateness of a C program of higher priority here.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from ...midi.messages import NOTE_ON, START, STOP, TICK, note_off, note_on, real_time
from ...play.performer import Timed
from ...play.plan import Plan, make_plan
from ...protocol.records import EngineId
from ...protocol.shared_state import Snapshot
from ...turns.grid import Grid, Tune, seats_of
from .box import Box
from .virtual_band import Score, VirtualBand
from .yardstick import Cyclictest, Load, Spread

EXAMPLES = {
    "lkjam-box bench lateness": "50 s of playing, every core busy",
    "lkjam-box bench lateness --seconds 300 --load 0": "longer, nothing else running",
}
REST_BEATS = 0.75  # the call ends so long before the line: time to think is not measured here
TIMES_P99, TIMES_P999, TIMES_MAX = 2.0, 3.0, 10.0
_CLICK_CHANNEL = 9


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=50, metavar="S", help="of playing")
    parser.add_argument("--bpm", type=float, default=250, help="more beats, more clicks")
    parser.add_argument("--load", type=int, default=os.cpu_count() or 1, metavar="CORES")
    parser.add_argument("--ports", choices=("virtual", "alsa"), default="virtual")
    parser.add_argument(
        "--one-process", action="store_true", help="also with stage, brain and screen in one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON there, too")


def run(args: argparse.Namespace) -> int:
    arrangements = ("processes", "one process") if args.one_process else ("processes",)
    rows = [measure(name, args.seconds, args.bpm, args.load, args.ports) for name in arrangements]
    if args.out:
        args.out.write_text(json.dumps(rows, indent=1) + "\n")
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"us; {args.ports} ports, {args.bpm:g} BPM, load: {rows[0]['load']}")
    print(f"{'':<12}{'':<11}{'n':>7}{'p50':>9}{'p99':>9}{'p99.9':>9}{'max':>9}   over cyclictest's")
    for row in rows:
        base = row["cyclictest"]
        for what in ("clicks", "answers", "cyclictest"):
            found = row[what]
            if found is None:
                print(f"{row['arrangement']:<12}{what:<11}  not measured")
                continue
            ratio = ""
            if base and what != "cyclictest":
                ratio = "  ".join(
                    f"{name} x{found[key] / max(base[key], 1.0):.1f}"
                    for name, key in (("p99", "p99_us"), ("p99.9", "p999_us"), ("max", "max_us"))
                )
            figures = "".join(
                f"{found[key]:>9.0f}" for key in ("p50_us", "p99_us", "p999_us", "max_us")
            )
            print(f"{row['arrangement']:<12}{what:<11}{found['n']:>7}{figures}   {ratio}")
    for row in rows:
        print(
            f"{row['arrangement']}: first click {row['first_us']:.0f} us, earliest "
            f"{row['earliest_us']:.0f} us; {row['answered']} answers of {row['engine']}, "
            f"{row['on_time']} on time, {row['fallbacks']} of the fallback; {row['realtime']}"
        )
    return 0


def measure(arrangement: str, seconds: float, bpm: float, load: int, ports: str) -> dict[str, Any]:
    """Figures of one take. Raises LkjamError when the box does not start."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-bench-")))
        take = Take(folder, stack, seconds, bpm, ports, arrangement == "one process")
        return {"arrangement": arrangement, **take.play(load)}


class Take:
    """A box and a band that plays to it; call ``play`` once."""

    def __init__(
        self,
        folder: Path,
        stack: ExitStack,
        seconds: float,
        bpm: float,
        ports: str,
        one_process: bool,
    ) -> None:
        self._stack, self._bpm = stack, bpm
        band: Any
        if ports == "virtual":
            band = VirtualBand(folder)
        else:
            from .alsa_band import AlsaBand

            band = AlsaBand()
        self._band = band
        stack.callback(band.close)
        loops = max(round(seconds * bpm / 60 / 8), 2)
        self._plan = make_plan(bpm=bpm, loops=loops, changes={"turns.turn_bars": 2})
        turns, tune = self._plan.config.turns, self._plan.progression
        preroll = turns.preroll_bars * tune.metre.bar_beats
        self._grid = Grid(Tune(tune), seats_of(turns.line_up), 2, preroll, 0, preroll)
        self._end = self._grid.line_of(loops)
        changes = {**band.ports, "metronome.when": "always"}
        module = "lkjam_box.lab.bench.one_process" if one_process else ""
        self.box = Box(folder, self._plan.config, changes, module)
        stack.callback(self.box.stop)

    def play(self, load: int) -> dict[str, Any]:
        """Trade; returns the figures, times in microseconds."""
        self.box.wait_for_ports()
        clock, keys = self._scores(self._plan)
        length_s = self._end * 60 / self._bpm
        beside = Load(load)
        self._stack.callback(beside.stop)
        cyclic = None
        try:
            cyclic = Cyclictest(length_s)
            self._stack.callback(cyclic.stop)
        except FileNotFoundError:
            pass
        self._band.play(clock, keys)
        until_s = time.monotonic() + length_s + 2.5
        snapshot = Snapshot()
        while time.monotonic() < until_s:
            self._band.listen()
            self.box.tend()
            snapshot = self.box.snapshot() or snapshot
            time.sleep(0.02)
        first_us, *late_us = self._clicks_us()
        answers = snapshot.measured("lateness")
        p50, p99, p999 = (answers.quantile_us(share) for share in (0.5, 0.99, 0.999))
        spread = cyclic.spread() if cyclic else None
        return {
            "clicks": asdict(Spread.of([max(us, 0.0) for us in late_us])),
            "first_us": round(first_us, 1),
            "earliest_us": round(min(late_us), 1),
            "answers": asdict(Spread(answers.total, p50, p99, p999, answers.max_us)),
            "cyclictest": asdict(spread) if spread else None,
            "load": beside.name,
            "realtime": f"FIFO {snapshot.realtime}"
            if snapshot.realtime
            else "no realtime priority",
            "engine": EngineId(snapshot.engine).name.lower(),
            "fallbacks": snapshot.fallbacks,
            "answered": snapshot.answers,
            "on_time": snapshot.answers_on_time,
        }

    # --- inside

    def _clicks_us(self) -> list[float]:
        """Microseconds from each beat to its click. The jitter of ticks does not count: a beat's
        time is that of its tick in the score plus the median lateness of all ticks."""
        ticks_s, step_s = self._band.ticks_s, 60 / self._bpm / 24
        off_s = median(time_s - number * step_s for number, time_s in enumerate(ticks_s))
        found = []
        for time_s, message in self._band.heard:
            if (message.kind, message.channel) == (NOTE_ON, _CLICK_CHANNEL):
                beat = round((time_s - off_s) / (24 * step_s))
                found.append(1e6 * (time_s - off_s - beat * 24 * step_s))
        return found

    def _scores(self, plan: Plan) -> tuple[Score, Score]:
        step_s = 60 / self._bpm
        clock = [(-0.05, real_time(START))]
        clock += [(tick / 24 * step_s, real_time(TICK)) for tick in range(ceil(self._end * 24) + 1)]
        clock.append((self._end * step_s + 0.03, real_time(STOP)))
        keys: list[Timed] = []
        line = self._grid.start_beats
        for note in plan.calls:
            begin, end = note.onset_beats + line, note.end_beats + line
            if (note.onset_beats % 8) < 8 - REST_BEATS and end < self._end:
                keys.append((begin * step_s, note_on(0, note.pitch, note.velocity)))
                keys.append((end * step_s, note_off(0, note.pitch)))
        return clock, keys
