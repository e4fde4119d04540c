"""``lkjam-box run``: start the box, which is the supervisor and all that it starts."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OptionError

if TYPE_CHECKING:
    from ..ports.port import PortKind

EXAMPLES = {
    "lkjam-box run": "play, with the options as they come",
    "lkjam-box run --set clock.source=internal": "the box is the clock",
    "lkjam-box run --set panel.screen=terminal": "screen and buttons here, without a panel",
    "lkjam-box run --config my.yaml --dry-run": "say what it would do with my.yaml",
}


def configure(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="read everything, say what it would do, and end"
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options shared by the commands that read the options file."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="options file (YAML)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.OPTION=VALUE",
        help="change one option, as clock.bpm=140; may be repeated",
    )
    parser.add_argument(
        "--ports", choices=("auto", "alsa", "jack", "virtual"), help="short for --set ports.kind="
    )


def overrides(args: argparse.Namespace) -> dict[str, str]:
    """``--set`` and ``--ports`` by dotted name. Raises OptionError."""
    found: dict[str, str] = {}
    for text in args.set:
        name, sign, value = text.partition("=")
        if not sign:
            raise OptionError("--set", found=text, allowed="SECTION.OPTION=VALUE")
        found[name.strip()] = value.strip()
    if args.ports:
        found["ports.kind"] = args.ports
    return found


def tell_lacks(kind: PortKind) -> None:
    """That no device is heard, and why; nothing where all is well."""
    if kind.lacks:
        print(f"lkjam-box: {kind.lacks}", file=sys.stderr)


def run(args: argparse.Namespace) -> int:
    gc.disable()  # what is imported stays: to look for cycles in it is a tenth of the time it takes
    from ..protocol.folder_guard import claim
    from ..protocol.runtime_folder import runtime_folder, state_folder
    from ..service.fork_server import ForkServer
    from ..service.supervisor import Supervisor
    from ..service.user_files import Files

    changed = overrides(args)
    chosen = changed.get("service.runtime_folder", "")
    state = state_folder(chosen)
    if state == runtime_folder(chosen):
        claim(state)  # before anything is written there
    with ExitStack() as stack:
        # Forked before anything is opened or read.
        forks = None if args.dry_run else stack.enter_context(ForkServer())
        files = Files(args.config, changed, state)
        gc.freeze()
        gc.enable()
        folder = runtime_folder(files.config.service.runtime_folder)
        if args.dry_run:
            return _dry_run(files, folder)
        return Supervisor(files, folder, state, forks).run()


def _dry_run(files: object, folder: Path) -> int:
    from ..ports.kinds import open_kind
    from ..ports.names import choose, label
    from ..protocol.runtime_folder import ports_folder
    from ..service.user_files import Files

    assert isinstance(files, Files)
    library = files.library()
    options = files.config.ports
    with open_kind(options.kind, ports_folder(folder), options.din) as kind:
        tell_lacks(kind)
        inputs, outputs = kind.inputs(), kind.outputs()
    first = library.progressions[library.find(files.config.music.progression)]
    rows = {
        "folder": str(folder),
        "ports": kind.name,
        "keyboard": ", ".join(map(label, choose(inputs, options.keyboard, options.ignore)))
        or "none yet",
        "clock": ", ".join(map(label, choose(inputs, options.clock, options.ignore))) or "none yet",
        "synth": ", ".join(map(label, choose(outputs, options.synth, options.ignore)))
        or "none yet",
        "library": f"{len(library)} progressions, first {first.name} in {first.key}",
        "engine": files.config.brain.engine,
        "wrong": files.message or "nothing",
    }
    for name, value in rows.items():
        print(f"{name:<9} {value}")
    return 1 if files.message else 0
