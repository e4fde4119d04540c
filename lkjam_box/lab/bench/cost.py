"""``lkjam-box bench cost``: what every event costs, in instructions where they can be counted.

Where the machine's clocks count instructions, as in the emulated one that ``make cost`` starts,
a nanosecond is one, and the table says what that is on a Raspberry Pi, by assumptions it names.
Anywhere else it is processor time of the machine at hand. The real service is counted where there
is an ALSA sequencer; single events anywhere.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

import msgspec

from ...errors import FileError, LkjamError
from ...machine.realtime import quiet_gc
from .cost_figures import INSTRUCTIONS, NANOSECONDS, Figure, Found
from .cost_table import Committed, markdown, text

EXAMPLES = {
    "lkjam-box bench cost": "here, in processor time; make cost counts instructions",
    "lkjam-box bench cost --from docs/cost.json": "the table of figures found before",
}
CLOCK = "LKJAM_CLOCK"
"""Set to "instructions" where a nanosecond of every clock is one."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=6, metavar="S", help="of each idleness")
    parser.add_argument("--pairs", type=int, default=1, metavar="N", help="turns of both, traded")
    parser.add_argument("--events-only", action="store_true", help="not the service")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--markdown", action="store_true", help="print the tables of the docs")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON there, too")
    parser.add_argument(
        "--from", type=Path, metavar="FILE", dest="found", help="count nothing, take these figures"
    )
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="1 where an event costs 10 %% more than there"
    )


def run(args: argparse.Namespace) -> int:
    found = read(args.found) if args.found else measure(args.seconds, args.pairs, args.events_only)
    if args.out:
        args.out.write_bytes(encode(found))
    if args.json:
        sys.stdout.write(encode(found).decode())
    else:
        sys.stdout.write((markdown if args.markdown else text)(found))
    dearer = committed(args.against).dearer(found) if args.against else []
    for line in dearer:
        print(f"DEARER  {line}")
    return 1 if dearer else 0


def measure(seconds: float, pairs: int, events_only: bool) -> Found:
    """Count everything that can be counted here."""
    from .cost_clock import Stopwatch
    from .cost_events import count_events
    from .cost_service import count_service

    counts = INSTRUCTIONS if os.environ.get(CLOCK) == INSTRUCTIONS else NANOSECONDS
    system = platform.uname()
    machine = f"{system.machine}, Python {platform.python_version()}, Linux {system.release}"
    figures: dict[str, Figure] = {}
    if not events_only:
        try:
            figures = count_service(seconds, pairs, thru=True)
        except LkjamError as error:
            print(f"the service is not counted: {error}", file=sys.stderr)
    quiet_gc()
    figures |= count_events(Stopwatch())
    return Found(counts, machine, {name: figures[name] for name in sorted(figures)})


def encode(value: Found | Committed) -> bytes:
    """As a file that a person can read and git can compare."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def read(path: Path) -> Found:
    """A run's figures, or those of a file of committed ones. Raises FileError."""
    data = _bytes(path)
    try:
        return msgspec.json.decode(data, type=Found)
    except msgspec.DecodeError:
        return committed(path).found


def committed(path: Path) -> Committed:
    """What may be spent. Raises FileError."""
    try:
        return msgspec.json.decode(_bytes(path), type=Committed)
    except msgspec.DecodeError as error:
        raise FileError(str(error), file=path) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(error.strerror or str(error), file=path) from error
