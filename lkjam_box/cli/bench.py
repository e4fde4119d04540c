"""``lkjam-box bench NAME``: one benchmark of ``lab.bench``, imported when asked for."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from . import command_parser, listed

EXAMPLES = {
    "lkjam-box bench clock": "how well the clock is followed, beside what others do",
    "lkjam-box bench soak --virtual 4": "four hours of set in virtual time",
}

BENCHMARKS = {
    "clock": "following MIDI clock: error and re-lock, beside what others do",
    "lateness": "notes on the wire, beside cyclictest, under load",
    "din": "notes on a full DIN wire, beside a plain queue; do last values arrive?",
    "thru": "from keyboard through the box to the synth, beside the bare ports",
    "faults": "kill and stop each process mid-note: what sounds on, what is lost",
    "footprint": "memory of all processes, and from start to the first note through",
    "soak": "hours of set in virtual time, or real ones under load: is all flat?",
    "listen": "the melody heard among two hands, beside other rules",
    "cost": "what every event costs, in instructions; beside each deadline",
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
        own = command_parser(f"{parser.prog} {name}", BENCHMARKS[name], module)
        own.parse_args(rest, namespace)
        namespace.module = module


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = listed("benchmarks", BENCHMARKS)
    parser.add_argument(
        "benchmark",
        nargs=argparse.PARSER,
        action=_Delegate,
        metavar="NAME",
        help="which one, and its own options (NAME --help tells them)",
    )


def run(args: argparse.Namespace) -> int:
    return int(args.module.run(args))
