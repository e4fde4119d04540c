"""``lkjam-box bench footprint``: memory of all processes of the service, and how soon it plays.

PSS divides shared memory among the processes that share it, so its sum is what the service
takes of the machine. It is read after some traded loops. For the start, a new box is sent
notes from the first moment on; the time is that until the first note comes out.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from ...config.options import Config
from ...errors import LkjamError
from ...midi.messages import NOTE_ON, Message, note_off, note_on
from ...ports.port import messages_to
from ...ports.virtual_ports import VirtualKind
from ...protocol.runtime_folder import ports_folder
from ...service.process import running
from .box import START_LIMIT_S, Box
from .lateness import Take
from .virtual_band import DRUMS, KEYS, SYNTH, VirtualBand

EXAMPLES = {
    "lkjam-box bench footprint": "memory after 20 s of trading, five starts",
    "lkjam-box bench footprint --starts 0": "memory only",
}
PSS_GOAL_MB, START_GOAL_S = 150.0, 1.5
_KNOCK_S = 0.005


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--starts", type=int, default=5, metavar="N")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="of trading")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    memory = traded_memory_mb(args.seconds)
    starts_s = [start_s() for _ in range(args.starts)]
    whole = sum(memory.values())
    row: dict[str, Any] = {"pss_mb": memory, "all_mb": round(whole, 1), "starts_s": starts_s}
    if args.json:
        print(json.dumps(row, indent=1))
        return 0
    print("MB    " + "  ".join(f"{name} {mb:.1f}" for name, mb in memory.items()))
    _print_goal("memory of all processes (PSS), MB", whole, PSS_GOAL_MB)
    if starts_s:
        print("s     " + "  ".join(f"{took_s:.2f}" for took_s in starts_s))
        _print_goal("start to first note through, s", median(starts_s), START_GOAL_S)
    return 0


def _print_goal(what: str, seen: float, limit: float) -> None:
    print(f"{'met' if seen <= limit else 'MISSED':<7}{what}: {seen:.2f} (limit {limit:g})")


def traded_memory_mb(seconds: float) -> dict[str, float]:
    """PSS by process, after ``seconds`` of trading with the screen drawn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-bench-")))
        take = Take(folder, stack, seconds, 200.0, "virtual", False)
        take.play(0)
        return pss_mb(take.box.process.pid)


def pss_mb(pid: int) -> dict[str, float]:
    """PSS of a process and its descendants, by process name, in megabytes of 10^6 bytes."""
    found: dict[str, float] = {}
    names = {process_pid: name for name, process_pid in running(pid).items()}
    for one in (pid, *_descendants(pid)):
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        kb = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        name = names.get(one, "main" if one == pid else "fork server")
        name = name if name not in found else f"{name} {one}"
        found[name] = round(int(kb[1]) * 1024 / 1e6, 1) if kb else 0.0
    return found


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [one for child in map(int, children) for one in (child, *_descendants(child))]


def start_s() -> float:
    """Seconds from before the process is made until the first note came out of the box."""
    came: list[float] = []

    def hear(time_s: float, message: Message) -> None:
        if message.kind == NOTE_ON:
            came.append(time_s)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-bench-")))
        kind = VirtualKind(ports_folder(folder))
        kind.folder.mkdir(parents=True)
        keys, drums = kind.create_output(KEYS), kind.create_output(DRUMS)
        synth = kind.create_input(SYNTH, messages_to(hear))
        for port in (keys, drums, synth):
            stack.enter_context(port)
        box = Box(folder, Config(), dict(VirtualBand.wiring()))
        stack.callback(box.stop)
        while not came:
            if time.monotonic() - box.began_s > START_LIMIT_S:
                raise LkjamError("no note came through the box")
            keys.send(note_on(0, 60, 80))
            keys.send(note_off(0, 60))
            time.sleep(_KNOCK_S)
            synth.drain()
            box.tend()
        return round(came[0] - box.began_s, 3)
