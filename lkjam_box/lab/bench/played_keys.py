"""Keys of a take that a benchmark plays, and which of them are the melody. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ..training.corpus import Solo


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the take: of the ``line``, a ``grace`` note before one of its notes, or neither."""

    on_s: float
    off_s: float
    pitch: int
    velocity: int
    line: bool = False
    grace: bool = False


def line_of(solo: Solo) -> list[Key]:
    """The solo as keys, in seconds from its beat 0."""
    beat_s = 60 / solo.bpm
    return [
        Key(n.onset_beats * beat_s, n.end_beats * beat_s, n.pitch, n.velocity, True)
        for n in solo.notes
    ]


def near_velocity(velocity: int, rng: Random, by: float = 10) -> int:
    """A velocity like another."""
    return round(min(max(velocity + rng.gauss(-2, by), 12), 127))
