"""``python -m tests.faults --tries N``: the table of all faults struck in virtual time."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from lkjam_box.lab.bench import faults_virtual
from tests.faults.clock import FAULTS, ClockFault, Result, try_fault
from tests.play.cables import DRUMS, KEYS, SYNTH
from tests.play.test_cables import notes_left

HEAD = (
    f"{'fault':<34}{'tries':>6}{'sounding on':>13}{'turns lost':>12}"
    f"{'place kept':>12}{'trades on':>11}  the screen said"
)


def row(fault: ClockFault, results: list[Result]) -> str:
    said = Counter(word for result in results for word in result.said)
    tries = len(results)
    words = ", ".join(f"{word} {100 * count // tries} %" for word, count in said.most_common(4))
    turns = sum(r.turns for r in results)
    return (
        f"{fault.name:<34}{tries:>6}{sum(r.sounding > 0 for r in results):>13}"
        f"{sum(r.lost for r in results):>6}/{turns:<5}"
        f"{sum(r.place_ticks == 0 for r in results):>12}{sum(r.trades for r in results):>11}"
        f"  {words or '-'}"
    )


def wrong(fault: ClockFault, result: Result) -> list[str]:
    """What may not be, in words."""
    found = [f"{result.sounding} notes sound on"] if result.sounding else []
    found += ["it does not trade"] if fault.trades and not result.trades else []
    if fault.keeps and result.place_ticks:
        found.append(f"{result.place_ticks} ticks off")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=1000, metavar="N", help="of each fault")
    parser.add_argument("--only", default="", metavar="TEXT", help="faults with this in the name")
    args = parser.parse_args()
    bad = 0
    print(HEAD)
    for fault in FAULTS:
        if args.only not in fault.name:
            continue
        results = []
        for seed in range(args.tries):
            results.append(try_fault(fault, seed))
            if sys.stderr.isatty():
                print(f"\r{seed} {fault.name}\033[K\r", end="", file=sys.stderr, flush=True)
            if found := wrong(fault, results[-1]):
                bad += 1
                print(f"  {fault.name}, try {seed}: {'; '.join(found)}", file=sys.stderr)
        print(row(fault, results), flush=True)
    for what in (KEYS, DRUMS, SYNTH):
        name = f"cable of the {what} pulled and back"
        if args.only in name:
            sounding = sum(bool(notes_left(what, seed)) for seed in range(args.tries))
            bad += sounding
            print(f"{name:<34}{args.tries:>6}{sounding:>13}", flush=True)
    for name in faults_virtual.NAMES:
        if args.only in name:
            tries, sounding, most, later = faults_virtual.run(name, args.tries)
            bad += sounding + later
            turns = f"{most} by one, {later} after it was back"
            print(f"{name:<34}{tries:>6}{sounding:>13}  most turns lost: {turns}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
