"""MIDI messages: one table of the 256 status bytes, and what is read and made by it. Pure.

:func:`parse` is the only parser: behind the ports a message knows its kind and channel.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, overload

import msgspec

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


class Message(msgspec.Struct, frozen=True, gc=False, eq=False):
    """One whole message of MIDI 1.0, made by :func:`parse` or a builder below; equal to its bytes.

    Read at the edge, once: what it says lies here as numbers. (As a subclass of bytes it took ten
    times as long to make, and to ask for its channel four times as long.)
    """

    data: bytes
    """As it goes over the wire."""
    kind: int
    """A note-on of velocity 0 has :data:`NOTE_OFF`."""
    channel: int
    """0..15; -1 of a system message."""
    data1: int = 0
    """Pitch of a note, number of a controller or program; 0 where there is none, as is data2."""
    data2: int = 0
    """Velocity of a note, value of a controller."""
    origin: str = ""
    """Device that it was played on, to which it does not go back; '' for the box's own."""
    only: str = ""
    """Device that alone is sent it; '' for every one."""

    if TYPE_CHECKING:  # other words for data1 and data2; see below

        @property
        def pitch(self) -> int: ...
        @property
        def velocity(self) -> int: ...
        @property
        def number(self) -> int: ...
        @property
        def value(self) -> int: ...

    @property
    def release(self) -> int:
        """The velocity of a note-off; 64, as if none were told, of a note-on that ends a note."""
        return self.data2 if self.data[0] < NOTE_ON else 64

    @property
    def sixteenths(self) -> int:
        """The place of a Song Position, in sixteenths."""
        return self.data1 | self.data2 << 7

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Message):
            return self.data == other.data
        return self.data == other

    def __hash__(self) -> int:
        return hash(self.data)

    def __bytes__(self) -> bytes:
        return self.data

    def __len__(self) -> int:
        return len(self.data)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> bytes: ...
    def __getitem__(self, place: int | slice) -> int | bytes:
        return self.data[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self.data)

    def hex(self) -> str:
        return self.data.hex()

    def __repr__(self) -> str:
        return f"<{STATUS[self.data[0]].name} {self.data.hex(' ')}>"


if not TYPE_CHECKING:  # the same slots by the words of notes and of controllers
    Message.pitch = Message.number = Message.data1
    Message.velocity = Message.value = Message.data2

_pack = struct.Struct("3B").pack  # a third of the time that bytes() takes
_ALONE = {
    bytes((status,)): Message(bytes((status,)), status, -1)
    for status, row in enumerate(STATUS)
    if row.length == 1
}
"""Every message of one byte: each is one object."""


def parse(data: bytes) -> Message | None:
    """The message that ``data`` is; None where it is not one with all its data and no more."""
    alone = _ALONE.get(data)
    if alone is not None or not data:
        return alone
    kind, channel, length, _ = STATUS[data[0]]
    if len(data) != length or length == 1:
        return None
    data1, data2 = data[1], data[2] if length == 3 else 0
    if data1 > 0x7F or data2 > 0x7F:
        return None
    return Message(data, NOTE_OFF if kind == NOTE_ON and not data2 else kind, channel, data1, data2)


def parse_padded(status: int, data1: int, data2: int) -> Message | None:
    """As :func:`parse`, of always three bytes: those beyond the message's length are left out."""
    return parse(bytes((status, data1, data2)[: STATUS[status].length]))


def note_on(channel: int, pitch: int, velocity: int, origin: str = "") -> Message:
    """``channel`` 0..15; ``velocity`` 0 ends the note, as MIDI 1.0 has it."""
    data, kind = _pack(NOTE_ON | channel, pitch, velocity), NOTE_ON if velocity else NOTE_OFF
    return Message(data, kind, channel, pitch, velocity, origin)


def note_off(
    channel: int, pitch: int, velocity: int = 64, origin: str = "", only: str = ""
) -> Message:
    data = _pack(NOTE_OFF | channel, pitch, velocity)
    return Message(data, NOTE_OFF, channel, pitch, velocity, origin, only)


def routed(message: Message, origin: str = "", only: str = "") -> Message:
    """``message`` with this :attr:`Message.origin` and :attr:`Message.only`."""
    data, kind, channel = message.data, message.kind, message.channel
    return Message(data, kind, channel, message.data1, message.data2, origin, only)


def voice(kind: int, channel: int, *data: int) -> Message:
    """Any channel message but a note-on."""
    data1, data2 = data if len(data) == 2 else (data[0], 0)
    return Message(bytes((kind | channel, *data)), kind, channel, data1, data2)


def control_change(channel: int, number: int, value: int) -> Message:
    data = _pack(CONTROL_CHANGE | channel, number, value)
    return Message(data, CONTROL_CHANGE, channel, number, value)


def song_position(sixteenths: int) -> Message:
    data1, data2 = sixteenths & 0x7F, sixteenths >> 7 & 0x7F
    return Message(_pack(SONG_POSITION, data1, data2), SONG_POSITION, -1, data1, data2)


def real_time(status: int) -> Message:
    """A message of one byte: :data:`TICK`, :data:`START` and so on."""
    return _ALONE[bytes((status,))]
