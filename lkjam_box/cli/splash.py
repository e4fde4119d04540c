"""``lkjam-box splash``: draw the first picture on the OLED."""

from __future__ import annotations

import argparse

from .run import add_options

EXAMPLES = {
    "lkjam-box splash": "draw it, if the OLED answers at once",
    "lkjam-box splash --wait 5": "try for up to five seconds until it answers",
}


def configure(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="S", help="try for so long until it answers"
    )


def run(args: argparse.Namespace) -> int:
    """Always 0: a box without a screen must start, too."""
    from ..config.load import load_config, override
    from ..config.options import Panel
    from ..errors import LkjamError
    from ..panel import splash
    from .run import overrides

    try:
        panel = override(load_config(args.config), overrides(args)).panel
    except LkjamError:  # the box itself says what is wrong with the file
        panel = Panel()
    print(f"splash: {splash.show(panel, args.wait)}")
    return 0
