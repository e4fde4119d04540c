"""From the option ``ports.kind`` to ports."""

from __future__ import annotations

from pathlib import Path

from ..errors import LkjamError
from .protocol import PortKind
from .virtual import VirtualKind


def open_kind(name: str, virtual_folder: Path) -> PortKind:
    """``name`` is auto, alsa, jack or virtual; auto takes ALSA where it works, else virtual.

    Raises LkjamError, MissingLibrary.
    """
    if name == "virtual":
        return VirtualKind(virtual_folder)
    from .rtmidi_ports import RtMidiKind

    if name != "auto":
        return RtMidiKind(name)
    try:
        return RtMidiKind("alsa")
    except LkjamError:
        return VirtualKind(virtual_folder)
