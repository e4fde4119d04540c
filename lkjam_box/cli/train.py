"""``lkjam-box train``: train the model, export it, write its card."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MissingLibrary, OptionError

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from ..lab.training.checkpoint import Checkpoints
    from ..lab.training.loop import Trained
    from ..lab.training.schedule import Settings
    from ..lab.training.sources import Sources

EXAMPLES = {
    "lkjam-box train --dry-run": "what it reads, how long it would take here; writes nothing",
    "lkjam-box train": "all three stages; leaves the model in models/",
    "lkjam-box train --limit 20 --epochs 1 --out trial": "a trial on a few solos",
    "lkjam-box train preview": "a picture of what each layer of the data yields",
}
BLIND = ("role", "position", "harmony")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Several GPUs or machines: --processes N, or\n"
        "torchrun --no-python --nproc-per-node N [--nnodes M --rdzv-endpoint HOST:PORT]\n"
        "lkjam-box train. See docs/training.md."
    )
    add = parser.add_argument
    add(
        "what",
        nargs="?",
        choices=("train", "preview"),
        default="train",
        help="train (default), or draw what each layer of the data yields",
    )
    add("--data", default="", metavar="DIR", help="folder of the shared data, or solos")
    add("--out", default="models", metavar="DIR", help="where it goes")
    add("--seed", type=int, default=1, metavar="N")
    add("--stages", default="", metavar="A,B", help="only these of basic,advanced,expert")
    add("--epochs", default="", metavar="N[,N,N]", help="passes of every stage, or of each one")
    add(
        "--ablations",
        nargs="?",
        const=",".join(BLIND),
        default="",
        metavar="A,B",
        help="then train models that do not see role, position or harmony (default: all three)",
    )
    add("--only-ablations", action="store_true", help="leave out the full model")
    add("--checkpoint", default="", metavar="DIR", help="default: checkpoints in --out")
    add("--resume", action="store_true", help="go on from the latest checkpoint")
    add("--accelerator", choices=("auto", "cpu", "gpu"), default="auto", help="default: auto")
    add("--processes", type=int, default=1, metavar="N", help="GPUs, or processes on the CPU")
    add("--threads", type=int, default=1, metavar="N", help="CPU threads of each process")
    add("--dry-run", action="store_true", help="say what it would take; write nothing")
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting, as card.json names them: dropout=0.3, size.hidden=256",
    )
    add("--limit", type=int, default=0, metavar="N", help="only N solos of each part (a trial)")


def run(args: argparse.Namespace) -> int:
    from ..lab.training import preview  # first: without a lab, as on the card, this fails

    if args.what == "preview":
        return preview.run(args)
    try:
        import rich  # noqa: F401

        from ..lab.training import parallel
    except ImportError as error:
        raise MissingLibrary(f"{error.name} is missing: pip install 'lkjam-box[train]'") from None
    _settings(args)
    return parallel.launch(parallel.fabric(args.accelerator, args.processes), _work, args)


def _settings(args: argparse.Namespace) -> Settings:
    """The settings that the arguments ask for. Raises OptionError."""
    from ..lab.training.mix import STAGES
    from ..lab.training.schedule import Settings

    for option in ("processes", "threads"):
        if getattr(args, option) < 1:
            raise OptionError(f"--{option}", found=getattr(args, option), allowed="1 or more")
    settings = Settings(seed=args.seed)
    if args.stages:
        chosen = args.stages.split(",")
        if not set(chosen) <= set(STAGES):
            raise OptionError("--stages", found=args.stages, allowed=",".join(STAGES))
        settings = replace(settings, stages=tuple(s for s in STAGES if s in chosen))
    if args.epochs:
        numbers = args.epochs.split(",")
        if not all(n.isdecimal() and int(n) for n in numbers) or len(numbers) not in (1, 3):
            raise OptionError("--epochs", found=args.epochs, allowed="N or N,N,N, from 1")
        counts = [int(n) for n in numbers] * (3 // len(numbers))
        basic, advanced, expert = counts
        settings = replace(settings, basic=basic, advanced=advanced, expert=expert)
    for given in args.set:
        settings = _set(settings, given)
    if args.ablations and not set(args.ablations.split(",")) <= set(BLIND):
        raise OptionError("--ablations", found=args.ablations, allowed=",".join(BLIND))
    return settings


def _set(settings: Settings, given: str) -> Settings:
    """``settings`` with one number changed. Raises OptionError."""
    name, _, text = given.partition("=")
    group, _, inner = name.rpartition(".")
    owner: Any = settings.size if group == "size" else settings if not group else None
    before = getattr(owner, inner, None)
    try:
        if isinstance(before, bool) or not isinstance(before, int | float):
            raise ValueError(text)
        value = int(text) if isinstance(before, int) else float(text)
    except ValueError:
        allowed = "NAME=VALUE of a number in the card's settings, size.hidden=256"
        raise OptionError("--set", found=given, allowed=allowed) from None
    changed = replace(owner, **{inner: value})
    return changed if owner is settings else replace(settings, size=changed)


def _work(fabric: Fabric, args: argparse.Namespace) -> int:
    """What every process does; the first one also writes and prints."""
    import torch

    from ..lab.training.corpus import data_folder
    from ..lab.training.sources import load_sources

    torch.set_num_threads(args.threads)
    settings, sources = _settings(args), load_sources(data_folder(args.data), args.limit)
    torch.set_flush_denormal(True)  # holds for the whole thread: reset below
    try:
        if args.dry_run:
            return _estimate(fabric, settings, sources)
        if not args.only_ablations:
            _one(fabric, args, settings, sources, "")
        for name in filter(None, args.ablations.split(",")):
            _one(fabric, args, replace(settings, blind=(name,)), sources, f"no-{name}")
    finally:
        torch.set_flush_denormal(False)
    return 0


def _one(
    fabric: Fabric, args: argparse.Namespace, settings: Settings, sources: Sources, name: str
) -> None:
    """Train one model and export it; ``name`` is empty for the full one."""
    from rich.console import Console

    from ..lab.training.loop import train
    from ..lab.training.own import own_events

    out = Path(args.out) / "ablations" if name else Path(args.out)
    command = "lkjam-box " + shlex.join(["train", *_given_options(args)])
    console = Console(stderr=True, quiet=not fabric.is_global_zero)
    checkpoints = _checkpoints(args, settings, sources, name, command)
    with console.status("reading and encoding the data"):
        data = _mix(sources, settings)
    if fabric.is_global_zero and not args.resume:
        checkpoints.clear()
    with _bar(console, name or "model") as show:
        trained = train(data, settings, show, fabric, own_events, checkpoints, args.resume)
    if fabric.is_global_zero:
        console.print(_table(trained.history))
        _export(trained, settings, sources, out, name, command, console.print)
    fabric.barrier()


def _mix(sources: Sources, settings: Settings) -> Any:
    from ..lab.training.mix import Mix

    s = settings
    return Mix(sources.solos, sources.pairs, sources.progressions, s.seed, s.blind, s.keys)


def _checkpoints(
    args: argparse.Namespace, settings: Settings, sources: Sources, name: str, command: str
) -> Checkpoints:
    from ..lab.training.checkpoint import Checkpoints, fingerprint, versions

    folder = Path(args.checkpoint or Path(args.out) / "checkpoints")
    about = {
        "settings": asdict(settings),
        "data": fingerprint(sources.files, args.limit),
        "command": command,
        "versions": versions(),
    }
    return Checkpoints(folder / name if name else folder, about)


def _bar(console: Any, name: str) -> Any:
    """A context manager: gives a function that shows a Progress as stage, pass and time left."""
    from contextlib import contextmanager

    from rich import progress

    from ..lab.training.loop import Progress

    @contextmanager
    def shown() -> Any:
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TaskProgressColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(),
        )
        with progress.Progress(*columns, console=console, speed_estimate_period=300) as bar:
            task = bar.add_task(name, total=1.0)

            def show(done: Progress) -> None:
                step = done.step
                where = f"{name}: {step.stage} {step.epoch}/{step.epochs}"
                bar.update(task, completed=done.share, description=where)
                if done.row:
                    bar.console.print(f"{where}: {_line(done.row)}", highlight=False)

            yield show

    return shown()


def _line(row: dict[str, float]) -> str:
    """A pass in one line: perplexities, loss, notes a second."""
    from math import exp

    from ..lab.training.mix import LAYOUTS

    text = f"train pitch perplexity {exp(row['train pitch']):.3f}"
    if "loss" in row:
        said = [
            f"{name} {exp(row[f'{name} pitch']):.3f}" for name in LAYOUTS if f"{name} pitch" in row
        ]
        text += f", valid {', '.join(said)}, loss {row['loss']:.4f}"
    return f"{text}, {row['notes'] / row['seconds']:,.0f} notes/s"


def _table(history: list[dict[str, float]]) -> Any:
    """Valid perplexity per stage and layout, at each stage's best pass."""
    from rich.table import Table

    from ..lab.training.card import stage_rows

    rows = stage_rows(history)
    title = "perplexity on the valid part at each stage's best pass"
    table = Table(title=title, box=None, padding=(0, 1), pad_edge=False, title_justify="left")
    heads = list(rows[0].ppl) if rows else []
    for column in ("stage", "pass", "layout", *heads, "acc"):
        table.add_column(
            column.removeprefix("time_"),
            no_wrap=True,
            justify="left" if column in ("stage", "layout") else "right",
        )
    for row in rows:
        figures = [*(f"{row.ppl[head]:.3f}" for head in heads), f"{row.accuracy:.3f}"]
        table.add_row(row.stage, f"{row.best_pass}/{row.passes}", row.layout, *figures)
    return table


