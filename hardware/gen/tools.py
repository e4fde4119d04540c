"""KiCad's own programs, and what went wrong with them in one line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

KICAD = Path(__file__).parents[1] / "kicad"
NAME = "lkjam"


def kicad(*words: object) -> str:
    """``kicad-cli WORDS``. Raises SystemExit."""
    command = ["kicad-cli", *map(str, words)]
    settings = os.environ | {
        "KICAD9_SYMBOL_DIR": os.environ.get("KICAD9_SYMBOL_DIR", "/usr/share/kicad/symbols"),
        "KICAD9_FOOTPRINT_DIR": os.environ.get(
            "KICAD9_FOOTPRINT_DIR", "/usr/share/kicad/footprints"
        ),
    }
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=settings)
    except FileNotFoundError:
        raise SystemExit("kicad-cli is missing: sh hardware/tools/kicad.sh installs it") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SystemExit(f"{' '.join(command)}: {said[-1] if said else done.returncode}")
    return done.stdout


def schematic() -> Path:
    return KICAD / f"{NAME}.kicad_sch"


def board() -> Path:
    return KICAD / f"{NAME}.kicad_pcb"


def netlist() -> Path:
    return KICAD / f"{NAME}.net.xml"
