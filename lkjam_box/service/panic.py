"""Silence the synth from outside: no box need run, or the one that did was killed."""

from __future__ import annotations

import time
from pathlib import Path

from ..config.options import Ports
from ..errors import LkjamError
from ..ports.held import Held, silence
from ..ports.names import choose, short
from ..ports.port import PortKind

HELD = "held"  # file in the runtime folder
_FLUSH_S = 0.05  # jack takes what was written at its next period


def left_sounding(folder: Path) -> bool:
    """Whether the last box here ended without its note-offs."""
    held = Held.open(folder / HELD)
    try:
        return bool(held.notes())
    finally:
        held.close()


def silence_all(kind: PortKind, options: Ports, folder: Path) -> list[str]:
    """Through ports of our own, every note off; returns the names it was sent to.

    What ``folder`` knows to sound is ended note by note, then come the pedal and All Notes
    Off and All Sound Off on every channel.
    """
    held = Held.open(folder / HELD)
    messages = silence(held)
    held.close()
    reached = []
    for name in choose(kind.outputs(), options.synth, options.ignore):
        try:
            port = kind.open_output(name)
            for message in messages:
                port.send(message)
            if kind.name != "virtual":
                time.sleep(_FLUSH_S)
            port.close()
        except (LkjamError, OSError):
            continue
        reached.append(short(name))
    return reached
