"""``lkjam-box tune``: set the machine up for realtime playing, before the box starts."""

from __future__ import annotations

import argparse

EXAMPLES = {
    "lkjam-box tune --dry-run": "say what would be done, and do nothing",
    "sudo lkjam-box tune": "do it",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what was found and would be done; no root needed",
    )


def run(args: argparse.Namespace) -> int:
    """Always 0: a machine that refuses to be tuned still plays."""
    from ..machine import tune

    steps = tune.plan()
    if args.dry_run:
        for step in steps:
            print(f"{step.what}: {step.found}")
            for action in step.actions:
                print(f"  {action}")
        return 0
    for line in tune.apply(steps, tune.Kernel()):
        print(line, flush=True)
    return 0
