"""``lkjam-box bench soak``: hours of set, in virtual time or with the real processes under load."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from ...brain.engines import make_engine
from ...brain.model_runtime import single_thread
from ...config.load import override
from ...config.options import Config
from ...errors import LkjamError
from ...music.library import load_library
from ...play.long_set import WARM_HOURS, Mark, soak
from ...protocol.shared_state import Snapshot
from .box import Box
from .faults import CHANGES
from .footprint import pss_mb
from .world import World

EXAMPLES = {
    "lkjam-box bench soak": "two minutes of real trading under load",
    "lkjam-box bench soak --virtual 12": "twelve hours of set in virtual time",
}
FLAT_MB = 1.0
_SAMPLES, _WARM_S = 60, 20.0
_BARS = " ▁▂▃▄▅▆▇█"
_BURN = "while True: sum(range(100000))"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--virtual", type=float, metavar="HOURS", help="in virtual time")
    parser.add_argument("--minutes", type=float, default=2, metavar="M", help="of real time")
    parser.add_argument("--engine", choices=("markov", "gru"), help="markov in virtual time")
    parser.add_argument("--bpm", type=float, default=120.0, help="of virtual time")
    parser.add_argument("--load", type=int, default=1, metavar="N", help="busy processes beside")


def run(args: argparse.Namespace) -> int:
    if args.virtual is not None:
        return _virtual(args.virtual, args.engine or "markov", args.bpm)
    return _real(args.minutes, args.engine or "gru", args.load)


def chart(values: Sequence[float]) -> str:
    """Values over time as one line of bars, the lowest to the highest."""
    low, high = min(values), max(values)
    step = (high - low) / (len(_BARS) - 2) or 1.0
    return "".join(_BARS[1 + int((value - low) / step)] for value in values)


def _verdict(faults: list[str]) -> int:
    print("FAULT  " + "; ".join(faults) if faults else "met    all flat")
    return 1 if faults else 0


# --- in virtual time


def _virtual(hours: float, engine: str, bpm: float) -> int:
    single_thread()
    config = override(Config(), {"brain.engine": engine, "music.folder": ""})
    library, _ = load_library(config.music)
    make = partial(make_engine, options=config.brain)

    def tell(mark: Mark) -> None:
        if sys.stderr.isatty():
            line = f"\r{mark.hours:5.2f} h  {mark.memory_mb:.2f} MB  {mark.answers} answers "
            print(line, end="", file=sys.stderr, flush=True)

    done = soak(config, library, make, hours=hours, bpm=bpm, progress=tell)
    counts, memory = done.counts, [mark.memory_mb for mark in done.marks]
    print(
        f"\n{hours:g} h of set ({engine}, {bpm:g} BPM) in {done.took_s:.0f} s: beat "
        f"{done.beats:.3f}, {counts['turns']} turns, {counts['answers']} answers, "
        f"{counts['notes']} notes\n"
        f"late answers {counts['late answers']}, lost {counts['lost answers']}, empty "
        f"{counts['empty answers']}, of the fallback {done.fallbacks}; lines off the beat "
        f"{counts['inexact lines']}; notes down after the end {done.sounding}, longest note "
        f"{done.longest_s:.2f} s\n"
        f"memory MB {memory[0]:.1f} -> {memory[-1]:.1f}, "
        f"{done.growth_mb:+.2f} after {WARM_HOURS:g} h {chart(memory)}; "
        f"open files {done.marks[1].files}"
    )
    growth = [f"memory grew by {done.growth_mb:.2f} MB"] if done.growth_mb > FLAT_MB else []
    return _verdict(done.faults + growth)


# --- with real processes


@dataclass(frozen=True, slots=True)
class Sample:
    """The box at one time: memory by process in megabytes (PSS), open files of all, snapshot."""

    time_s: float
    memory_mb: dict[str, float]
    files: int
    shown: Snapshot


def grown_mb(samples: Sequence[Sample], name: str) -> float:
    """How much more memory a process had in the last third than in the second."""
    values = [sample.memory_mb.get(name, 0.0) for sample in samples]
    third = max(len(values) // 3, 1)
    return median(values[-third:]) - median(values[third : 2 * third] or values[-third:])


def _real(minutes: float, engine: str, load: int) -> int:
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(prefix="lkjam-soak-") as name:
        folder = Path(name)
        world = World(folder)
        box = Box(folder, Config(), {**CHANGES, "brain.engine": engine})
        busy = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(load)]
        try:
            box.wait(lambda now: bool(now.keyboard and now.clock and now.engine), "begin")
            world.roll()
            _let_pass(box, world, time.monotonic() + min(_WARM_S, minutes * 20))
            every_s = minutes * 60 / _SAMPLES
            next_s = time.monotonic()
            for number in range(_SAMPLES + 1):
                _let_pass(box, world, next_s + number * every_s)
                samples.append(_sample(box))
                if sys.stderr.isatty():
                    print(f"\r{100 * number // _SAMPLES:3d} %", end="", file=sys.stderr, flush=True)
        finally:
            for one in busy:
                one.kill()
                one.wait()
            world.close()
            box.stop()
    return _report(samples, minutes, engine, load)


def _report(samples: list[Sample], minutes: float, engine: str, load: int) -> int:
    first, last = samples[0].shown, samples[-1].shown
    late = last.measured("lateness")
    answers, on_time = last.answers - first.answers, last.answers_on_time - first.answers_on_time
    print(f"\n{minutes:g} min of set ({engine}), {load} busy processes beside")
    print(
        f"answers {answers}, late {answers - on_time}, of the fallback "
        f"{last.fallbacks - first.fallbacks}; records dropped {last.dropped}, "
        f"unrecorded {last.unrecorded}"
    )
    quantiles = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99.9"))
    shown = ", ".join(f"{text} {late.quantile_us(share):.0f}" for share, text in quantiles)
    print(f"lateness us {shown}, max {late.max_us:.0f}")
    faults = []
    for name in sorted(samples[-1].memory_mb):
        values = [sample.memory_mb.get(name, 0.0) for sample in samples]
        grown = grown_mb(samples, name)
        print(f"{name:<8} MB {values[0]:>6.1f} -> {values[-1]:>6.1f} {grown:+.2f} {chart(values)}")
        faults += [f"{name} grew by {grown:.2f} MB"] if grown > FLAT_MB else []
    files = [sample.files for sample in samples]
    print(f"open files {min(files)} to {max(files)}")
    steady = files[len(files) // 3 :]
    faults += [f"open files grew to {steady[-1]}"] if steady[-1] > max(steady[:3]) else []
    faults += [f"{last.dropped} records dropped"] if last.dropped else []
    faults += [] if answers else ["no answers"]
    return _verdict(faults)


def _let_pass(box: Box, world: World, until_s: float) -> None:
    while time.monotonic() < until_s:
        box.tend()
        del world.heard[:-1000]
        time.sleep(0.2)


def _sample(box: Box) -> Sample:
    shown = box.snapshot()
    if shown is None:
        raise LkjamError("the box shows nothing")
    pid = box.process.pid
    memory = pss_mb(pid)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    files = 0
    for one in (str(pid), *children):
        try:
            files += len(os.listdir(f"/proc/{one}/fd"))
        except OSError:  # it ended just now
            continue
    return Sample(time.monotonic(), memory, files, shown)
