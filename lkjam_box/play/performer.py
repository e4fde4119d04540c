"""A process that plays prepared messages on a virtual port, each at its time.

``python -m lkjam_box.play.performer PORTS_FOLDER NAME`` reads lines ``time_s hex`` from
standard input (monotonic seconds, rising), opens a virtual source called NAME and plays
them. The drum machine and the player of the demo are two of these.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from ..ports.virtual import VirtualKind


def perform(folder: Path, name: str, score: Iterable[tuple[float, bytes]]) -> None:
    """Play ``score``; the port is there from the beginning and goes when all is played."""
    port = VirtualKind(folder).create_output(name)
    try:
        for time_s, message in score:
            wait_s = time_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            port.send(message)
    finally:
        port.close()


def read_score(lines: Iterable[str]) -> list[tuple[float, bytes]]:
    score = []
    for line in lines:
        time_s, _, message = line.partition(" ")
        score.append((float(time_s), bytes.fromhex(message)))
    return score


def write_score(score: Iterable[tuple[float, bytes]]) -> str:
    return "".join(f"{time_s:.6f} {message.hex()}\n" for time_s, message in score)


if __name__ == "__main__":
    perform(Path(sys.argv[1]), sys.argv[2], read_score(sys.stdin.read().splitlines()))
