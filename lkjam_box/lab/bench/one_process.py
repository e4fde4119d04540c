"""For comparison only: stage, brain and panel as threads of one process.

``python -m lkjam_box.lab.bench.one_process OPTIONS.json`` runs the code of the service's processes,
the stage in the main thread with its realtime priority, so that ``bench lateness`` can show how
much they delay each other. Ports must be there before it starts.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

from ...config.load import override
from ...ports.kinds import open_kind
from ...protocol.process_messages import ProcessSetup
from ...protocol.runtime_folder import ports_folder
from ...service.user_files import Files


def main(options: Path) -> int:
    """Play until SIGTERM; ``options`` is the options file."""
    files = Files(options, {}, options.parent)
    config = override(files.config, {"recorder.on": False})
    folder = Path(config.service.runtime_folder)
    library = folder / "library.json"
    library.write_bytes(files.library().encode())
    with open_kind(config.ports.kind, ports_folder(folder)) as kind:
        inputs, outputs = tuple(kind.inputs()), tuple(kind.outputs())
    link, commands, recording = _pair(), _pair(), _pair()
    kept = []  # the ends that a supervisor would hold

    def setup(process: str, link_fd: int, commands_fd: int, recording_fd: int = -1) -> ProcessSetup:
        ours, theirs = _pair()
        kept.append(ours)
        return ProcessSetup(
            process=process,
            config=config,
            folder=str(folder),
            library=str(library),
            supervisor=theirs.detach(),
            link=link_fd,
            commands=commands_fd,
            recording=recording_fd,
            inputs=inputs,
            outputs=outputs,
        )

    by_thread = signal.signal
    signal.signal = lambda *_: signal.SIG_DFL
    for process, fds in (("brain", (link[1].detach(), -1)), ("panel", (-1, commands[1].detach()))):
        run = import_module(f"lkjam_box.service.{process}_process").main
        threading.Thread(target=run, args=(setup(process, *fds),), daemon=True).start()
    time.sleep(1.5)  # the other threads load meanwhile, which holds up the whole process
    signal.signal = by_thread
    stage = import_module("lkjam_box.service.stage_process").main
    stage(setup("stage", link[0].detach(), commands[0].detach(), recording[0].detach()))
    os._exit(0)


def _pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    return ours, theirs


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
