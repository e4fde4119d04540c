"""What a player does with a motif: moves, delays, stretches, tightens and cuts it.

Every development takes and gives notes in order of onset. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..music.harmony import Harmony
from ..music.note import Note
from .basics import nearest, scale, sounding
from .vocabulary import step

Motif = tuple[Note, ...]


def displaced(motif: Sequence[Note], beats: float) -> Motif:
    """Rhythmic displacement: the same so many beats later."""
    return tuple(replace(note, onset_beats=note.onset_beats + beats) for note in motif)


def stretched(motif: Sequence[Note], factor: float) -> Motif:
    """Augmentation (``factor`` over 1) or diminution, about the first onset."""
    first = motif[0].onset_beats
    return tuple(
        replace(
            note,
            onset_beats=first + factor * (note.onset_beats - first),
            duration_beats=factor * note.duration_beats,
        )
        for note in motif
    )


def fragment(motif: Sequence[Note], count: int, tail: bool = False) -> Motif:
    """The first ``count`` notes, or with ``tail`` the last ones, where the motif begins."""
    part = tuple(motif[-count:] if tail else motif[:count])
    return displaced(part, motif[0].onset_beats - part[0].onset_beats)


def sequenced(motif: Sequence[Note], harmony: Harmony, steps: int) -> Motif:
    """Every note ``steps`` notes of the scale higher, of the chord that it sounds over."""
    return tuple(
        replace(note, pitch=step(note.pitch, scale(sounding(harmony, note.onset_beats)), steps))
        for note in motif
    )


def chordwise(motif: Sequence[Note], harmony: Harmony, steps: int) -> Motif:
    """The shape kept to the semitone, from the chord tone ``steps`` above the first note."""
    chord = sounding(harmony, motif[0].onset_beats)
    start = nearest(motif[0].pitch, chord.core)
    move = (step(start, chord.core, steps) if chord.core else start + steps) - motif[0].pitch
    return tuple(replace(note, pitch=note.pitch + move) for note in motif)


def steps_between(pitch: int, goal: int, mask: int) -> int:
    """How many notes of ``mask`` it is from ``pitch`` to ``goal``, or just past it."""
    heading = 1 if goal > pitch else -1
    steps = 0
    while heading * (goal - step(pitch, mask, heading * steps)) > 0:
        steps += 1
    return heading * steps


def fitted(motif: Sequence[Note], harmony: Harmony, low: int, high: int) -> Motif:
    """What lies outside ``low`` .. ``high`` brought to the next note of the scale inside."""
    return tuple(
        note
        if low <= note.pitch <= high
        else replace(
            note,
            pitch=nearest(note.pitch, scale(sounding(harmony, note.onset_beats)), low, high),
        )
        for note in motif
    )
