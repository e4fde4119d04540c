"""From the options ``ports.kind`` and ``ports.din`` to ports."""

from __future__ import annotations

from pathlib import Path

from ..errors import LkjamError
from .din_port import WithDin, find_serial_port
from .port import PortKind
from .virtual_ports import VirtualKind


def open_kind(name: str, virtual_folder: Path, din: str = "off") -> PortKind:
    """``name`` is auto, alsa, jack or virtual; auto takes ALSA where it works, else virtual, and
    ``lacks`` says that no device is heard then and how to mend it.

    ``din`` is auto, off or a path, see :func:`.din_port.find_serial_port`; with virtual ports auto
    does not open the jacks. Raises LkjamError, MissingLibrary.
    """
    path = find_serial_port("off" if name == "virtual" and din == "auto" else din)
    kind = _driver(name, virtual_folder)
    return WithDin(kind, path) if path else kind


def _driver(name: str, virtual_folder: Path) -> PortKind:
    if name == "virtual":
        return VirtualKind(virtual_folder)
    from .rtmidi_ports import RtMidiKind

    if name != "auto":
        return RtMidiKind(name)
    try:
        return RtMidiKind("alsa")
    except LkjamError as error:
        kind = VirtualKind(virtual_folder)
        kind.lacks = f"no MIDI device is heard, only virtual ports are there: {error}"
        return kind
