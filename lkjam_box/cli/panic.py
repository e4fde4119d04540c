"""``lkjam-box panic``: end every note, by the running box or from here."""

from __future__ import annotations

import argparse

EXAMPLES = {
    "lkjam-box panic": "end every note",
    "lkjam-box panic --direct": "from here, when the box hangs",
}


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument(
        "--direct",
        action="store_true",
        help="do not ask the running box: send the messages from here (what the unit does "
        "when the box was killed)",
    )


def run(args: argparse.Namespace) -> int:
    from ..config.load import load_config, override
    from ..ports.kinds import open_kind
    from ..protocol.folder_guard import trusted
    from ..protocol.records import Command, CommandId
    from ..protocol.runtime_folder import found_folder, ports_folder
    from ..service.command_socket import is_running, send_command
    from ..service.panic_outputs import silence_all
    from .run import overrides, tell_lacks

    config = override(load_config(args.config), overrides(args))
    folder = trusted(found_folder(config.service.runtime_folder))
    if not args.direct and is_running(folder):
        send_command(folder, Command(CommandId.PANIC))
        print("the box ended every note")
        return 0
    with open_kind(config.ports.kind, ports_folder(folder), config.ports.din) as kind:
        tell_lacks(kind)
        reached = silence_all(kind, config.ports, folder)
    print(f"all notes off: {', '.join(reached) or 'no synth is plugged in'}")
    return 0 if reached else 1
