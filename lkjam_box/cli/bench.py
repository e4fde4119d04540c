"""``lkjam-box bench NAME``: one benchmark of ``lab.bench``, imported when asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

HELP = "benchmarks: clock, step, lateness, thru, faults, footprint, soak"

BENCHMARKS = {
    "clock": "following MIDI clock: error and re-lock, beside what others do",
    "lateness": "notes on the wire, beside cyclictest, under load",
    "thru": "from the keyboard through the box to the synth, beside the bare ports",
    "faults": "kill and stop each process in mid-note: what sounds on, which turns are lost",
    "footprint": "memory of all processes, and from start to the first note through",
    "soak": "hours of set in virtual time, or real ones under load: is all flat?",
    "step": "a GRU step and an answer, beside other runtimes",
}


class _Delegate(argparse.Action):
    """Let the benchmark add its own options, once its name is known."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        name, *rest = values
        if name not in BENCHMARKS:
            parser.error(f"no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}")
        module = import_module(f"lkjam_box.lab.bench.{name}")
        own = argparse.ArgumentParser(prog=f"{parser.prog} {name}", description=module.HELP)
        module.configure(own)
        own.parse_args(rest, namespace)
        namespace.module = module


def configure(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(f"  {name:<8}{about}" for name, about in BENCHMARKS.items())
    parser.add_argument(
        "benchmark",
        nargs=argparse.PARSER,
        action=_Delegate,
        metavar="NAME ...",
        help="which one, and its own options (NAME --help tells them)",
    )


def run(args: argparse.Namespace) -> int:
    return int(args.module.run(args))
