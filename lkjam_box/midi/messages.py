"""MIDI messages: one table of the 256 status bytes, and what is made by it. Pure.

A row of :data:`STATUS` is a class, a message of that status one of its instances: bytes that know
their kind and channel without being asked twice. :func:`parse` is the only parser.
"""

from __future__ import annotations

from typing import ClassVar, cast

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL_CHANGE = 0x80, 0x90, 0xA0, 0xB0
PROGRAM, PRESSURE, PITCH_BEND = 0xC0, 0xD0, 0xE0
TIME_CODE, SONG_POSITION, SONG_SELECT, TUNE_REQUEST = 0xF1, 0xF2, 0xF3, 0xF6
TICK, START, CONTINUE, STOP = 0xF8, 0xFA, 0xFB, 0xFC
ACTIVE_SENSING, SYSTEM_RESET = 0xFE, 0xFF

SUSTAIN_CC, ALL_SOUND_OFF_CC, ALL_NOTES_OFF_CC = 64, 120, 123
TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6


class Message(bytes):
    """One whole message of MIDI 1.0. Made by :func:`parse` and the builders, never by itself."""

    __slots__ = ()
    kind: ClassVar[int] = 0
    """The status without its channel; of a note-on of velocity 0 :data:`NOTE_OFF`."""
    channel: ClassVar[int] = -1
    """0..15; -1 of a system message."""
    length: ClassVar[int] = 0
    """Bytes of the whole; 0 where there is none of ours: data first, SysEx, undefined."""
    name: ClassVar[str] = ""

    @property
    def pitch(self) -> int:
        """Of a note; :attr:`number` of a controller or program."""
        return self[1]

    @property
    def velocity(self) -> int:
        """Of a note; :attr:`value` of a controller."""
        return self[2]

    number, value = pitch, velocity

    @property
    def sixteenths(self) -> int:
        """Of a Song Position."""
        return self[1] | self[2] << 7

    def __repr__(self) -> str:
        return f"<{self.name} {self.hex(' ')}>"


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


def _row(status: int) -> type[Message]:
    """The class of the messages that begin with ``status``; of none the plain one."""
    system = status >= 0xF0
    kind = status if system else status & 0xF0
    if kind not in _KINDS:
        return Message
    length, name = _KINDS[kind]
    fields = {"kind": kind, "channel": -1 if system else status & 0x0F, "length": length}
    row = type("Message", (Message,), {"__slots__": (), "name": name, **fields})
    return cast(type[Message], row)


STATUS = tuple(map(_row, range(0x100)))
"""What each status byte means, data bytes too."""
_SILENT = NOTE_ON - NOTE_OFF  # a note-on of velocity 0 has the row so far before its own


def parse(data: bytes) -> Message | None:
    """The message that ``data`` is; None where it is not one with all its data and no more."""
    if not data:
        return None
    status = data[0]
    row = STATUS[status]
    length = row.length
    if len(data) != length or (length > 1 and (data[1] > 0x7F or data[-1] > 0x7F)):
        return None
    if row.kind == NOTE_ON and not data[2]:
        row = STATUS[status - _SILENT]
    return row(data)


def parse_padded(status: int, data1: int, data2: int) -> Message | None:
    """As :func:`parse`, of three bytes whatever the message's length."""
    return parse(bytes((status, data1, data2)[: STATUS[status].length]))


def note_on(channel: int, pitch: int, velocity: int) -> Message:
    """``channel`` 0..15; ``velocity`` 0 ends the note, as MIDI 1.0 has it."""
    status = NOTE_ON | channel
    return STATUS[status if velocity else status - _SILENT]((status, pitch, velocity))


def note_off(channel: int, pitch: int) -> Message:
    status = NOTE_OFF | channel
    return STATUS[status]((status, pitch, 64))


def control_change(channel: int, number: int, value: int) -> Message:
    return voice(CONTROL_CHANGE, channel, number, value)


def voice(kind: int, channel: int, *data: int) -> Message:
    """Any channel message but a note-on."""
    status = kind | channel
    return STATUS[status]((status, *data))


def song_position(sixteenths: int) -> Message:
    return STATUS[SONG_POSITION]((SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7 & 0x7F))


def real_time(status: int) -> Message:
    """A message of one byte: :data:`TICK`, :data:`START` and so on."""
    return STATUS[status]((status,))
