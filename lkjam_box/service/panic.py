"""Silence the synth from outside: no box need run, or the one that did was killed."""

from __future__ import annotations

import time
from pathlib import Path

from ..config.options import Ports
from ..errors import LkjamError
from ..ports.held import Held, silence
from ..ports.names import choose, short
from ..ports.protocol import PortKind

_FLUSH_S = 0.05  # jack takes what was written at its next period


def silence_all(kind: PortKind, options: Ports, folder: Path) -> list[str]:
    """Through ports of our own, every note off; returns the names it was sent to.

    What ``folder`` knows to sound is ended note by note, then come the pedal and All Notes
    Off and All Sound Off on every channel.
    """
    held = Held.open(folder / "held") if (folder / "held").exists() else None
    messages = silence(held)
    if held is not None:
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
