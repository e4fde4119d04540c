"""Raw MIDI bytes, as a UART gives them, into whole messages. Pure.

Safe for running status and for real-time bytes anywhere, also inside a message:
a byte of F8 or more is a message of its own and leaves the state as it was.
The rules are those of MIDI 1.0; the order of the tests is what matters.
"""

from __future__ import annotations

REAL_TIME, SYSEX, SYSEX_END = 0xF8, 0xF0, 0xF7
_UNDEFINED = frozenset((0xF4, 0xF5, 0xF9, 0xFD))
_REAL_TIME = tuple(bytes((byte,)) for byte in range(0x100))


def _length(status: int) -> int:
    """Data bytes after ``status``; -1 where nothing may follow (SysEx, undefined)."""
    if status < 0xF0:
        return 1 if status & 0xE0 == 0xC0 else 2
    return {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}.get(status, -1)


class DinParser:
    """Feed bytes in any cut; get the messages they complete. Never raises."""

    __slots__ = ("_first", "_have", "_need", "_status")

    def __init__(self) -> None:
        self._status = 0  # 0 = data bytes are skipped
        self._need = 0
        self._have = 0
        self._first = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Messages completed by ``data``, in order. SysEx and undefined bytes give none."""
        done: list[bytes] = []
        for byte in data:
            message = self.byte(byte)
            if message is not None:
                done.append(message)
        return done

    def byte(self, byte: int) -> bytes | None:
        """The message that ``byte`` (0..255) completes, if any."""
        if byte >= REAL_TIME:
            return None if byte in _UNDEFINED else _REAL_TIME[byte]
        if byte >= 0x80:
            return self._begin(byte)
        if not self._status:
            return None
        if self._need == 2 and not self._have:
            self._first, self._have = byte, 1
            return None
        status, self._have = self._status, 0
        if status >= 0xF0:
            self._status = 0  # system common messages have no running status
        return bytes((status, self._first, byte) if self._need == 2 else (status, byte))

    def _begin(self, status: int) -> bytes | None:
        self._have = 0
        self._need = _length(status)
        self._status = status if self._need > 0 else 0
        return bytes((status,)) if self._need == 0 else None
