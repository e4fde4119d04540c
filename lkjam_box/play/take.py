"""A take: everything a set leaves behind, in beats, ready to be written, drawn or heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..music.harmony import Metre
from ..music.note import Note


@dataclass(frozen=True, slots=True)
class Played:
    """A note as it went over the wire. ``part`` is player, box or click."""

    part: str
    note: Note
    channel: int  # 0..15
    late_s: float = 0.0  # how far behind its due time it left (box notes)
    seat: int = 0  # 0 human, 1.. box seats
    serial: int = 0  # the turn it belongs to


@dataclass(frozen=True, slots=True)
class Loop:
    """A turn from line to line. ``on_time`` is None for a human's turn or a silent answer."""

    index: int
    seat: int  # 0 human, 1.. box
    start_beats: float
    end_beats: float
    serial: int = 0
    engine: str = ""
    on_time: bool | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Beat 0 is the first tick; loop 0 begins after the count-in."""

    title: str
    metre: Metre
    tempo: tuple[tuple[float, float], ...]  # (beat, BPM) where it changes
    loops: tuple[Loop, ...]
    chords: tuple[tuple[float, str], ...]  # (beat, symbol) where it changes
    played: tuple[Played, ...]
    end_beats: float
    dropped: int = 0
    left_sounding: int = 0
    figures: dict[str, float] = field(default_factory=dict)
