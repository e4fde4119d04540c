"""One note, in beats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a turn. Beats are quarter notes of the box's timeline (24 clock ticks)."""

    onset_beats: float
    pitch: int  # MIDI, 0..127
    velocity: int  # 1..127
    duration_beats: float

    @property
    def end_beats(self) -> float:
        return self.onset_beats + self.duration_beats
