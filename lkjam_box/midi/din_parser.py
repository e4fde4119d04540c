"""Raw MIDI bytes, as a UART gives them, into whole messages. Pure.

Running status and real-time bytes anywhere are minded, also inside a message: a byte of F8 or more
is a message of its own and leaves the state as it was. The rules are those of MIDI 1.0; the order
of the tests below is what keeps them.
"""

from __future__ import annotations

from .messages import STATUS

_REAL_TIME, _SYSTEM = 0xF8, 0xF0  # statuses from here on
_NEEDS = tuple(row.length - 1 for row in STATUS)  # data bytes; -1 where nothing may follow


class DinParser:
    """Feed bytes in pieces of any length; get the messages they complete. Never raises."""

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
        if byte >= _REAL_TIME:
            return None if _NEEDS[byte] else bytes((byte,))
        if byte >= 0x80:
            return self._begin(byte)
        if not self._status:
            return None
        if self._need == 2 and not self._have:
            self._first, self._have = byte, 1
            return None
        status, self._have = self._status, 0
        if status >= _SYSTEM:
            self._status = 0  # system common messages have no running status
        return bytes((status, self._first, byte) if self._need == 2 else (status, byte))

    def _begin(self, status: int) -> bytes | None:
        self._have = 0
        self._need = _NEEDS[status]
        self._status = status if self._need > 0 else 0
        return bytes((status,)) if self._need == 0 else None
