"""``lkjam-box takes``: list the recordings, or copy them to a folder."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

EXAMPLES = {
    "lkjam-box takes": "list them",
    "lkjam-box takes --export /media/stick": "copy them all",
    "lkjam-box takes --export /media/stick 0042": "copy those of one evening",
}


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="copy them there")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="only these: a name or its beginning, as 0042 or 0042-03",
    )


def run(args: argparse.Namespace) -> int:
    from ..config.load import load_config, override
    from ..errors import LkjamError
    from ..protocol.runtime_folder import found_state
    from ..recorder.takes import listed, takes_folder
    from ..state.disk import Folder
    from .run import overrides

    config = override(load_config(args.config), overrides(args))
    state = found_state(config.service.runtime_folder)
    folder = takes_folder(config.recorder.folder, state)
    wanted = tuple(args.names) or ("",)
    takes = [(name, size) for name, size in listed(Folder(folder)) if name.startswith(wanted)]
    if not takes:
        what = f"no recording {' or '.join(args.names)}" if args.names else "no recordings yet"
        raise LkjamError(f"{folder}: {what}: a set leaves one when it ends (recorder.on)")
    if args.export is None:
        print(f"in {folder}, oldest first (start of the box, set, tune):")
        for name, size in takes:
            print(f"  {name:<60} {size / 1000:8.1f} kB")
        return 0
    try:
        args.export.mkdir(parents=True, exist_ok=True)
        for name, _ in takes:
            shutil.copyfile(folder / name, args.export / name)
    except OSError as error:
        reason = error.strerror or error
        raise LkjamError(f"{args.export}: cannot copy {error.filename}: {reason}") from error
    os.sync()  # a stick may be pulled at once
    print(f"{len(takes)} recordings copied to {args.export}")
    return 0
