"""A process that plays prepared messages on a virtual port, each at its time.

``python -m lkjam_box.play.performer PORTS_FOLDER NAME`` opens a virtual source called NAME,
reads lines ``time_s hex`` from standard input to its end (monotonic seconds, rising) and
plays them. The drum machine and the player of the demo are two of these.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from ..machine import realtime
from ..midi.messages import Message, parse
from ..ports.port import OutputPort
from ..ports.virtual_ports import VirtualKind

PRIORITY = 80  # the stage's is 70
Timed = tuple[float, Message]


def perform(port: OutputPort, score: Iterable[Timed]) -> None:
    """Play ``score``; deadlines are absolute, so that nothing adds up."""
    for time_s, message in score:
        wait_s = time_s - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        port.send(message)


def read_score(lines: Iterable[str]) -> list[Timed]:
    score = []
    for line in lines:
        time_s, _, data = line.partition(" ")
        message = parse(bytes.fromhex(data))
        if message is not None:
            score.append((float(time_s), message))
    return score


def write_score(score: Iterable[Timed]) -> str:
    return "".join(f"{time_s:.6f} {message.hex()}\n" for time_s, message in score)


def main(folder: Path, name: str) -> None:
    """Open the port, read the score, play it, close the port.

    A real drum machine shares no computer with the box: where the system gives the right to it,
    this process has a priority above all of the box's, so that its beats are as exact.
    """
    realtime.die_with_parent(os.getppid())
    realtime.take(PRIORITY, False, -2)
    with VirtualKind(folder).create_output(name) as port:
        perform(port, read_score(sys.stdin))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
