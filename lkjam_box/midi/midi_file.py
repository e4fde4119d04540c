"""Bytes of a standard MIDI file of type 1, without any library. Reading is in ``smf``."""

from __future__ import annotations

import struct
from collections.abc import Sequence

TICKS_PER_BEAT = 960  # a tick is 0.45 ms at 140 BPM, so that micro-timing survives


class Track:
    """Events in order; one that comes with an earlier tick than the last is put beside it."""

    def __init__(self) -> None:
        self.tick = 0  # of the last event
        self._body = bytearray()

    def add(self, tick: int, event: bytes) -> None:
        """``event`` without its delta time."""
        self._body += length(max(tick - self.tick, 0)) + event
        self.tick = max(tick, self.tick)

    def chunk(self, name: str, end_tick: int = 0) -> bytes:
        """The whole track; it ends at ``end_tick`` or with its last event."""
        begin = length(0) + text(0x03, name)
        end = length(max(end_tick - self.tick, 0)) + meta(0x2F, b"")
        body = begin + bytes(self._body) + end
        return struct.pack(">4sI", b"MTrk", len(body)) + body


def file_bytes(chunks: Sequence[bytes]) -> bytes:
    return struct.pack(">4sIHHH", b"MThd", 6, 1, len(chunks), TICKS_PER_BEAT) + b"".join(chunks)


def ticks(beats: float) -> int:
    return max(round(beats * TICKS_PER_BEAT), 0)


def length(number: int) -> bytes:
    """A number of the format's variable length, 0 to 2**28 - 1."""
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


def meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + length(len(data)) + data


def text(kind: int, words: str) -> bytes:
    """1 text, 3 name of the track, 6 marker."""
    return meta(kind, latin(words).encode("latin-1"))


def tempo(bpm: float) -> bytes:
    return meta(0x51, min(max(round(60e6 / max(bpm, 1.0)), 1), 0xFFFFFF).to_bytes(3, "big"))


def time_signature(count: int, unit: int) -> bytes:
    return meta(0x58, bytes((count, unit.bit_length() - 1, 24, 8)))


def latin(words: str) -> str:
    """Text of a MIDI file is Latin-1; the signs of chord symbols have plain spellings."""
    for sign, plain in (("Δ", "maj7"), ("♭", "b"), ("♯", "#"), ("−", "-")):
        words = words.replace(sign, plain)
    return words.encode("latin-1", "replace").decode("latin-1")
