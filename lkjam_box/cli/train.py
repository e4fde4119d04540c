"""``lkjam-box train``: train the model, export it, write its card."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MissingLibrary

if TYPE_CHECKING:
    from ..training.loop import Progress

HELP = "train the model from solos"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=("train", "preview"),
        default="train",
        help="train (default), or draw what each layer of the data yields",
    )
    parser.add_argument("--data", default="", metavar="DIR", help="folder of the shared data")
    parser.add_argument("--out", default="models", metavar="DIR", help="where it goes")
    parser.add_argument("--epochs", type=int, default=0, metavar="N", help="passes over the solos")
    parser.add_argument(
        "--minutes", type=float, default=0.0, metavar="M", help="train this long instead"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="CPU threads")
    parser.add_argument(
        "--limit", type=int, default=0, metavar="N", help="take only N solos of each part (a trial)"
    )


def run(args: argparse.Namespace) -> int:
    if args.what == "preview":
        from ..training import preview

        return preview.run(args)
    try:
        import torch
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        from ..training import corpus, export, loop
    except ImportError as error:
        raise MissingLibrary(f"{error.name} is missing: pip install 'lkjam-box[train]'") from None

    torch.set_num_threads(args.threads)
    console = Console(stderr=True)
    solos = corpus.load(corpus.data_folder(args.data))
    if args.limit:
        solos = [
            solo
            for part in ("train", "valid")
            for solo in [s for s in solos if s.split == part][: args.limit]
        ]
    settings = loop.Settings(seed=args.seed, minutes=args.minutes)
    if args.epochs:
        settings = replace(settings, epochs=args.epochs)
    if args.limit:
        settings = replace(settings, basics=4, lanes=min(settings.lanes, args.limit))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("encoding, basics", total=1.0)

        def show(progress: loop.Progress) -> None:
            bar.update(task, completed=progress.share, description=_line(progress))
            if progress.valid and progress.epoch % settings.check_epochs == 0:
                bar.console.print(_line(progress))

        trained = loop.train(solos, settings, show)
    command = "lkjam-box " + shlex.join(["train", *_said(args)])
    card = export.export(trained, settings, solos, Path(args.out), command, console.print)
    pitch = card["valid"]["int8"]["pitch"]
    print(
        f"{Path(args.out) / card['model']}: {card['parameters']:,} parameters, int8 on valid: "
        f"pitch perplexity {pitch['ppl']:.3f}, accuracy {pitch['acc']:.3f}",
        file=sys.stdout,
    )
    return 0


def _line(progress: Progress) -> str:
    text = f"{progress.stage} epoch {progress.epoch}: train pitch {progress.train:.3f}"
    if progress.valid:
        valid = progress.valid
        text += f", valid perplexity {valid['ppl']:.3f}, accuracy {valid['acc']:.3f}"
    return text


def _said(args: argparse.Namespace) -> list[str]:
    """The options that matter, as given (paths left out: they differ between machines)."""
    out = ["--seed", str(args.seed)]
    for name in ("epochs", "minutes", "limit"):
        if getattr(args, name):
            out += [f"--{name}", f"{getattr(args, name):g}"]
    return out
