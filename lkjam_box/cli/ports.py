"""``lkjam-box ports``: the MIDI ports of this machine, and which the box would open."""

from __future__ import annotations

import argparse
import json

EXAMPLES = {
    "lkjam-box ports": "what is plugged in, and what the box opens",
    'lkjam-box ports --set "ports.keyboard=*KeyStep*"': (
        "try a pattern before it goes into the file"
    ),
}


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    from ..config.load import load_config, override
    from ..ports.kinds import open_kind
    from ..ports.names import Verdict, driver_name, judge, label, path_of
    from ..protocol.runtime_folder import ports_folder, runtime_folder
    from .run import overrides

    config = override(load_config(args.config), overrides(args))
    options = config.ports
    folder = ports_folder(runtime_folder(config.service.runtime_folder))
    with open_kind(options.kind, folder, options.din) as kind:
        inputs, outputs = kind.inputs(), kind.outputs()
    rows: list[tuple[str, str, Verdict]] = []
    for role, names, patterns in (
        ("keyboard", inputs, options.keyboard),
        ("clock", inputs, options.clock),
        ("synth", outputs, options.synth),
    ):
        rows += [(role, name, judge(name, patterns, options.ignore)) for name in names]
    if args.json:
        ports = [
            {
                "role": role,
                "name": driver_name(name),
                "path": path_of(name),
                "open": verdict.open,
                "why": str(verdict),
            }
            for role, name, verdict in rows
        ]
        print(json.dumps({"kind": kind.name, "ports": ports}, indent=2, ensure_ascii=False))
        return 0
    if not rows:
        print(f"no {kind.name} ports; what is plugged in later is found by itself")
        return 0
    width = max(len(label(name)) for _, name, _ in rows)
    for role, name, verdict in rows:
        print(f"{role:<9} {label(name):<{width}}  {verdict}")
    return 0
