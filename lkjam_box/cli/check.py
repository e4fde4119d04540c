"""lkjam-box check: can it play here, and what would make it better."""

from __future__ import annotations

import argparse
import dataclasses
import json

HELP = "say what this machine has and lacks"
_MARKS = {"ok": "ok", "worse": "--", "cannot": "NO"}


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """0 when the box can play here, 1 when not."""
    from ..config.load import load_config, override
    from ..service.checks import check
    from ..service.runtime import runtime_folder
    from .run import overrides

    config = override(load_config(args.config), overrides(args))
    findings = check(config, runtime_folder(config.service.runtime_folder))
    plays = all(finding.level != "cannot" for finding in findings)
    if args.json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"plays": plays, "findings": rows}, indent=2, ensure_ascii=False))
        return 0 if plays else 1
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"{_MARKS[finding.level]:<3} {finding.what:<{width}}  {finding.found}")
        if finding.mend:
            print(f"    {'':<{width}}  -> {finding.mend}")
    print("it can play here" if plays else "it cannot play here yet: mend what is marked NO")
    return 0 if plays else 1
