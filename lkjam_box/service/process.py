"""The entry of every process of the box, forked (:mod:`.fork_server`) or, without a fork server,
by ``python -m lkjam_box.service.process NAME FD``."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

import msgspec

from ..machine.realtime import die_with_parent
from ..protocol.process_messages import LINKS, PACKET, ProcessSetup, Says, links_of

MODULES = {
    "stage": "stage_process",
    "brain": "brain_process",
    "panel": "panel_process",
    "recorder": "recorder_process",
    "caretaker": "caretaker_process",
}
PROCESSES = tuple(MODULES)

_COMM = "lkjam-"
_SETUP = msgspec.json.Decoder(ProcessSetup)  # made once, before the fork: 20 M instructions


def running(parent: int) -> dict[str, int]:
    """Pids by name of the processes that supervisor ``parent`` started."""
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


def call_it(name: str) -> None:
    """Give this process its name, as top, ps and :func:`running` show it."""
    Path("/proc/self/comm").write_text(f"{_COMM}{name}")


def run(name: str, fd: int) -> int:
    """Load process ``name``, wait for its setup on ``fd`` and run it; returns the exit code."""
    gc.disable()  # what is imported stays: to look for cycles in it is a tenth of the time it takes
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for library in ("OPENBLAS", "OMP", "MKL"):  # their extra threads would only wait
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    main = import_module(f"lkjam_box.service.{MODULES[name]}").main
    gc.freeze()
    gc.enable()
    with socket.socket(fileno=os.dup(fd)) as control:
        packet, fds, _, _ = socket.recv_fds(control, PACKET, len(LINKS))
    if not packet:
        return 0
    links = dict(zip(links_of(name), fds, strict=False))
    setup = _SETUP.decode(packet)
    setup = msgspec.structs.replace(setup, process=name, supervisor=fd, **links)
    if setup.parent:
        die_with_parent(setup.parent)
    call_it(name)
    try:
        return int(main(setup))
    except Exception as error:
        with socket.socket(fileno=os.dup(fd)) as control:
            control.send(msgspec.json.encode(Says(wrong=f"{type(error).__name__}: {error}")))
        raise


if __name__ == "__main__":
    if sys.argv[1] not in PROCESSES:
        raise SystemExit(f"process {sys.argv[1]!r}: allowed: {', '.join(PROCESSES)}")
    sys.exit(run(sys.argv[1], int(sys.argv[2])))
