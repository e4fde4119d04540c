"""The ``lkjam-box`` command: one module of this folder per sub-command.

A module offers ``EXAMPLES`` (a whole command line each, and what it does),
``configure(parser)`` and ``run(args) -> exit code``. It is imported only when called, so
that ``lkjam-box ports`` never waits for a plot library.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from .. import __version__
from ..errors import LkjamError

BOX = {
    "run": "play: start the box (what the service starts)",
    "ports": "list MIDI ports and what the box would open",
    "monitor": "watch a running box",
    "takes": "list the recordings, or copy them to a folder",
    "panic": "silence everything, now",
    "check": "say what this machine has and lacks",
    "tune": "make the machine fit to play (root; the service does it)",
    "splash": "light the OLED with a first picture (the service does it)",
    "progressions": "list, show and check progressions",
    "pins": "show what is wired to which pin of the header",
    "options": "print sample options or the reference page, or check a file",
}
LAB = {
    "demo": "play a virtual set and leave MIDI, sound and pictures of it",
    "render": "trade with a recorded player, offline",
    "train": "train the model from solos",
    "evaluate": "measure a model on a corpus",
    "listening-kit": "make a blinded listening test, or analyse its sheets",
    "bench": "run a benchmark of this machine or of a part",
    "clock-replay": "follow a recorded clock and print what was known when",
}
COMMANDS = BOX | LAB
LAB_FOLDERS = ("lkjam_box.lab", "lkjam_box.play")  # left out of the card image
EXAMPLES = {
    "lkjam-box demo --fast": "a set without any hardware",
    "lkjam-box monitor --full": "how the running box is",
    'lkjam-box progressions show "Jazz blues" --key Bb': "a tune in your key",
}
WIDTH = 80  # columns of a terminal


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 something found wrong, 2 not done)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="lkjam-box",
        usage="%(prog)s [-h] [--version] command ...",
        description="A stage box that trades fours with a musician, locked to MIDI clock.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"lkjam-box {__version__}")
    parser.add_argument(
        "command", choices=sorted(COMMANDS), metavar="command", help=argparse.SUPPRESS
    )
    parser.epilog = _epilog()
    if not arguments:
        parser.print_help()
        return 2
    name = parser.parse_args(arguments[:1]).command
    try:
        module = command_module(name)
        own = command_parser(f"lkjam-box {name}", COMMANDS[name], module)
        return int(module.run(own.parse_args(arguments[1:])))
    except LkjamError as error:
        print(f"lkjam-box {name}: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if ".".join((error.name or "").split(".")[:2]) not in LAB_FOLDERS:
            raise
        print(
            f"lkjam-box {name}: not on the box's card: install lkjam_box on a computer of yours "
            f"(its README), then lkjam-box {name} there",
            file=sys.stderr,
        )
        return 2
    except BrokenPipeError:
        return 141
    except KeyboardInterrupt:
        return 130


def command_module(name: str) -> ModuleType:
    """The module of a command."""
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def command_parser(prog: str, about: str, module: ModuleType) -> argparse.ArgumentParser:
    """The parser of a command or benchmark; its ``--help`` ends with the module's examples."""
    parser = argparse.ArgumentParser(
        prog=prog, description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.configure(parser)
    examples = listed("examples", module.EXAMPLES)
    parser.epilog = f"{parser.epilog.rstrip()}\n\n{examples}" if parser.epilog else examples
    return parser


def listed(title: str, rows: Mapping[str, str]) -> str:
    """Two columns under a title, or two lines a row where the columns would be too wide."""
    width = max(map(len, rows))
    lines = [f"  {name:<{width}}  {text}" for name, text in rows.items()]
    if max(map(len, lines)) > WIDTH:
        lines = [f"  {name}\n      {text}" for name, text in rows.items()]
    return "\n".join((f"{title}:", *lines))


def _epilog() -> str:
    """The end of ``lkjam-box --help``: the commands in two groups, and examples."""
    width = max(map(len, COMMANDS))
    box, lab = ({f"{name:<{width}}": text for name, text in group.items()} for group in (BOX, LAB))
    there = all(map(find_spec, LAB_FOLDERS))
    where = "for the lab, on a computer of yours" if there else "for the lab (not on this card)"
    parts = listed("for the box", box), listed(where, lab), listed("examples", EXAMPLES)
    return "\n\n".join((*parts, "Every command has --help, with examples."))
