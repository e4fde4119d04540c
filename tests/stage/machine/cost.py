"""What every event costs on a 64-bit ARM, in instructions: ``lkjam-box bench cost`` in a machine
whose clocks count them.

    python tests/stage/machine/cost.py [--install] [--write]

Prints the tables of docs/cost.md and compares with what was committed (docs/cost.json): 1 when an
event costs 10 % more, 2 when there was no machine. ``--write`` commits the figures instead, after
which ``raised`` in docs/cost.json has to name the decision that allowed one to be more.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))
from counting import FOLDER, PYTHON, CountingMachine
from stage_vm import REPO, prepare

from lkjam_box.errors import LkjamError
from lkjam_box.lab.bench import cost
from lkjam_box.lab.bench.cost_figures import Found
from lkjam_box.lab.bench.cost_table import Committed, markdown, text
from tools.machine.steps import Failed

COMMITTED, PAGE = REPO / "docs/cost.json", REPO / "docs/cost.md"
TABLES = "<!-- make cost WRITE=1 -->\n"
"""On the page: what stands behind it is printed."""


def count(args: argparse.Namespace) -> Found:
    """The bench in the machine. Raises Failed."""
    machine = CountingMachine(args.folder)
    results = args.folder / "cost"
    words = [PYTHON, "-m", "lkjam_box", "bench", "cost", "--out", "/results/cost.json"]
    words += ["--seconds", str(args.seconds), "--pairs", str(args.pairs)]
    prepare(machine.arch, args.install)
    if code := machine.run(machine.build(), words, results, results, args.repo):
        raise Failed(f"the bench ended with {code}")
    if args.out:
        shutil.copy(results / "cost.json", args.out)
    return cost.read(results / "cost.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the machine is kept")
    parser.add_argument("--repo", type=Path, default=REPO, help="whose box is counted")
    parser.add_argument("--seconds", type=float, default=6, help="of each idleness")
    parser.add_argument("--pairs", type=int, default=1, help="turns of both, traded")
    parser.add_argument("--out", type=Path, help="write the figures there, too, as JSON")
    parser.add_argument("--write", action="store_true", help="commit the figures, and the page")
    parser.add_argument("--from", type=Path, dest="found", help="count nothing, take these figures")
    args = parser.parse_args()
    try:
        found = cost.read(args.found) if args.found else count(args)
        first = Committed(found, {}).renewed(found)
        before = cost.committed(COMMITTED) if COMMITTED.exists() else first
    except (Failed, LkjamError, OSError) as error:
        print(f"cost: {error}", file=sys.stderr)
        return 2
    print(f"\n{text(found)}")
    if args.write:
        COMMITTED.write_bytes(cost.encode(before.renewed(found)))
        head, _, _ = PAGE.read_text().partition(TABLES)
        PAGE.write_text(f"{head}{TABLES}\n{markdown(found)}")
        return 0
    dearer = before.dearer(found)
    print("\n".join(f"DEARER  {line}" for line in dearer) or "met     no event costs more")
    return 1 if dearer else 0


if __name__ == "__main__":
    sys.exit(main())
