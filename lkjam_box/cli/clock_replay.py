"""``lkjam-box clock-replay``: what the clock follower knew at every tick of a recorded clock."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from ..errors import FileError
from ..lab.bench.replay import Moved, TickSeen, read_trace, replay
from ..midi.messages import TICKS_PER_BEAT

EXAMPLES = {
    "lkjam-box clock-replay clock.csv": (
        "transport, tempo, and how near the next beat was foretold"
    ),
    "lkjam-box clock-replay clock.csv --json": "every tick, for a program",
}

_EPILOG = """\
TRACE.csv has lines time_s,hex (12.345678,f8), one MIDI message each; blank
lines, comments (#) and a header are skipped; times must not fall.
`lkjam-box monitor --clock-csv` records one. With --json there is one entry for
every F8:
  time_s            when it came
  tick              song position: 0 for the first F8 after Start, 6n after Song
                    Position n and Continue. While stopped it stays. Before the
                    first Start, Continue, Stop or Song Position, ticks are
                    counted from the first F8.
  predicted_beat_s  when the tick 24 later falls, as known now (120 BPM until
                    two ticks came)
  bpm               tempo, as known now
  state             waiting, locking, locked, freewheel, no_clock or stopped
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument("trace", metavar="TRACE.csv", help="recorded clock")
    parser.add_argument("--json", action="store_true", help="print every tick as JSON")
    parser.add_argument(
        "--freewheel-beats",
        type=float,
        default=2.0,
        metavar="N",
        help="beats to go on without clock before NO CLOCK (default 2)",
    )


def run(args: argparse.Namespace) -> int:
    path = Path(args.trace)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise FileError(error.strerror or "cannot be read", file=path) from None
    except UnicodeDecodeError:
        raise FileError("not text", file=path, allowed="a CSV of time_s,hex lines") from None
    ticks, moves = replay(read_trace(lines, args.trace), args.freewheel_beats)
    if args.json:
        found = {"ticks": [asdict(t) for t in ticks], "transport": [asdict(m) for m in moves]}
        print(json.dumps(found))
    else:
        print("\n".join(summary(ticks, moves)))
    return 0


def summary(ticks: list[TickSeen], moves: list[Moved]) -> list[str]:
    """A few lines for people: the transport, the tempo, and errors of the predicted next beat."""
    lines = [f"{m.time_s:12.6f} s  {m.event:9} at tick {m.tick}" for m in moves]
    if not ticks:
        return [*lines, "no clock in this trace"]
    lines.append(f"{len(ticks)} ticks, {ticks[-1].bpm:.2f} BPM at the end, {ticks[-1].state}")
    errors_ms = sorted(
        abs(later.time_s - tick.predicted_beat_s) * 1000.0
        for tick, later in zip(ticks, ticks[TICKS_PER_BEAT:], strict=False)
        if later.tick == tick.tick + TICKS_PER_BEAT
    )
    if errors_ms:
        p50, p99 = (errors_ms[int(q * (len(errors_ms) - 1))] for q in (0.5, 0.99))
        lines.append(
            f"next beat foretold to within {p50:.2f} ms (p50), {p99:.2f} ms (p99), "
            f"{errors_ms[-1]:.2f} ms (max) of when it came"
        )
    return lines
