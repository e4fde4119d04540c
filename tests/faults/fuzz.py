"""``python -m tests.faults.fuzz``: millions of mad MIDI bytes, thousands of mutated files.

What may come of it: nothing. A try that raises, hangs, leaves a note down or lets memory
grow fails, and its seed is printed.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.faults.files import takers, try_file
from tests.faults.streams import Stream

HANG_S = 120
FLAT_MB = 4.0  # the allocator's own: what is kept by mistake grows without end
_FEED = 5000


def memory_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def show(share: float, text: str) -> None:
    if sys.stderr.isatty():
        bar = "#" * int(30 * share)
        print(f"\r[{bar:<30}] {text}\033[K", end="", file=sys.stderr, flush=True)


def streams(size: int, seed: int) -> list[str]:
    """Feed ``size`` bytes; returns what was wrong."""
    began_s, stream, wrong = time.process_time(), Stream(seed), []
    fed, warm_mb = 0, 0.0
    while fed < size:
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        if down := stream.feed(_FEED):
            wrong.append(f"seed {seed}, byte {stream.bytes}: {down} notes sound on")
        fed = stream.bytes
        if not warm_mb and fed > size // 3:
            warm_mb = memory_mb()
        show(fed / size, f"{fed:,} bytes")
    grown_mb = memory_mb() - warm_mb
    took_s = time.process_time() - began_s
    print(
        f"\rMIDI: {fed:,} bytes, {stream.messages:,} messages, {stream.gig.counts['notes']:,} "
        f"notes sent in {took_s:.0f} s; sounding on {len(wrong)}; memory {grown_mb:+.2f} MB"
    )
    return wrong + ([f"memory grew by {grown_mb:.2f} MB"] if grown_mb > FLAT_MB else [])


def files(count: int, seed: int, folder: Path) -> list[str]:
    wrong = []
    for taker in takers(folder):
        tries = round(count * taker.share)
        began_s, taken, slowest_s, warm_mb = time.process_time(), 0, 0.0, 0.0
        for number in range(tries):
            faulthandler.dump_traceback_later(HANG_S, exit=True)
            at_s = time.process_time()
            try:
                taken += try_file(taker, Random(f"{taker.name} {seed} {number}"))
            except Exception as error:
                wrong.append(f"{taker.name}, seed {seed} {number}: {type(error).__name__}: {error}")
            slowest_s = max(slowest_s, time.process_time() - at_s)
            if number == tries // 3:
                warm_mb = memory_mb()
            show(number / tries, f"{taker.name} {number:,}")
        grown_mb = memory_mb() - warm_mb
        print(
            f"\r{taker.name}: {tries:,} mutated, {taken:,} taken, {tries - taken:,} refused in "
            f"{time.process_time() - began_s:.0f} s, slowest {1000 * slowest_s:.0f} ms; "
            f"memory {grown_mb:+.2f} MB",
            flush=True,
        )
        wrong += [f"{taker.name}: {grown_mb:.2f} MB more"] if grown_mb > FLAT_MB else []
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=float, default=10e6, metavar="N")
    parser.add_argument("--files", type=float, default=100e3, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wrong = streams(int(args.bytes), args.seed) if args.bytes else []
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        wrong += files(int(args.files), args.seed, Path(name))
    faulthandler.cancel_dump_traceback_later()
    for line in wrong[:20]:
        print(f"FAULT  {line}")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
