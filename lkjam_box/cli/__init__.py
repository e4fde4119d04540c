"""The ``lkjam-box`` command: one module of this folder per sub-command.

A module offers ``HELP``, ``configure(parser)`` and ``run(args) -> exit code``. It is
imported only when called, so that ``lkjam-box ports`` never waits for a plot library.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__
from ..errors import LkjamError

COMMANDS = {
    "run": "play: start the box (what the service starts)",
    "demo": "play a virtual set and leave MIDI, sound and pictures of it",
    "render": "trade with a recorded player, offline",
    "ports": "list MIDI ports and what the box would open",
    "monitor": "watch a running box",
    "takes": "list the recordings, or copy them to a folder",
    "panic": "silence everything, now",
    "check": "say what this machine has and lacks",
    "tune": "make the machine fit to play (root; the service does it)",
    "splash": "light the OLED with a first picture (the service does it)",
    "progressions": "list, show and check progressions",
    "pins": "show what is wired to which pin of the header",
    "options": "print the sample options file or the reference page",
    "train": "train the model from solos",
    "evaluate": "measure a model on a corpus",
    "listening-kit": "make a blinded listening test, or analyse its sheets",
    "bench": "benchmarks: clock, step",
    "clock-replay": "follow a recorded clock and print what was known when",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 found wrong, 2 could not)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog="lkjam-box",
        description="A stage box that trades fours with a musician, locked to MIDI clock.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="commands:\n" + "\n".join(f"  {n:<{width}}  {h}" for n, h in COMMANDS.items()),
    )
    parser.add_argument("--version", action="version", version=f"lkjam-box {__version__}")
    parser.add_argument("command", choices=sorted(COMMANDS), metavar="command")
    if not arguments:
        parser.print_help()
        return 2
    name = parser.parse_args(arguments[:1]).command
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    own = argparse.ArgumentParser(prog=f"lkjam-box {name}", description=COMMANDS[name])
    module.configure(own)
    args = own.parse_args(arguments[1:])
    try:
        return int(module.run(args))
    except LkjamError as error:
        print(f"lkjam-box {name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 141
    except KeyboardInterrupt:
        return 130
