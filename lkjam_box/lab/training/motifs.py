"""Motif development: transposed, delayed, stretched, compressed and cut to fragments.

Every development takes and returns notes in order of onset. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import inf

from msgspec.structs import replace

from ...music.harmony import Harmony, Progression
from ...music.note import Note
from ...protocol.engine import Feel
from .corpus import Solo
from .pitches import nearest, scale, sounding, step
from .placing import played
from .vocabulary import HIGH, LOW, changes, phrase

Motif = tuple[Note, ...]
_TEMPOS_BPM = (80.0, 240.0)
_CLOSE_BEATS = 0.5  # silence before the line at the end of a turn, at least


def displaced(motif: Sequence[Note], beats: float) -> Motif:
    """Rhythmic displacement: the same notes ``beats`` later."""
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
    """Every note moved up by ``steps`` notes of the scale of the chord that it sounds over."""
    return tuple(
        replace(note, pitch=step(note.pitch, scale(sounding(harmony, note.onset_beats)), steps))
        for note in motif
    )


def chordwise(motif: Sequence[Note], harmony: Harmony, steps: int) -> Motif:
    """Transposed, intervals kept exactly, to begin ``steps`` chord tones above its first note."""
    chord = sounding(harmony, motif[0].onset_beats)
    start = nearest(motif[0].pitch, chord.core)
    move = step(start, chord.core, steps) - motif[0].pitch
    return tuple(replace(note, pitch=note.pitch + move) for note in motif)


def adapted(motif: Sequence[Note], harmony: Harmony) -> Motif:
    """Each note moved to the nearest note of the scale of the chord that it sounds over."""
    return tuple(
        replace(
            note, pitch=nearest(note.pitch, scale(sounding(harmony, note.onset_beats)), LOW, HIGH)
        )
        for note in motif
    )


def fitted(motif: Sequence[Note], harmony: Harmony, low: int, high: int) -> Motif:
    """Notes outside ``low`` .. ``high`` moved to the nearest note of the scale inside."""
    return tuple(
        note
        if low <= note.pitch <= high
        else replace(
            note,
            pitch=nearest(note.pitch, scale(sounding(harmony, note.onset_beats)), low, high),
        )
        for note in motif
    )


def _by_sequence(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    return sequenced(motif, harmony, _inward(motif) * rng.choice((1, 1, 2)))


def _by_chords(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    return chordwise(motif, harmony, _inward(motif) * rng.choice((0, 1, 1)))


def _by_displacement(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    return adapted(displaced(motif, rng.choice((0.5, 0.5, 1.0, 1.5))), harmony)


def _by_augmentation(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    return adapted(stretched(motif, 2.0), harmony)


def _by_diminution(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    """The motif at double speed, then the same again, sequenced."""
    quick = adapted(stretched(motif, 0.5), harmony)
    length = -(-(quick[-1].onset_beats - quick[0].onset_beats + 0.5) // 0.5) * 0.5
    return (*quick, *sequenced(displaced(quick, length), harmony, _inward(motif)))


def _by_fragments(motif: Motif, harmony: Harmony, rng: random.Random) -> Motif:
    """The first or last two or three notes, three times, each time a scale step further."""
    part = fragment(motif, rng.choice((2, 3)), tail=rng.random() < 0.5)
    length = -(-(part[-1].onset_beats - part[0].onset_beats + 0.5) // 0.5) * 0.5
    move = _inward(motif)
    return tuple(
        note
        for number in range(3)
        for note in sequenced(displaced(part, number * length), harmony, number * move)
    )


# By name: the function that develops a written motif, which is already where it shall begin.
DEVELOPMENTS: dict[str, Callable[[Motif, Harmony, random.Random], Motif]] = {
    "sequence": _by_sequence,
    "chord sequence": _by_chords,
    "displacement": _by_displacement,
    "augmentation": _by_augmentation,
    "diminution": _by_diminution,
    "fragmentation": _by_fragments,
}


def _inward(motif: Motif) -> int:
    """1 where up is the way to the middle of the register, else -1."""
    return 1 if 2 * motif[0].pitch < LOW + HIGH else -1


def developed(
    motif: Motif, line_beats: float, end_beats: float, harmony: Harmony, rng: random.Random
) -> list[tuple[str, Motif]]:
    """A turn between two bar lines as (name, notes): the motif, then developments of it.

    Each begins as far after a beat as the motif does; the last note is a chord tone and
    ends ``_CLOSE_BEATS`` before ``end_beats``. Notes are on the grid and do not overlap.
    """
    limit = end_beats - _CLOSE_BEATS
    start = motif[0].onset_beats % 1 + line_beats
    now = adapted(displaced(motif, start - motif[0].onset_beats), harmony)
    turn = [("motif", now)]
    while True:
        after = turn[-1][1][-1].end_beats
        wait = -(-(after + rng.choice((0.0, 0.5, 1.0)) - start) // 1)  # whole beats
        moved = displaced(now, start + wait - now[0].onset_beats)
        name = rng.choice(tuple(DEVELOPMENTS))
        new = _apart(fitted(DEVELOPMENTS[name](moved, harmony, rng), harmony, LOW, HIGH))
        if new[-1].onset_beats > limit - 0.5:
            break
        turn.append((name, new))
        if name in ("sequence", "chord sequence"):  # the next one goes on from here
            now = new
    name, last = turn[-1]
    chord = sounding(harmony, last[-1].onset_beats)
    end = replace(
        last[-1],
        pitch=nearest(last[-1].pitch, chord.core, LOW, HIGH),
        duration_beats=min(limit - last[-1].onset_beats, max(1.0, last[-1].duration_beats)),
    )
    turn[-1] = name, (*last[:-1], end)
    return turn


def _apart(notes: Motif) -> Motif:
    """The notes, each cut where the next one begins."""
    return tuple(
        replace(a, duration_beats=min(a.duration_beats, b.onset_beats - a.onset_beats))
        for a, b in zip(notes, (*notes[1:], replace(notes[-1], onset_beats=inf)), strict=True)
    )


def new_motif(harmony: Harmony, line_beats: float, bpm: float, rng: random.Random) -> Motif:
    """Three to six written notes within three beats."""
    while True:
        start = line_beats + rng.choice((0.0, 0.0, 0.5))
        found = phrase(start, line_beats + 3, harmony, rng.randrange(58, 74), bpm, rng)
        if len(found) >= 3:
            break
    found = found[:6]
    last = found[-1]
    return (*found[:-1], replace(last, duration_beats=min(1.0, last.duration_beats)))


def motif_solos(progressions: Sequence[Progression], count: int, seed: int) -> list[Solo]:
    """``count`` solos of turns of two or four bars over ``progressions``, each a motif and
    its developments; a turn takes up the motif of the one before or a new one. The same
    seed gives the same solos."""
    rng = random.Random(seed)
    return [_solo(number, progressions, rng) for number in range(count)]


def _solo(number: int, progressions: Sequence[Progression], rng: random.Random) -> Solo:
    harmony, end = changes(progressions, rng)
    bpm = rng.uniform(*_TEMPOS_BPM)
    written: list[Note] = []
    line = 0.0
    motif: Motif = ()
    while line < end:
        length = rng.choice((8.0, 16.0, 16.0))
        if not motif or rng.random() < 0.5:
            motif = new_motif(harmony, line, bpm, rng)
        for _, notes in developed(motif, line, line + length, harmony, rng):
            written += notes
        line += length
    notes = played(written, bpm, Feel.SWING, rng)
    return Solo(f"motif-{number}", "train", bpm, harmony, notes, feel=Feel.SWING)
