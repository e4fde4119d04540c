"""Phrase boundary: an answer's phrases and rests, and where it begins and ends. Pure.

Phrases are those of :mod:`...brain.phrases`, for humans and machines alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ...brain.phrases import positions
from ...music.note import Note
from ...protocol.engine import Position
from ..training.exchange import Exchange
from .overlap import Measure, edges, log_edges

MEASURES = (
    Measure("closes", "answers that close by themselves", "share", edges(-0.5, 1.5, 2)),
    Measure("phrases", "phrases in a turn", "phrases", edges(0.5, 8.5, 8)),
    Measure("phrase_notes", "notes in a phrase", "notes", log_edges(1, 64, 12)),
    Measure("phrase_beats", "length of a phrase", "beats", log_edges(0.25, 32, 14)),
    Measure("rest_beats", "rest between phrases", "beats", log_edges(0.25, 8, 10)),
    Measure("symmetry", "shorter over longer of neighbouring phrases", "ratio", edges(0, 1, 10)),
    Measure("silence", "silent share of a turn", "share", edges(0, 1, 20)),
    Measure("entry_beats", "line to first onset", "beats", edges(0, 8, 16)),
    Measure("exit_beats", "last onset to next line", "beats", edges(0, 8, 16)),
)


def phrases(notes: Sequence[Note], bpm: float) -> list[tuple[Note, ...]]:
    """The notes of one turn, phrase by phrase."""
    out: list[tuple[Note, ...]] = []
    first = 0
    for i, position in enumerate(positions(notes, bpm)):
        if position == Position.END:
            out.append(tuple(notes[first : i + 1]))
            first = i + 1
    return out


def phrase_beats(phrase: Sequence[Note]) -> float:
    """From the first onset to the end of the last note."""
    return phrase[-1].end_beats - phrase[0].onset_beats


def rests_beats(parts: Sequence[Sequence[Note]]) -> list[float]:
    """From the end of each phrase to the onset of the next."""
    return [b[0].onset_beats - a[-1].end_beats for a, b in pairwise(parts)]


def symmetry(parts: Sequence[Sequence[Note]]) -> list[float]:
    """Shorter over longer length in beats, for every two neighbouring phrases."""
    lengths = [phrase_beats(part) for part in parts]
    return [min(a, b) / max(a, b) for a, b in pairwise(lengths)]


def silence(notes: Sequence[Note], start_beats: float, end_beats: float) -> float:
    """Share of the turn in which no note sounds; notes do not overlap."""
    sounding = sum(
        max(0.0, min(note.end_beats, end_beats) - max(note.onset_beats, start_beats))
        for note in notes
    )
    return max(0.0, 1.0 - sounding / (end_beats - start_beats))


def values(exchange: Exchange) -> dict[str, list[float]]:
    """Every measure of one answer. An answer without a note is silent and closed nothing.

    ``entry_beats`` is 0 for a note that anticipates the line.
    """
    notes, scene = exchange.answer, exchange.scene
    parts = phrases(notes, scene.bpm)
    return {
        "closes": [float(exchange.closed and bool(notes))],
        "phrases": [float(len(parts))] if notes else [],
        "phrase_notes": [float(len(part)) for part in parts],
        "phrase_beats": [phrase_beats(part) for part in parts],
        "rest_beats": rests_beats(parts),
        "symmetry": symmetry(parts),
        "silence": [silence(notes, scene.start_beats, scene.end_beats)],
        "entry_beats": [max(0.0, note.onset_beats - scene.start_beats) for note in notes[:1]],
        "exit_beats": [scene.end_beats - note.onset_beats for note in notes[-1:]],
    }
