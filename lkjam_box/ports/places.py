"""In which socket and by which plug an ALSA port is there: read from sysfs, off the hot path.

The sequencer numbers the clients of sound cards 16 + 4 * card (kernel,
sound/core/seq/seq_clientmgr.c), and ``/sys/class/sound/cardN/device`` is the USB interface
whose name begins with the path of its socket. The card's folder in sysfs is made anew at
every plug, and the kernel gives it an inode number that it had not used before, while card
number, client number and name may all be the same again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from .names import placed

_FIRST_CLIENT, _CLIENTS_PER_CARD, _FIRST_PROGRAM = 16, 4, 128
_CLIENT = re.compile(r"\s(\d+):\d+$|\[(\d+)\](?:\s*\((?:capture|playback)\))?(?=\s*(?::|$))")
_INTERFACE = re.compile(r"(\d+-[\d.]+):")


def card_of(name: str) -> int | None:
    """Number of the sound card behind a name of ALSA's or of a bridge's; None for a program."""
    found = _CLIENT.search(name)
    client = int(found[1] or found[2]) if found else 0
    if not _FIRST_CLIENT <= client < _FIRST_PROGRAM:
        return None
    return (client - _FIRST_CLIENT) // _CLIENTS_PER_CARD


class Places:
    """Reads sysfs below ``root``, another one in tests, with two system calls a port."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._cards = root / "sys/class/sound"

    def find(self, name: str) -> str:
        """``name`` with socket and plug, see :func:`placed`; unchanged where there is no card."""
        number = card_of(name)
        if number is None:
            return name
        card = self._cards / f"card{number}"
        try:
            plug = os.stat(card).st_ino
        except OSError:  # gone since the list was made
            return name
        try:
            interface = _INTERFACE.match(os.path.basename(os.readlink(card / "device")))
        except OSError:
            interface = None
        return placed(name, interface[1] if interface else "", plug)
