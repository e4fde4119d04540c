"""The entry of every process of the box: ``python -m lkjam_box.service.process NAME FD``."""

from __future__ import annotations

import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

import msgspec

from ..machine.realtime import die_with_parent
from ..protocol.process_messages import PACKET, ProcessSetup, Says

MODULES = {
    "stage": "stage_process",
    "brain": "brain_process",
    "panel": "panel_process",
    "recorder": "recorder_process",
    "caretaker": "caretaker_process",
}
PROCESSES = tuple(MODULES)

_COMM = "lkjam-"


def running(parent: int) -> dict[str, int]:
    """Pids by name of the processes that supervisor ``parent`` started, without the hot standby."""
    found = {}
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            name = comm.read_text().strip().removeprefix(_COMM)
            stat = comm.with_name("stat").read_text()
        except OSError:
            continue  # it has just ended
        if name in PROCESSES and int(stat.rpartition(")")[2].split()[1]) == parent:
            found[name] = int(comm.parent.name)
    return found


def start(arguments: list[str]) -> int:
    """Load process NAME, wait for its setup on FD and run it; returns the exit code."""
    name, fd = arguments[0], int(arguments[1])
    if name not in PROCESSES:
        raise SystemExit(f"process {name!r}: allowed: {', '.join(PROCESSES)}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for library in ("OPENBLAS", "OMP", "MKL"):  # their extra threads would only wait
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    main = import_module(f"lkjam_box.service.{MODULES[name]}").main
    with socket.socket(fileno=os.dup(fd)) as control:
        packet = control.recv(PACKET)
    if not packet:
        return 0
    setup = msgspec.json.decode(packet, type=ProcessSetup)
    if setup.parent:
        die_with_parent(setup.parent)
    Path("/proc/self/comm").write_text(f"{_COMM}{name}")  # as top and ps show it
    try:
        return int(main(setup))
    except Exception as error:
        with socket.socket(fileno=os.dup(fd)) as control:
            control.send(msgspec.json.encode(Says(wrong=f"{type(error).__name__}: {error}")))
        raise


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
