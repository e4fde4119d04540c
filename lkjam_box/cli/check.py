"""``lkjam-box check``: whether the box can play on this machine, and what would improve it."""

from __future__ import annotations

import argparse
import dataclasses
import json
import time

EXAMPLES = {
    "lkjam-box check": "this machine, and the last run",
    "lkjam-box check --wire buttons": "press one button after the other",
}
WIRES = ("buttons", "leds", "oled", "midi-loop", "feet", "knob")
_MARKS = {"ok": "ok", "worse": "--", "cannot": "NO"}


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--wire",
        choices=WIRES,
        help="guide me through what I have just wired, one thing at a time",
    )


def run(args: argparse.Namespace) -> int:
    """0 when the box can play here (or what was wired is right), 1 when not."""
    from ..bringup.system_checks import check
    from ..config.load import load_config, override
    from ..errors import LkjamError
    from ..health import box_run, words
    from ..health.monitor_page import table
    from ..protocol.folder_guard import trusted
    from ..protocol.runtime_folder import found_folder, runtime_folder, shared_state_path
    from .run import overrides

    config = override(load_config(args.config), overrides(args))
    if args.wire:
        from ..bringup.wire_check import check_wire

        return check_wire(args.wire, config)
    folder = found_folder(config.service.runtime_folder)
    findings = check(config, runtime_folder(config.service.runtime_folder), folder)
    plays = all(finding.level != "cannot" for finding in findings)
    try:
        past = box_run.latest(trusted(folder), shared_state_path(folder), time.monotonic())
    except LkjamError:
        past = None  # among the findings
    told = words.findings(past) if past else []
    if args.json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        report: dict[str, object] = {"plays": plays, "findings": rows, "run": None}
        if past:
            rows = [dataclasses.asdict(finding) for finding in told]
            report["run"] = {"findings": rows, **box_run.summary(past)}
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0 if plays else 1
    print(table(findings, _MARKS))
    print("it can play here" if plays else "it cannot play here yet: mend what is marked NO")
    if past:
        print(f"\n{'the last run' if past.how else 'the box that runs'}")
        print(table(told, _MARKS))
    return 0 if plays else 1
