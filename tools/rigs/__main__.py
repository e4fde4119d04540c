"""Draw the rigs of docs/your-rig.md: ``python -m tools.rigs --write``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .drawing import draw
from .rigs import RIGS

FOLDER = Path(__file__).parents[2] / "docs/pictures/rigs"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.rigs", description=__doc__)
    parser.add_argument("--write", action="store_true", help="draw them; else say what is old")
    args = parser.parse_args()
    old = 0
    for name, rig in RIGS.items():
        path, picture = FOLDER / f"{name}.svg", draw(rig)
        if args.write:
            path.write_text(picture)
        elif not path.exists() or path.read_text() != picture:
            print(f"{path.name} is not as it is described: python -m tools.rigs --write")
            old = 1
    return old


if __name__ == "__main__":
    sys.exit(main())
