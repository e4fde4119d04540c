"""``lkjam-box ports``: the devices of this machine, what each is for, and what the box opens."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..config.options import Ports
    from ..ports.devices import Plugged
    from ..ports.port import PortKind
    from ..protocol.choices import Device

EXAMPLES = {
    "lkjam-box ports": "what is plugged in, what it is for, and where its notes go",
    'lkjam-box ports --set "ports.keyboard=*KeyStep*"': (
        "try a pattern before it goes into the file"
    ),
    "lkjam-box ports --role KeyStep=player": (
        "tell the running box what a device is for; auto lets it learn"
    ),
}
ROLES = "player, clock, synth, some of them with + between, none, or auto"


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument("--role", metavar="DEVICE=ROLE", help=f"what a device is for: {ROLES}")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    from ..config.load import load_config, override
    from ..ports.kinds import open_kind
    from ..protocol.folder_guard import trusted
    from ..protocol.runtime_folder import found_folder, ports_folder, state_folder
    from .run import overrides, tell_lacks

    config = override(load_config(args.config), overrides(args))
    folder = trusted(found_folder(config.service.runtime_folder))
    if args.role:
        return _tell(folder, args.role)
    with open_kind(config.ports.kind, ports_folder(folder), config.ports.din) as kind:
        tell_lacks(kind)
        known = _known(folder, state_folder(config.service.runtime_folder))
        devices = _devices(kind, config.ports, known, config.thru.back)
    if args.json:
        ports = [port for device in devices for port in device["ports"]]
        listing = {"kind": kind.name, "devices": devices, "ports": ports}
        print(json.dumps(listing, indent=2, ensure_ascii=False))
        return 0
    if not devices:
        print(f"no {kind.name} ports; what is plugged in later is found by itself")
        return 0
    for device in devices:
        _show(device)
    return 0


def _known(folder: Path, state: Path) -> tuple[Device, ...]:
    """What the running box has learnt, else what the last one remembered."""
    from ..protocol.choices import Device, role_words
    from ..protocol.runtime_folder import shared_state_path
    from ..protocol.shared_state import SharedState
    from ..state.disk import Folder
    from ..state.slots import Slots

    remembered = Slots(Folder(state)).state.devices
    snapshot = SharedState.look(shared_state_path(folder))
    shown = snapshot.devices if snapshot is not None else ()
    return (
        *remembered,
        *(Device(role_words(roles), name, "", told) for _, name, roles, told in shown),
    )


def _devices(
    kind: PortKind, options: Ports, known: tuple[Device, ...], back: bool
) -> list[dict[str, Any]]:
    """Each device with its ports: opened or not, and why; and what its keys are passed on to."""
    from ..ports.device_list import DeviceList
    from ..ports.names import driver_name, is_named, judge, path_of
    from ..protocol.choices import Role, role_words

    listed = DeviceList(known, options.interfaces)
    found: dict[str, tuple[Plugged, list[dict[str, Any]]]] = {}
    for what, role, names, patterns in (
        ("keyboard", Role.PLAYER, kind.inputs(), options.keyboard),
        ("clock", Role.CLOCK, kind.inputs(), options.clock),
        ("synth", Role.SYNTH, kind.outputs(), options.synth),
    ):
        for name in names:
            verdict = judge(name, patterns, options.ignore)
            device = listed.of(name, output=verdict.open and role is Role.SYNTH)
            if verdict.open and role is not Role.CLOCK and is_named(name, patterns):
                device.named |= role
            port = {
                "role": what,
                "name": driver_name(name),
                "path": path_of(name),
                "open": verdict.open,
                "why": str(verdict),
            }
            found.setdefault(device.label, (device, []))[1].append(port)
    synths = [device for device, _ in found.values() if device.outputs and device.takes_notes]
    return [
        {
            "name": device.name,
            "path": device.path,
            "roles": role_words(device.roles),
            "told": device.told is not None,
            "named": bool(device.named),
            "known": bool(device.known),
            "interface": device.is_interface,
            "keys_go_to": [
                synth.name
                for synth in synths
                if device.listens(Role.PLAYER)
                and (synth is not device or back or device.is_interface)
            ],
            "ports": ports,
        }
        for device, ports in found.values()
    ]


def _show(device: dict[str, Any]) -> None:
    socket = f" (USB {device['path']})" if device["path"] else ""
    words = {"told": "told", "named": "named by a pattern", "known": "learnt"}
    how = next((text for key, text in words.items() if device[key]), "not played yet")
    kind = ", an interface" if device["interface"] else ""
    if any(port["open"] for port in device["ports"]):
        print(f"{device['name']}{socket}: {device['roles']} ({how}{kind})")
        to = ", ".join(device["keys_go_to"])
        print(f"   its keys go to {to or 'no other device'}")
    else:
        print(f"{device['name']}{socket}: not opened")
    width = max(len(port["name"]) for port in device["ports"])
    for port in device["ports"]:
        print(f"   {port['role']:<9} {port['name']:<{width}}  {port['why']}")


def _tell(folder: Path, text: str) -> int:
    """Tell the running box the roles of a device."""
    from ..errors import OptionError
    from ..ports.device_list import AUTO
    from ..protocol.choices import role_words, roles_of
    from ..protocol.records import RoleSetting
    from ..protocol.runtime_folder import shared_state_path
    from ..protocol.shared_state import SharedState
    from ..service.command_socket import send_command

    wanted, _, words = text.partition("=")
    roles = AUTO if words == "auto" else int(roles_of(words))
    if words != "auto" and role_words(roles) != "+".join(sorted(words.split("+"), key=_order)):
        raise OptionError("--role", found=text, allowed=f"DEVICE=ROLE, ROLE being {ROLES}")
    snapshot = SharedState.look(shared_state_path(folder))
    shown = snapshot.devices if snapshot is not None else ()
    fits = [number for number, name, _, _ in shown if name.lower() == wanted.lower()]
    if not fits:
        names = ", ".join(name for _, name, _, _ in shown) or "none plugged in, or no box runs"
        raise OptionError("--role", found=wanted, allowed=f"a device: {names}")
    for number in fits:
        send_command(folder, RoleSetting(number, roles))
    return 0


def _order(word: str) -> int:
    names = ("player", "clock", "synth")
    return names.index(word) if word in names else len(names)
