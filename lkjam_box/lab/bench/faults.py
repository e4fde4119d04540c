"""``lkjam-box bench faults``: kills and stops real processes in the middle of a note."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...config.options import Config
from ...errors import LkjamError
from ...protocol.shared_state import Mode
from ...service.process import running
from ...service.stage_progress import QUIET_S
from .box import Box
from .world import BOX, LOOP_S, PLAYER, World

EXAMPLES = {
    "lkjam-box bench faults": "every fault, 20 times, to real processes",
    'lkjam-box bench faults --only "brain killed" --tries 3': "one fault, three times",
    "lkjam-box bench faults --virtual 1000": "in virtual time, 1000 of each",
}
CHANGES: dict[str, object] = {
    "ports.kind": "virtual",
    "turns.turn_bars": 1,
    "turns.preroll_bars": 0,
    "turns.loops": 0,
    "brain.engine": "markov",
}
SOUNDS_S = 0.02  # a note may sound on for so long after a fault
LOOK_S = 0.1  # and the supervisor take so long to notice that a stage hangs
STEADY_S = 5.5  # between two faults: the supervisor delays restarts that come sooner
PATIENCE_S = 30.0
SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    process: str
    signal: int

    @property
    def silences(self) -> bool:
        """Whether sounding notes must be ended at once; else the player's key ends them."""
        return self.process in ("stage", SUPERVISOR)

    @property
    def within_s(self) -> float:
        hangs = self.silences and self.signal == signal.SIGSTOP
        return SOUNDS_S + (QUIET_S + LOOK_S if hangs else 0.0)


FAULTS = (
    Fault("nothing", "brain", 0),  # for comparison: the box also chooses to be silent
    Fault("stage killed", "stage", signal.SIGKILL),
    Fault("stage stopped", "stage", signal.SIGSTOP),
    Fault("brain killed", "brain", signal.SIGKILL),
    Fault("brain stopped", "brain", signal.SIGSTOP),
    Fault("panel killed", "panel", signal.SIGKILL),
    Fault("recorder killed", "recorder", signal.SIGKILL),
    Fault("supervisor killed", SUPERVISOR, signal.SIGKILL),
    Fault("box told to end", SUPERVISOR, signal.SIGTERM),
)


@dataclass(slots=True)
class Row:
    """Results of all tries of one fault; times in seconds."""

    fault: str
    within_ms: float
    tries: int = 0
    sounding: int = 0  # tries in which a note sounded on for longer
    lost: list[int] = field(default_factory=list)  # turns without a note of the box's
    silent_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)


