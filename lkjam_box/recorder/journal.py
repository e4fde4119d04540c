"""The journal of a set: entries behind each other, each with a checksum. Pure.

Entries are appended as the set goes on. Whatever a power cut leaves of a journal is read up to the
first entry that is not whole.

A frame is the length of the entry (2 bytes), its CRC32 begun with the number of the entry, and the
entry in JSON: a list that begins with the letter of its kind.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import msgspec

from ..midi import messages

MAGIC = b"LKJT\x01\n"
_FRAME = struct.Struct("<HI")


class Began(msgspec.Struct, frozen=True, array_like=True, tag="b"):
    """The set begins; ``bar_beats`` is a bar line at or before it: beat 0 of the file."""

    beats: float
    bar_beats: float


class Turned(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A turn begins, over these (beat, chord symbol)."""

    beats: float
    loop: int
    seat: int
    title: str
    count: int  # of the metre
    unit: int
    chords: tuple[tuple[float, str], ...]


class Tempo(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    beats: float
    bpm: float


class Message(msgspec.Struct, frozen=True, array_like=True, tag="m"):
    """A channel message, padded with 0; ``part`` as in ``protocol.records.Part``."""

    beats: float
    part: int
    status: int
    data1: int
    data2: int

    def message(self) -> messages.Message | None:
        return messages.parse_padded(self.status, self.data1, self.data2)


class Ended(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    beats: float


Entry = Began | Turned | Tempo | Message | Ended
_ENTRIES = msgspec.json.Decoder(Entry)


def frame(entry: Entry, number: int) -> bytes:
    """The bytes of ``entry``, as entry ``number`` (from 0) of a journal."""
    data = msgspec.json.encode(entry)
    return _FRAME.pack(len(data), zlib.crc32(data, number)) + data


def read(data: bytes) -> Iterator[tuple[Entry, int]]:
    """The whole entries of a journal up to the first that is not, each with where it ends."""
    if not data.startswith(MAGIC):
        return
    at, number = len(MAGIC), 0
    while at + _FRAME.size <= len(data):
        size, crc = _FRAME.unpack_from(data, at)
        at += _FRAME.size
        entry = data[at : at + size]
        if not size or len(entry) < size or zlib.crc32(entry, number) != crc:
            return
        at, number = at + size, number + 1
        try:
            yield _ENTRIES.decode(entry), at
        except msgspec.DecodeError:
            return
