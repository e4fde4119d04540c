"""The few MIDI messages the box speaks, as bytes. Pure, allocation-light."""

from __future__ import annotations

NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL_CHANGE = 0x80, 0x90, 0xA0, 0xB0
PROGRAM, PRESSURE, PITCH_BEND = 0xC0, 0xD0, 0xE0
SONG_POSITION = 0xF2
TICK, START, CONTINUE, STOP = 0xF8, 0xFA, 0xFB, 0xFC
ACTIVE_SENSING, SYSTEM_RESET = 0xFE, 0xFF

SUSTAIN_CC, ALL_SOUND_OFF_CC, ALL_NOTES_OFF_CC = 64, 120, 123
TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6


def note_on(channel: int, pitch: int, velocity: int) -> bytes:
    """``channel`` 0..15, ``velocity`` 1..127."""
    return bytes((NOTE_ON | channel, pitch, velocity))


def note_off(channel: int, pitch: int) -> bytes:
    return bytes((NOTE_OFF | channel, pitch, 64))


def control_change(channel: int, number: int, value: int) -> bytes:
    return bytes((CONTROL_CHANGE | channel, number, value))


def song_position(sixteenths: int) -> bytes:
    return bytes((SONG_POSITION, sixteenths & 0x7F, sixteenths >> 7 & 0x7F))


def is_note_on(message: bytes) -> bool:
    """A note-on of velocity 0 is a note-off (MIDI 1.0)."""
    return message[0] & 0xF0 == NOTE_ON and message[2] > 0


def is_note_off(message: bytes) -> bool:
    kind = message[0] & 0xF0
    return kind == NOTE_OFF or (kind == NOTE_ON and message[2] == 0)


def is_whole(message: bytes) -> bool:
    """One message of MIDI 1.0 with all its data and no more; SysEx is none of ours."""
    return (
        bool(message)
        and len(message) == _LENGTHS[message[0]]
        and (len(message) == 1 or max(message[1:]) < 0x80)
    )


_LENGTHS = (
    *(0,) * 0x80,  # data first
    *(3,) * 0x40,
    *(2,) * 0x20,
    *(3,) * 0x10,
    *(0, 2, 3, 2, 0, 0, 1, 0),
    *(1,) * 8,
)
