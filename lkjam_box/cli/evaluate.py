"""``lkjam-box evaluate``: score a model file on a corpus, as the box would play it."""

from __future__ import annotations

import argparse
import json
import sys
import time

HELP = "measure a model on a corpus"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", required=True, metavar="FILE", help="solos, .jsonl or .jsonl.gz"
    )
    parser.add_argument("--model", default="", metavar="FILE", help="default: the shipped model")
    parser.add_argument(
        "--split",
        choices=("all", "train", "valid"),
        default="all",
        help="only solos of this part (default: every usable solo of the file)",
    )
    parser.add_argument("--runtime", choices=("auto", "litert", "tflite", "numpy"), default="auto")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    from ..brain.model_file import read
    from ..brain.runtime import load, single_thread

    single_thread()
    from ..evaluation.teacher import GIVEN, evaluate
    from ..training.corpus import load as load_corpus

    model = read(args.model)
    stepper = load(args.model, args.runtime)
    solos = load_corpus(args.corpus, args.split)
    total = sum(len(solo.notes) for solo in solos)
    done, shown = 0, 0.0

    def report(notes: int) -> None:
        nonlocal done, shown
        done += notes
        if sys.stderr.isatty() and time.monotonic() - shown > 0.2:
            shown = time.monotonic()
            print(f"\r{done}/{total} notes", end="", file=sys.stderr, flush=True)

    scores = evaluate(stepper, solos, report)
    print(f"\r{done}/{total} notes, {len(solos)} solos", file=sys.stderr)
    if args.json:
        source = {"name": model.path.name, "sha256": model.sha256, "runtime": stepper.name}
        print(
            json.dumps({**scores, "solos": len(solos), "model": source, "given": GIVEN}, indent=1)
        )
        return 0
    print(f"{'head':<12}{'n':>8}{'nll':>8}{'ppl':>9}{'acc':>8}")
    for head, row in scores.items():
        print(f"{head:<12}{row['n']:>8}{row['nll']:>8.3f}{row['ppl']:>9.3f}{row['acc']:>8.3f}")
    return 0
