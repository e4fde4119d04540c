"""Which notes sound on the wire, in a file mapped into memory.

One byte a key and channel, written at every send. When the stage process is killed,
whoever finds the file can end exactly those notes (``lkjam-box panic``, the supervisor).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

from ..closing import Closing
from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    SILENCING_CCS,
    SUSTAIN_CC,
    Message,
    control_change,
    note_off,
)
from ..protocol.mapped_file import mapped_file

_CHANNELS, _KEYS = 16, 128
_SIZE = _CHANNELS * _KEYS


class Held(Closing):
    """``Held.open(path)`` shares a file, made where there is none; ``Held()`` is private memory."""

    def __init__(self, block: mmap.mmap | None = None) -> None:
        self._block = mmap.mmap(-1, _SIZE) if block is None else block

    @classmethod
    def open(cls, path: Path) -> Held:
        return cls(mapped_file(path, _SIZE))

    def sent(self, message: Message) -> None:
        """Write down what ``message`` does to the keys."""
        kind, channel = message.kind, message.channel
        if kind in (NOTE_ON, NOTE_OFF):
            self._block[channel * _KEYS + message.pitch] = kind == NOTE_ON
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            self._block[channel * _KEYS : (channel + 1) * _KEYS] = bytes(_KEYS)

    def notes(self) -> list[tuple[int, int]]:
        """(channel 0..15, pitch) of every key that sounds."""
        keys = self._block[:]
        return [divmod(place, _KEYS) for place in range(_SIZE) if keys[place]]

    def __bool__(self) -> bool:
        """Whether any key sounds."""
        return self._block[:].count(0) < _SIZE

    def _close(self) -> None:
        self._block.close()


def silence(held: Held | None = None) -> list[Message]:
    """Messages that end everything: the keys known to sound, then pedals, notes and sound off.

    The keys known to sound come first: on a DIN wire all the messages take 50 ms.
    """
    return hush(held.notes() if held is not None else [], range(_CHANNELS))


def hush(notes: Iterable[tuple[int, int]], channels: Iterable[int]) -> list[Message]:
    """Messages that end ``notes`` (channel, pitch), then all else on their channels and these."""
    notes = list(notes)
    every = dict.fromkeys((*(channel for channel, _ in notes), *channels))
    messages = [note_off(channel, pitch) for channel, pitch in notes]
    for number in (SUSTAIN_CC, *SILENCING_CCS):
        messages += [control_change(channel, number, 0) for channel in every]
    return messages
