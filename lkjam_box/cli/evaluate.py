"""``lkjam-box evaluate``: score a model file on a corpus, as the box would play it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FileError, OptionError
from ..play.progress import progress_bar

if TYPE_CHECKING:
    from ..brain.model_file import ModelFile
    from ..lab.training.corpus import Solo

EXAMPLES = {
    "lkjam-box evaluate --corpus solos.jsonl.gz": "the shipped model on these solos",
    "lkjam-box evaluate --corpus solos.jsonl.gz --free 0": (
        "without free-running answers: much sooner"
    ),
    "lkjam-box evaluate --corpus solos.jsonl.gz --report page.html": "a page with plots, too",
}
NONE = "none"


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
    parser.add_argument(
        "--free",
        type=int,
        default=500,
        metavar="N",
        help="free-running answers to held-out calls, of every player (default 500; 0: none)",
    )
    parser.add_argument(
        "--train",
        default="",
        metavar="FILE",
        help="solos for n-grams and copying (default: the train part of the corpus, or of the "
        "shared data if that lies beside)",
    )
    parser.add_argument(
        "--ablations",
        default="",
        metavar="DIR",
        help="score every .tflite there, too (default: those of the shipped model; none: none)",
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="score this model, too (again for more)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of calls and answers")
    parser.add_argument("--report", default="", metavar="FILE.html", help="write a page with plots")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    from ..brain.model_runtime import single_thread

    single_thread()
    from ..brain.model_file import read
    from ..lab.training.corpus import load as load_corpus

    if args.free < 0:
        raise OptionError("--free", found=args.free, allowed="0 or more answers")
    if args.report and not Path(args.report).parent.is_dir():  # before minutes of work
        raise FileError("no folder for --report", file=args.report)
    models = {"model": read(args.model), **_others(args)}
    solos = load_corpus(args.corpus, args.split)
    train = _train(args)
    result, players = _measured(args, models, solos, train)
    if args.report:
        from ..lab.evaluation.evaluation_page import page

        _write(Path(args.report), page(result, players, args.seed))
    if args.json:
        print(json.dumps(result, indent=1))
        return 0
    from ..lab.evaluation import tables

    for title, table in (
        ("Teacher-forced", tables.heads),
        ("Free-running: likeness to the call, phrases, chord tones", tables.free),
        ("Overlap with the human's distributions, mean per dimension", tables.overlaps),
        ("Diversity: repeated and distinct runs of intervals", tables.diversity),
        ("The same call, other seeds: shared runs of four intervals", tables.seeds),
        ("Longest run of notes found in the training solos", tables.copying),
        ("Goals", tables.goals),
    ):
        text = tables.plain(title, table(result))
        if text:
            print(text)
    return 0


def _measured(
    args: argparse.Namespace, models: dict[str, ModelFile], solos: list[Solo], train: list[Solo]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the whole result, every player's answers)."""
    from ..brain.model_runtime import load
    from ..lab.evaluation import markov_odds
    from ..lab.evaluation.goals import goals
    from ..lab.evaluation.ngram import GIVEN, Baselines
    from ..lab.training import teacher

    steppers = {name: load(str(model.path), args.runtime) for name, model in models.items()}
    forced = _teacher(steppers, solos, args.seed)
    model = models["model"]
    result: dict[str, Any] = {
        **forced["model"]["whole"],
        "solos": len(solos),
        "model": {
            "name": model.path.name,
            "sha256": model.sha256,
            "runtime": steppers["model"].name,
        },
        "given": teacher.GIVEN,
        "seed": args.seed,
        "train": len(train),
        "card": _card(model),
        "teacher": forced,
        "ngram": {},
        "markov": {"pitch": markov_odds.scores(train, solos), "given": markov_odds.GIVEN},
    }
    if train:
        result["ngram"] = {"scores": Baselines(train).scores(solos), "given": GIVEN}
    players: dict[str, Any] = {}
    if args.free:
        players = _free(args, models, solos, train, result)
    result["goals"] = goals(result)
    return result, players


