"""Where the processes of one box meet: the runtime folder and the names in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..music.library import KEPT

SERVICE = Path("/run/lkjam-box")  # RuntimeDirectory= of the unit
SERVICE_STATE = Path("/var/lib/lkjam-box")  # and StateDirectory=
SHARED_STATE, COMMANDS, PORTS = "shared-state", "box.sock", "ports"
HELD, RESUME, LOCK = "held", "resume", "lock"
HEALTH, LAST_RUN, LIBRARY = "health.json", "last.json", "library-"
_TRACES = (SHARED_STATE, LAST_RUN)
_FILES = (SHARED_STATE, COMMANDS, PORTS, HELD, RESUME, LOCK, HEALTH, LAST_RUN)


def runtime_folder(option: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """The first there is of the option, LKJAM_RUNTIME, systemd's, the user's, a temporary one."""
    for chosen in (option, environ.get("LKJAM_RUNTIME")):
        if chosen:
            return Path(chosen)
    if systems := environ.get("RUNTIME_DIRECTORY"):
        return Path(systems.split(":")[0])
    if users := environ.get("XDG_RUNTIME_DIR"):
        return Path(users) / "lkjam-box"
    return Path(tempfile.gettempdir()) / f"lkjam-box-{os.getuid()}"


def state_folder(option: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """The folder kept over a power-off: systemd's, a runtime folder that was chosen, the user's."""
    if systems := environ.get("STATE_DIRECTORY"):
        return Path(systems.split(":")[0])
    if chosen := option or environ.get("LKJAM_RUNTIME"):
        return Path(chosen)
    users = Path(environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    return users / "lkjam-box"


def found_folder(
    option: str = "", environ: Mapping[str, str] = os.environ, service: Path = SERVICE
) -> Path:
    """Where to look for a box: our own folder, or the service's if only there a box left files."""
    folder = runtime_folder(option, environ)
    seen = any((folder / trace).exists() for trace in _TRACES)
    there = any((service / trace).exists() for trace in _TRACES)
    return service if there and not (seen or option or environ.get("LKJAM_RUNTIME")) else folder


def found_state(option: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """Where to look for what a box left: our own folder, or the service's when only that is
    there."""
    folder = state_folder(option, environ)
    chosen = option or environ.get("LKJAM_RUNTIME")
    return folder if chosen or folder.is_dir() or not SERVICE_STATE.is_dir() else SERVICE_STATE


def ports_folder(folder: Path) -> Path:
    """Where the virtual ports lie."""
    return folder / PORTS


def shared_state_path(folder: Path) -> Path:
    """The stage's snapshot."""
    return folder / SHARED_STATE


def held_path(folder: Path) -> Path:
    """The map of the keys that sound."""
    return folder / HELD


def commands_path(folder: Path) -> Path:
    """The socket that takes commands."""
    return folder / COMMANDS


def library_path(folder: Path, number: int) -> Path:
    """The library of that number. Those before it stay a while: a process may be about to read."""
    return folder / f"{LIBRARY}{number % KEPT}.json"


def is_ours(name: str) -> bool:
    """Whether the box puts a file of this name into its runtime folder."""
    return name.removesuffix(".new") in _FILES or name.startswith(LIBRARY)
