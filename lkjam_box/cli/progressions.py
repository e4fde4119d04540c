"""``lkjam-box progressions``: list them, show one, check files."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..config.load import load_config
from ..config.options import Music
from ..errors import ProgressionError
from ..music.harmony import Progression
from ..music.library import load_library
from ..music.progression import in_key, load_progressions
from ..music.sheet import as_yaml, bar_texts, lead_sheet

EXAMPLES = {
    "lkjam-box progressions": "list them",
    'lkjam-box progressions show "Jazz blues" --key Bb': "one as a lead sheet, in Bb",
    'lkjam-box progressions show "Bird blues" --yaml > mine.yaml': (
        "a file to start your own from"
    ),
    "lkjam-box progressions check mine.yaml": (
        "say whether it is good, or what is wrong in which line"
    ),
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, help="options file (its music:)")
    parser.add_argument("--folder", metavar="DIR", help="folder of your own progressions")
    commands = parser.add_subparsers(dest="what", metavar="list | show | check")
    listing = commands.add_parser("list", help="all of them (default)")
    show = commands.add_parser("show", help="one as a lead sheet")
    show.add_argument("name", nargs="+", help="its name, or a part of it no other has")
    show.add_argument("--key", help="in this key: Bb, F#m")
    show.add_argument("--yaml", action="store_true", help="as a file to start your own from")
    check = commands.add_parser("check", help="read files and say what is wrong in them")
    check.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true", help="as JSON")
    for command in (listing, show, check):
        command.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="as JSON"
        )


def run(args: argparse.Namespace) -> int:
    if args.what == "check":
        return _check(args.files, args.json)
    music = load_config(args.config).music if args.config else Music()
    if args.folder:
        music = Music(folder=args.folder, set=music.set)
    library, errors = load_library(music)
    for error in errors:
        print(f"lkjam-box progressions: {error}", file=sys.stderr)
    if args.what == "show":
        found = library.get(library.find(" ".join(args.name)))
        found = in_key(found, args.key) if args.key else found
        if args.json:
            print(json.dumps(_data(found), ensure_ascii=False))
        else:
            print(as_yaml(found) if args.yaml else lead_sheet(found) + "\n", end="")
    elif args.json:
        print(json.dumps([_data(p) for p in library.progressions], ensure_ascii=False))
    else:
        width = max(len(p.name) for p in library.progressions)
        for p in library.progressions:
            print(f"{p.name:<{width}}  {p.key:<3}  {p.metre!s:<4}  {p.form_bars:>2} bars")
    return 1 if errors else 0


def _check(files: list[Path], as_json: bool) -> int:
    results: list[dict[str, Any]] = []
    for file in files:
        try:
            names = [p.name for p in load_progressions(file)]
            results.append({"file": str(file), "progressions": names, "error": None})
        except ProgressionError as error:
            results.append({"file": str(file), "progressions": [], "error": str(error)})
    if as_json:
        print(json.dumps(results, ensure_ascii=False))
    else:
        for r in results:
            print(r["error"] or f"{r['file']}: good: {', '.join(r['progressions'])}")
    return 1 if any(r["error"] for r in results) else 0


def _data(progression: Progression) -> dict[str, Any]:
    p = progression
    return {
        "name": p.name,
        "key": p.key,
        "metre": str(p.metre),
        "form_bars": p.form_bars,
        "turn_bars": p.turn_bars,
        "loops": p.loops,
        "bars": bar_texts(p),
        "chords": [
            {"beat": beat, "symbol": chord.symbol}
            for beat, chord in zip(p.starts_beats, p.chords, strict=True)
        ],
    }
