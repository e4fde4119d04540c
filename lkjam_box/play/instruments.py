"""The sound of each part of a take, and on which channel (General MIDI)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    name: str
    program: int  # General MIDI, from 0
    volume: int  # controller 7
    pan: int  # controller 10, 64 is the middle
    channel: int = -1  # 0..15 where it is fixed


PIANO = Instrument("piano", 0, 110, 44)
VIBES = Instrument("vibraphone", 11, 120, 88)
SAX = Instrument("tenor saxophone", 66, 100, 100)
GUITAR = Instrument("jazz guitar", 26, 110, 76)
CLICK = Instrument("click", 0, 45, 64)
COMP = Instrument("electric piano", 4, 45, 64, channel=13)
BASS = Instrument("acoustic bass", 32, 75, 64, channel=14)

PLAYERS = {  # (part, channel); -1 is any other channel
    ("player", -1): PIANO,
    ("box", 1): VIBES,
    ("box", 2): SAX,
    ("box", 3): GUITAR,
    ("box", -1): VIBES,
    ("click", -1): CLICK,
}
