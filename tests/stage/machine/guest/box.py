"""The box as its owner sees it: a service, three processes, a shared state."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from lkjam_box.protocol.shared_state import SharedState, Snapshot
from lkjam_box.service.process import running

UNIT = "lkjam-box.service"
BOARD = Path("/run/lkjam-box/shared-state")
PROCESSES = ("stage", "brain", "panel")
FRESH_S = 1.0
READY_S = 240.0  # emulated: everything takes twenty times as long


class Trouble(Exception):
    """The box is not as it should be; one line."""


def systemctl(*words: str) -> str:
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True)
    return done.stdout.strip()


def shown(name: str) -> str:
    """A property of the service."""
    return systemctl("show", UNIT, "--value", "-p", name)


def snapshot() -> Snapshot | None:
    """What the stage shows, if it is not older than a second."""
    now = SharedState.look(BOARD)
    return now if now and time.monotonic() - now.time_s < FRESH_S else None


def pids() -> dict[str, int]:
    """Process ids of the processes and the supervisor that live."""
    supervisor = int(shown("MainPID") or 0)
    return {"supervisor": supervisor, **running(supervisor)} if supervisor else {}


def wait(what: str, ready: object, limit_s: float = READY_S, every_s: float = 0.02) -> float:
    """Seconds until ``ready()`` was true, asked so often. Raises Trouble."""
    began_s = time.monotonic()
    while not ready():  # type: ignore[operator]
        if time.monotonic() - began_s > limit_s:
            raise Trouble(f"{what}: not within {limit_s:.0f} s")
        time.sleep(every_s)
    return time.monotonic() - began_s


def plays() -> bool:
    """Every instrument is there; the network may still load."""
    now = snapshot()
    return bool(now and now.keyboard and now.clock)


def whole() -> bool:
    """It plays, every process lives and the brain has spoken."""
    now = snapshot()
    return plays() and bool(now and now.engine) and {"supervisor", *PROCESSES} <= pids().keys()


def words(lines: int = 15) -> str:
    """The end of its log."""
    command = ["journalctl", "-u", UNIT, "-o", "cat", "--no-pager", "-n", str(lines)]
    return subprocess.run(command, capture_output=True, text=True).stdout
