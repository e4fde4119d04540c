"""From the options ``ports.kind`` and ``ports.din`` to ports."""

from __future__ import annotations

from pathlib import Path

from ..errors import LkjamError
from .din_port import WithDin, find_line
from .port import PortKind
from .virtual_ports import VirtualKind


def open_kind(name: str, virtual_folder: Path, din: str = "off") -> PortKind:
    """``name`` is auto, alsa, jack or virtual; auto takes ALSA where it works, else virtual.

    ``din`` is auto, off or a serial line, see :func:`.din_port.find_line`; a virtual set leaves
    the jacks alone unless it is told their line. Raises LkjamError, MissingLibrary.
    """
    line = find_line("off" if name == "virtual" and din == "auto" else din)
    kind = _driver(name, virtual_folder)
    return WithDin(kind, line) if line else kind


def _driver(name: str, virtual_folder: Path) -> PortKind:
    if name == "virtual":
        return VirtualKind(virtual_folder)
    from .rtmidi_ports import RtMidiKind

    if name != "auto":
        return RtMidiKind(name)
    try:
        return RtMidiKind("alsa")
    except LkjamError:
        return VirtualKind(virtual_folder)