def _export(
    trained: Trained,
    settings: Settings,
    sources: Sources,
    out: Path,
    name: str,
    command: str,
    report: Any,
) -> None:
    """Model, card and curves. An ablation's are named after it, as they share a folder."""
    from ..lab.training.curves import draw
    from ..lab.training.export import NAME, export

    solos = sources.solos
    card = export(trained, settings, solos, out, command, report, name=name or NAME)
    draw(trained.history, out / "curves.png")
    for file in ("card.json", "MODEL_CARD.md", "curves.png") if name else ():
        (out / file).replace(out / f"{name}.{file}")
    pitch = card["valid"]["int8"]["pitch"]
    print(
        f"{out / card['model']}: {card['parameters']:,} parameters, int8 on valid: "
        f"pitch perplexity {pitch['ppl']:.3f}, accuracy {pitch['acc']:.3f}"
    )


def _estimate(fabric: Fabric, settings: Settings, sources: Sources) -> int:
    from ..lab.training.estimate import estimate
    from ..lab.training.own import own_events

    said = estimate(_mix(sources, settings), settings, fabric, own_events)
    if not fabric.is_global_zero:
        return 0
    for split in ("train", "valid"):
        part = [solo for solo in sources.solos if solo.split == split]
        print(f"{split}: {len(part)} solos, {sum(len(s.notes) for s in part):,} notes")
    print(f"{len(sources.pairs):,} pairs, {len(sources.progressions):,} progressions")
    print(f"{said.parameters:,} parameters, {fabric.world_size} x {fabric.device.type}")
    print(f"{'stage':<10}{'passes':>7}{'streams':>9}{'notes':>9}{'data s':>8}{'train s':>9}"
          f"{'notes/s':>9}")  # fmt: skip
    for s in said.stages:
        print(f"{s.stage:<10}{s.passes:>7}{s.streams:>9,}{s.notes:>9,}{s.data_s:>8.1f}"
              f"{s.train_s:>9.1f}{s.notes_per_s:>9,.0f}")  # fmt: skip
    print(f"a check {said.check_s:.1f} s; all together about {said.total_s / 60:.1f} min")
    return 0


def _given_options(args: argparse.Namespace) -> list[str]:
    """The options that matter, as given (paths left out: they differ between machines)."""
    out = ["--seed", str(args.seed)]
    for name in ("stages", "epochs", "limit", "ablations"):
        if getattr(args, name):
            out += [f"--{name}", str(getattr(args, name))]
    for given in args.set:
        out += ["--set", given]
    if args.only_ablations:
        out.append("--only-ablations")
    if args.processes > 1:  # each draws its own dropout
        out += ["--processes", str(args.processes)]
    return out
