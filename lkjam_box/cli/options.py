"""``lkjam-box options``: print the sample file or the reference page."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..config.load import load_config
from ..config.reference import reference, sample

EXAMPLES = {
    "lkjam-box options > my.yaml": "a file to start from: every option and its default",
    "lkjam-box options --check my.yaml": "say whether it is good, or which line is not",
}


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--sample", action="store_true", help="a YAML file to start from (default)")
    what.add_argument("--reference", action="store_true", help="the reference page (Markdown)")
    what.add_argument("--check", metavar="FILE", type=Path, help="check an options file")


def run(args: argparse.Namespace) -> int:
    if args.check:
        load_config(args.check)
        print(f"{args.check}: good")
    else:
        print(reference() if args.reference else sample(), end="")
    return 0