def _teacher(steppers: dict[str, Any], solos: list[Solo], seed: int) -> dict[str, Any]:
    """Teacher-forced scores of every model: solos whole, cut into turns with alternating roles, and
    every other window as a call with an answer by the player or by rule (see training.expert)."""
    import random

    from ..lab.training import teacher
    from ..lab.training.expert import exchanges
    from ..lab.training.streams import encode, turns, whole

    done = 0
    out: dict[str, Any] = {}
    answers = random.Random(seed)
    answered = [laid for solo in solos if (laid := exchanges(solo, answers))[1]]
    notes = 2 * sum(len(solo.notes) for solo in solos)
    total = len(steppers) * (notes + sum(len(solo.notes) for solo, _ in answered))
    with progress_bar("teacher-forced") as show:

        def report(notes: int) -> None:
            nonlocal done
            done += notes
            show(done / total)

        for name, stepper in steppers.items():
            rng = random.Random(seed)
            out[name] = {
                layout: teacher.score(stepper, streams, report)
                for layout, streams in (
                    ("whole", (encode(solo, whole(solo), stepper.blind) for solo in solos)),
                    ("turns", (encode(solo, turns(solo, rng), stepper.blind) for solo in solos)),
                    ("exchanges", (encode(*laid, stepper.blind) for laid in answered)),
                )
            }
    print(f"{done}/{total} notes, {len(solos)} solos", file=sys.stderr)
    return out


def _free(
    args: argparse.Namespace,
    models: dict[str, ModelFile],
    solos: list[Solo],
    train: list[Solo],
    result: dict[str, Any],
) -> dict[str, Any]:
    """Every player's answers; their sections are added to ``result``."""
    from ..brain.gru import GruEngine
    from ..brain.markov import MarkovEngine
    from ..lab.evaluation import compare
    from ..lab.evaluation.free import chosen
    from ..lab.training.calls import windows

    calls = chosen([call for solo in solos for call in windows(solo)], args.free, args.seed)
    if not calls:
        print("no call with an answer in this corpus: no free-running answers", file=sys.stderr)
        return {}

    def engine(model: ModelFile) -> Callable[[], GruEngine]:
        return lambda: GruEngine.open(str(model.path), args.runtime)

    make = {name: engine(model) for name, model in models.items()}
    others = {name: one for name, one in make.items() if name != "model"}
    with progress_bar("answers") as show:
        players = compare.play(calls, make["model"], MarkovEngine, others, args.seed, show)
    print(f"{sum(map(len, players.values()))} answers, {len(calls)} calls", file=sys.stderr)
    result["free"] = compare.free_section(players, args.seed)
    result["overlap"] = compare.overlap_section(players)
    engines: dict[str, compare.MakeEngine] = {
        compare.MODEL: make["model"],
        compare.MARKOV: MarkovEngine,
    }
    result["diversity"] = {
        "players": compare.diversity_section(players),
        "seeds": compare.seeds_section(calls, engines, args.seed),
    }
    if train:
        result["copying"] = compare.copying_section(players, train, solos)
    return players


def _others(args: argparse.Namespace) -> dict[str, ModelFile]:
    """Models to compare with, by name: ``--ablations``, then ``--also``."""
    from ..brain.model_file import default_model, read

    out = {}
    if args.ablations not in ("", NONE):
        found = sorted(Path(args.ablations).glob("*.tflite"))
        if not found:
            raise FileError("no .tflite for --ablations", file=args.ablations)
        out = {path.stem: read(path) for path in found}
    elif not args.ablations and not args.model:
        beside = default_model().parent / "ablations"
        out = {path.stem: read(path) for path in sorted(beside.glob("*.tflite"))}
    for given in args.also:
        name, equals, path = given.partition("=")
        if not (name and equals and path):
            raise OptionError("--also", found=given, allowed="NAME=FILE")
        out[name] = read(path)
    if "model" in out:
        raise OptionError("name of another model", found="model", allowed="any other")
    return out


def _train(args: argparse.Namespace) -> list[Solo]:
    """Training solos: as given, else the corpus' own, else the shared data's; else [], with a
    line on stderr that says so."""
    from ..lab.training.corpus import data_folder, load

    if args.train:
        solos = load(args.train)
        return [solo for solo in solos if solo.split == "train"] or solos
    for path in (Path(args.corpus), data_folder()):
        try:
            return load(path, "train")
        except FileError:
            continue
    print("no training solos (--train): no n-grams, no copying", file=sys.stderr)
    return []


def _card(model: ModelFile) -> dict[str, Any]:
    """From card.json beside the model, {} if it is not its own: pitch perplexity of the int8 file
    and the float original, and every head's at each training stage's best (valid part, float)."""
    from ..lab.training.card import stage_rows

    try:
        card = json.loads((model.path.parent / "card.json").read_text())
        valid = card["valid"]
        if card["sha256"] != model.sha256:
            return {}
        stages: dict[str, dict[str, Any]] = {}
        for row in stage_rows(card["trained"]["history"]):
            scores = {head: {"nll": log(ppl), "ppl": ppl} for head, ppl in row.ppl.items()}
            scores["pitch"]["acc"] = row.accuracy
            stages.setdefault(row.stage, {})[row.layout] = scores
        ppl = {kind: valid[kind]["pitch"]["ppl"] for kind in ("int8", "float32")}
        return {**ppl, "stages": stages}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=path) from None
