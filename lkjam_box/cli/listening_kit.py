"""``lkjam-box listening-kit``: make a blinded listening test, analyse its returned sheets."""

from __future__ import annotations

import argparse
import json
import math
import sys
from functools import partial
from pathlib import Path
from typing import Any

EXAMPLES = {
    "lkjam-box listening-kit make --corpus solos.jsonl.gz --out kit": (
        "24 trials, drawn from the held-out solos"
    ),
    "lkjam-box listening-kit analyse --key kit/key.json sheets/*.json": "what the listeners said",
}


def configure(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", required=True, metavar="make|analyse")
    make = tasks.add_parser("make", help="choose calls, have them answered, write the kit")
    make.add_argument(
        "--corpus", required=True, type=Path, metavar="FILE", help="solos, .jsonl or .jsonl.gz"
    )
    make.add_argument("--split", choices=("all", "train", "valid"), default="valid")
    make.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new folder")
    make.add_argument("--trials", type=_positive, default=24, help="multiples of 6 are balanced")
    make.add_argument(
        "--catch", type=_count, metavar="N", help="trials of one clip twice (default: 1 to 8)"
    )
    make.add_argument("--clips", type=int, choices=(2, 3), default=2, help="answers a trial")
    make.add_argument("--bars", type=_positive, default=4, help="bars of a turn")
    make.add_argument("--seed", type=int, default=1, help="the same seed, the same kit")
    make.add_argument("--model", default="", metavar="FILE", help="default: the shipped model")
    analyse = tasks.add_parser("analyse", help="means, intervals and plots of returned sheets")
    analyse.add_argument("--key", required=True, type=Path, metavar="key.json")
    analyse.add_argument("sheets", nargs="+", type=Path, metavar="SHEET.json")
    analyse.add_argument("--json", action="store_true", help="print JSON")
    analyse.add_argument("--report", type=Path, metavar="OUT.html", help="write a page, too")
    analyse.add_argument(
        "--attentive",
        action="store_true",
        help="leave out listeners whom catch trials make doubtful",
    )


def run(args: argparse.Namespace) -> int:
    return _make(args) if args.task == "make" else _analyse(args)


def _make(args: argparse.Namespace) -> int:
    from ..brain.gru import GruEngine
    from ..brain.markov import MarkovEngine
    from ..brain.model_file import read
    from ..brain.model_runtime import single_thread
    from ..lab.evaluation.free import answers
    from ..lab.listening.kit import KEY, LISTENERS, make, plan, size_bytes
    from ..lab.training.corpus import load
    from ..play.progress import progress_bar

    single_thread()
    model = read(args.model)
    catches = max(1, args.trials // 8) if args.catch is None else args.catch
    trials = plan(load(args.corpus, args.split), args.trials, catches, args.bars, args.seed)
    players = {
        "model": partial(answers, partial(GruEngine.open, args.model), seed=args.seed),
        "markov": partial(answers, MarkovEngine, seed=args.seed),
    }
    made_with = {
        "corpus": args.corpus.name,
        "split": args.split,
        "seed": args.seed,
        "bars": args.bars,
        "model": model.path.name,
        "sha256": model.sha256,
    }
    with progress_bar("rendering") as bar:
        make(
            trials,
            players,
            args.out,
            args.clips,
            made_with,
            bar,
        )
    tunes = len({trial.solo.title for trial in trials})
    print(f"{args.trials} trials and {catches} catch trials, {tunes} tunes")
    print(f"give to listeners: {args.out / LISTENERS}, {size_bytes(args.out) / 1e6:.1f} MB")
    print(f"keep to yourself:  {args.out / KEY}")
    return 0


def _analyse(args: argparse.Namespace) -> int:
    from ..errors import FileError, LkjamError
    from ..lab.listening.analysis import analyse
    from ..lab.listening.analysis_report import page, text
    from ..lab.listening.sheets import read_key, read_sheets

    key = read_key(args.key)
    sheets, complaints = read_sheets(args.sheets, key)
    for line in complaints:
        print(line, file=sys.stderr)
    if not sheets:
        raise LkjamError("no sheet that can be read")
    found = analyse(key, sheets, attentive_only=args.attentive)
    if args.report:
        try:
            args.report.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise FileError(f"cannot write: {error.strerror}", file=args.report) from error
    print(json.dumps(_finite(found), indent=1) if args.json else text(found))
    return 1 if complaints else 0


def _finite(value: Any) -> Any:
    """``value`` with None in place of NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _positive(text: str) -> int:
    value = _count(text)
    if not value:
        raise ValueError
    return value
