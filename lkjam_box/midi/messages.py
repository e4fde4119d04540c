"""MIDI messages: one table of the 256 status bytes, and what is read and made by it. Pure.

:func:`parse` is the only parser: behind the ports a message knows its kind and channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL_CHANGE = 0x80, 0x90, 0xA0, 0xB0
PROGRAM, PRESSURE, PITCH_BEND = 0xC0, 0xD0, 0xE0
TIME_CODE, SONG_POSITION, SONG_SELECT, TUNE_REQUEST = 0xF1, 0xF2, 0xF3, 0xF6
TICK, START, CONTINUE, STOP = 0xF8, 0xFA, 0xFB, 0xFC
ACTIVE_SENSING, SYSTEM_RESET = 0xFE, 0xFF

SUSTAIN_CC, ALL_SOUND_OFF_CC, RESET_CONTROLLERS_CC, ALL_NOTES_OFF_CC = 64, 120, 121, 123
FIRST_MODE_CC = ALL_SOUND_OFF_CC  # from here on they are no controllers, but speak to the channel
SILENCING_CCS = (ALL_NOTES_OFF_CC, ALL_SOUND_OFF_CC)  # each ends every note of its channel
TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6


class Status(NamedTuple):
    """What a status byte says of its message."""

    kind: int  # the byte itself, without its channel
    channel: int  # 0..15; -1 of a system message
    length: int  # bytes of the whole; 0 where no message of ours begins: data, SysEx, undefined
    name: str


_KINDS = {
    NOTE_OFF: (3, "note off"),
    NOTE_ON: (3, "note on"),
    POLY_PRESSURE: (3, "poly pressure"),
    CONTROL_CHANGE: (3, "control change"),
    PROGRAM: (2, "program"),
    PRESSURE: (2, "pressure"),
    PITCH_BEND: (3, "pitch bend"),
    TIME_CODE: (2, "time code"),
    SONG_POSITION: (3, "song position"),
    SONG_SELECT: (2, "song select"),
    TUNE_REQUEST: (1, "tune request"),
    TICK: (1, "tick"),
    START: (1, "start"),
    CONTINUE: (1, "continue"),
    STOP: (1, "stop"),
    ACTIVE_SENSING: (1, "active sensing"),
    SYSTEM_RESET: (1, "reset"),
}


def _status(byte: int) -> Status:
    kind = byte if byte >= 0xF0 else byte & 0xF0
    return Status(kind, -1 if byte >= 0xF0 else byte & 0x0F, *_KINDS.get(kind, (0, "")))


STATUS = tuple(map(_status, range(0x100)))
"""A row for each byte; those of data bytes have length 0."""


class Message(bytes):
    """The bytes of one whole message of MIDI 1.0, made by :func:`parse` or a builder below."""

    kind: int
    """A note-on of velocity 0 has :data:`NOTE_OFF`."""
    channel: int
    origin: str = ""
    """Device that it was played on, to which it does not go back; '' for the box's own."""
    only: str = ""
    """Device that alone is sent it; '' for every one."""

    @property
    def pitch(self) -> int:
        """The pitch of a note; :attr:`number` of a controller or program is the same byte."""
        return self[1]

    @property
    def velocity(self) -> int:
        """The velocity of a note; :attr:`value` of a controller is the same byte."""
        return self[2]

    number, value = pitch, velocity

    @property
    def release(self) -> int:
        """The velocity of a note-off; 64, as if none were told, of a note-on that ends a note."""
        return self[2] if self[0] < NOTE_ON else 64

    @property
    def sixteenths(self) -> int:
        """The place of a Song Position, in sixteenths."""
        return self[1] | self[2] << 7

    def __repr__(self) -> str:
        return f"<{STATUS[self[0]].name} {self.hex(' ')}>"


def parse(data: bytes) -> Message | None:
    """The message that ``data`` is; None where it is not one with all its data and no more."""
    if not data:
        return None
    kind, channel, length, _ = STATUS[data[0]]
    if len(data) != length or (length > 1 and (data[1] > 0x7F or data[-1] > 0x7F)):
        return None
    return _made(NOTE_OFF if kind == NOTE_ON and not data[2] else kind, channel, data)


def parse_padded(status: int, data1: int, data2: int) -> Message | None:
    """As :func:`parse`, of always three bytes: those beyond the message's length are left out."""
    return parse(bytes((status, data1, data2)[: STATUS[status].length]))


def _made(kind: int, channel: int, data: Iterable[int]) -> Message:
    message = Message(data)
    message.kind, message.channel = kind, channel
    return message


def note_on(channel: int, pitch: int, velocity: int) -> Message:
    """``channel`` 0..15; ``velocity`` 0 ends the note, as MIDI 1.0 has it."""
    data = (NOTE_ON | channel, pitch, velocity)
    return _made(NOTE_ON if velocity else NOTE_OFF, channel, data)


def note_off(channel: int, pitch: int, velocity: int = 64) -> Message:
    return _made(NOTE_OFF, channel, (NOTE_OFF | channel, pitch, velocity))


def routed(message: Message, origin: str = "", only: str = "") -> Message:
    """A fresh ``message`` with its :attr:`Message.origin` and :attr:`Message.only` set."""
    if origin:
        message.origin = origin
    if only:
        message.only = only
    return message


def voice(kind: int, channel: int, *data: int) -> Message:
    """Any channel message but a note-on."""
    return _made(kind, channel, (kind | channel, *data))


def control_change(channel: int, number: int, value: int) -> Message:
    return voice(CONTROL_CHANGE, channel, number, value)


def song_position(sixteenths: int) -> Message:
    data = (SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7 & 0x7F)
    return _made(SONG_POSITION, -1, data)


def real_time(status: int) -> Message:
    """A message of one byte: :data:`TICK`, :data:`START` and so on."""
    return _made(status, -1, (status,))