class Trial:
    """A running box, the instruments round it, and one fault after the other."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        changes: Mapping[str, object] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._folder, self._config = folder, config
        self._changes, self._environ = {**CHANGES, **(changes or {})}, environ
        self.world, self.box = World(folder), self._new_box()
        self._roll()

    def processes(self) -> dict[str, int]:
        """Pids by name."""
        supervisor = self.box.process.pid
        return {SUPERVISOR: supervisor, **running(supervisor)}

    def run(self, fault: Fault, number: int, row: Row) -> None:
        world = self.world
        self.until(self.trades, "trade")
        channel = BOX if fault.silences and number % 2 else PLAYER
        time.sleep(LOOP_S * (number % 7) / 7)
        self.until(lambda: any(c == channel for c, _ in world.held()), "sound")
        time.sleep(0.02 * (number % 5) / 5)
        processes = self.processes()
        at_s = time.monotonic()
        os.kill(processes[fault.process], fault.signal)
        if fault.process == SUPERVISOR:
            self.box.process.wait(10)
            time.sleep(0.2)
            self.box.stop()
        if fault.signal == signal.SIGTERM:  # a box told to end resumes no set: a new one begins
            self._count(row, fault, world, at_s)
            world.close()
            self.world, self.box = World(self._folder), self._new_box()
            self._roll()
            row.back_s.append(time.monotonic() - at_s)
            return
        if fault.process == SUPERVISOR:
            self.box = self._new_box()  # as systemd does
        gone = processes[fault.process] if fault.signal else 0
        self.until(lambda: self.processes().get(fault.process, 0) not in (0, gone), "mend")
        self.until(lambda: self.trades(not_by=processes["stage"] if fault.silences else 0), "go on")
        back_s = time.monotonic()
        row.back_s.append(back_s - at_s)
        first = world.loop_at(at_s)
        last = max(world.loop_at(back_s), first) + 2
        self.until(lambda: world.loop_at(time.monotonic()) > last, "play")
        row.lost.append(world.unanswered(first, last))
        self._count(row, fault, world, at_s)
        if fault.signal:
            time.sleep(max(STEADY_S - (time.monotonic() - back_s), 0.0))

    def _count(self, row: Row, fault: Fault, world: World, at_s: float) -> None:
        """Add to ``row`` how long notes sounded after the fault, or after the player's note-off."""
        from_s = at_s if fault.silences else min(t for t in world.let_go_s if t > at_s) - 0.0005
        row.silent_s.append(world.silent_s(from_s, from_s + 3.0) - from_s)
        row.sounding += row.silent_s[-1] > fault.within_s
        row.tries += 1

    def close(self) -> None:
        self.box.stop()
        self.world.close()

    def _roll(self) -> None:
        self.box.wait(lambda now: bool(now.keyboard and now.clock and now.engine), "begin")
        self.world.roll()

    def _new_box(self) -> Box:
        return Box(self._folder, self._config, self._changes, environ=self._environ)

    def trades(self, not_by: int = 0) -> bool:
        now = self.box.snapshot()
        if now is None or now.pid == not_by or time.monotonic() - now.time_s > 0.2:
            return False
        return now.mode == Mode.TRADING and bool(now.engine)

    def until(self, ready: Callable[[], bool], what: str) -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not ready():
            self.box.tend()
            if time.monotonic() > until_s:
                raise LkjamError(f"the box did not {what}")
            time.sleep(0.005)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tries", type=int, default=20, metavar="N", help="of each fault")
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="faults with this in their name"
    )
    parser.add_argument(
        "--virtual", type=int, default=0, metavar="N", help="in virtual time, N of each, instead"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here, too")


def _virtual(tries: int, only: list[str] | None) -> int:
    from . import faults_virtual

    print("fault              tries  notes sounding on  turns lost by one, most  after it was back")
    sounds = lost = 0
    for name in faults_virtual.NAMES:
        if not only or any(text in name for text in only):
            done, sounding, most, later = faults_virtual.run(name, tries)
            print(f"{name:<18} {done:>5} {sounding:>18} {most:>24} {later:>18}", flush=True)
            sounds, lost = sounds + sounding, lost + later
    return 1 if sounds or lost else 0


def run(args: argparse.Namespace) -> int:
    if args.virtual:
        return _virtual(args.virtual, args.only)
    rows = []
    with tempfile.TemporaryDirectory(prefix="lkjam-faults-") as name:
        trial = Trial(Path(name), Config())
        try:
            for fault in FAULTS:
                if args.only and not any(text in fault.name for text in args.only):
                    continue
                if fault.process not in trial.processes():
                    print(f"{fault.name}: there is none", file=sys.stderr)
                    continue
                row = Row(fault.name, 1000 * fault.within_s)
                for number in range(args.tries):
                    trial.run(fault, number, row)
                rows.append(row)
                print(line(row) if len(rows) > 1 else f"{HEAD}\n{line(row)}", flush=True)
        finally:
            trial.close()
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    return 1 if any(row.sounding for row in rows) else 0


HEAD = (
    "fault              tries  sounding on  silent after ms p50/max (allowed)"
    "  turns silent (most)  back after s p50/max"
)


def line(row: Row) -> str:
    """A row of the table."""
    silent, back = sorted(row.silent_s), sorted(row.back_s)
    half = row.tries // 2
    lost = f"{sum(row.lost)} ({max(row.lost)})" if row.lost else "-"
    return (
        f"{row.fault:<18} {row.tries:>5} {row.sounding:>12}"
        f"  {1000 * silent[half]:>12.1f} / {1000 * silent[-1]:<8.1f} ({row.within_ms:.0f})"
        f"{lost:>20} {back[half]:>14.2f} / {back[-1]:.2f}"
    )
