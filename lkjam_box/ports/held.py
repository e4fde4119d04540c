"""Which notes sound on the wire and what was moved there, in a file mapped into memory.

One byte a key and channel, and one for each thing that lasts on a channel (bend, volume, pedals),
written at every send. When the stage process is killed, whoever finds the file can end exactly
those notes and make those things neutral (``lkjam-box panic``, the supervisor).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

from ..closing import Closing
from ..midi.controllers import LASTING, Control, Controllers
from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    SILENCING_CCS,
    SUSTAIN_CC,
    Message,
    control_change,
    note_off,
)
from ..protocol.mapped_file import mapped_file

_CHANNELS, _KEYS = 16, 128
_NOTES = _CHANNELS * _KEYS
_SIZE = _NOTES + _CHANNELS * len(LASTING)
_PLACES = {lasting: place for place, lasting in enumerate(LASTING)}


class Held(Closing):
    """``Held.open(path)`` shares a file, made where there is none; ``Held()`` is private memory."""

    def __init__(self, block: mmap.mmap | None = None) -> None:
        self._block = mmap.mmap(-1, _SIZE) if block is None else block
        self._controllers = Controllers()

    @classmethod
    def open(cls, path: Path) -> Held:
        return cls(mapped_file(path, _SIZE))

    def hold(self, message: Message) -> None:
        """Write down the key of a note-on that is about to be ``sent``."""
        self._block[message.channel * _KEYS + message.pitch] = 1

    def sent(self, message: Message) -> None:
        """Write down what ``message`` does to keys and controllers."""
        kind, channel = message.kind, message.channel
        if kind in (NOTE_ON, NOTE_OFF):
            self._block[channel * _KEYS + message.pitch] = kind == NOTE_ON
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            self._block[channel * _KEYS : (channel + 1) * _KEYS] = bytes(_KEYS)
        moved = self._controllers.take(message)
        if moved is not None and moved[0][1:] in _PLACES:
            control, neutral = moved[0], self._controllers.neutral(moved[0])
            neutral >>= 7 * (control.kind == PITCH_BEND)  # a bend by its coarse half
            self._block[_NOTES + channel * len(LASTING) + _PLACES[control[1:]]] = 1 + neutral

    def notes(self) -> list[tuple[int, int]]:
        """(channel 0..15, pitch) of every key that sounds."""
        keys = self._block[:_NOTES]
        return [divmod(place, _KEYS) for place in range(_NOTES) if keys[place]]

    def neutral(self) -> list[Message]:
        """What makes neutral all that was ever moved, whether it is or not: a synth that had lost
        its cable may not know."""
        messages = []
        for place, byte in enumerate(self._block[_NOTES:]):
            if byte:
                channel, number = divmod(place, len(LASTING))
                control = Control(channel, *LASTING[number])
                messages.append(control.at(byte - 1 << 7 * (control.kind == PITCH_BEND)))
        return messages

    def __bool__(self) -> bool:
        """Whether any key sounds."""
        return self._block[:_NOTES].count(0) < _NOTES

    def _close(self) -> None:
        self._block.close()


def silence(held: Held | None = None) -> list[Message]:
    """Messages that end everything: the keys known to sound, then pedals, notes and sound off,
    then what makes neutral all that was moved.

    The keys known to sound come first: on a DIN wire the 48 messages after them take 50 ms.
    """
    notes, neutral = (held.notes(), held.neutral()) if held is not None else ([], [])
    return hush(notes, range(_CHANNELS), neutral)


def hush(
    notes: Iterable[tuple[int, int]], channels: Iterable[int], neutral: Iterable[Message] = ()
) -> list[Message]:
    """Messages that end ``notes`` (channel, pitch), then all else on their channels and these,
    then those of ``neutral``."""
    notes = list(notes)
    every = dict.fromkeys((*(channel for channel, _ in notes), *channels))
    messages = [note_off(channel, pitch) for channel, pitch in notes]
    for number in (SUSTAIN_CC, *SILENCING_CCS):
        messages += [control_change(channel, number, 0) for channel in every]
    return [*messages, *neutral]
