"""Two slots, written in turn, each with a checksum: one of them is always whole.

A slot is a file of whole :data:`BLOCK` s, written over in place so that nothing but its data
changes: magic, version, sequence number, length, CRC32 of all that and of the payload, then the
payload in JSON and zeros. The newest slot that can be read counts; a write goes to the other one.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import msgspec

from .disk import Disk
from .remembered import State

NAMES = ("state.a", "state.b")
BLOCK = 4096
VERSION = 1
_MAGIC = b"LKJS"
_HEAD = struct.Struct("<4sHxxQI")
_CRC = struct.Struct("<I")
_FIRST = _HEAD.size + _CRC.size


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot as read. ``state`` is None when another version of the box wrote its own format."""

    sequence: int
    state: State | None


def encode(state: State, sequence: int) -> bytes:
    payload = msgspec.json.encode(state)
    head = _HEAD.pack(_MAGIC, VERSION, sequence, len(payload))
    data = head + _CRC.pack(zlib.crc32(head + payload)) + payload
    return data.ljust(-(-len(data) // BLOCK) * BLOCK, b"\0")


def decode(data: bytes) -> Slot | None:
    """The slot in ``data``; None where it was written in part or is no slot."""
    if len(data) < _FIRST or not data.startswith(_MAGIC):
        return None
    _, version, sequence, length = _HEAD.unpack_from(data)
    payload = data[_FIRST : _FIRST + length]
    (crc,) = _CRC.unpack_from(data, _HEAD.size)
    if len(payload) < length or zlib.crc32(data[: _HEAD.size] + payload) != crc:
        return None
    if version != VERSION:
        return Slot(sequence, None)
    try:
        return Slot(sequence, msgspec.json.decode(payload, type=State))
    except msgspec.DecodeError:
        return Slot(sequence, None)


class Slots:
    """``state`` is what was read at first (defaults if nothing), then what was saved last."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        found = [decode(disk.read(name)) for name in NAMES]
        readable = [slot.sequence if slot and slot.state else 0 for slot in found]
        newest = found[readable.index(max(readable))] if any(readable) else None
        self.state = newest.state if newest and newest.state else State()
        self._next = 1 - readable.index(max(readable)) if any(readable) else 0
        self._sequence = max((slot.sequence for slot in found if slot), default=0)

    def save(self, state: State) -> None:
        """Write ``state``. Raises OSError; may then be tried again, as the other slot is intact."""
        name = NAMES[self._next]
        new = name not in self._disk.sizes()
        self._disk.write(name, encode(state, self._sequence + 1))
        self._disk.sync(name)
        if new:
            self._disk.sync_folder()
        self.state, self._sequence, self._next = state, self._sequence + 1, 1 - self._next
