"""Melodic contour: where an answer lies and how it moves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from ...music.note import Note
from ..training.exchange import Exchange
from ..training.similarity import contour, intervals
from .overlap import Measure, edges

STEP, LEAP = 2, 5  # semitones: a step is 1 to STEP, a leap LEAP or more
MEASURES = (
    Measure("range", "highest less lowest note", "semitones", edges(-0.5, 35.5, 18)),
    Measure("register", "mean pitch", "MIDI pitch", edges(44, 92, 16)),
    Measure("interval", "from note to note", "semitones", edges(-12.5, 12.5, 25)),
    Measure("steps", "intervals of a step", "share", edges(0, 1, 20)),
    Measure("leaps", "intervals of a fourth or more", "share", edges(0, 1, 20)),
    Measure("repeats", "repeated notes", "share", edges(0, 1, 20)),
    Measure("turns", "changes of direction per note", "per note", edges(0, 1, 20)),
)


def direction_changes(notes: Sequence[Note]) -> int:
    """How often a rise is followed by a fall or a fall by a rise; repeated notes do not count."""
    moves = [sign for sign in contour(notes) if sign]
    return sum(a != b for a, b in pairwise(moves))


def values(exchange: Exchange) -> dict[str, list[float]]:
    """Every measure of one answer; intervals are those between all its notes, rests or not."""
    notes = exchange.answer
    if len(notes) < 2:
        return {measure.key: [] for measure in MEASURES}
    pitches = [note.pitch for note in notes]
    sizes = [abs(step) for step in intervals(notes)]
    return {
        "range": [float(max(pitches) - min(pitches))],
        "register": [fmean(pitches)],
        "interval": [float(step) for step in intervals(notes)],
        "steps": [sum(1 <= size <= STEP for size in sizes) / len(sizes)],
        "leaps": [sum(size >= LEAP for size in sizes) / len(sizes)],
        "repeats": [sum(size == 0 for size in sizes) / len(sizes)],
        "turns": [direction_changes(notes) / len(notes)],
    }
