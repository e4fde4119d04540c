"""A left hand that comps under a line: ways to lay its onsets, and its voicings. Pure.

An onset that falls near one of the line's is moved 10 to 60 ms beside it, before or after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from ...music.harmony import Chord
from ..training.corpus import Solo
from .played_keys import Key, near_velocity

NEAR_S = 0.08  # an onset of the left hand this near to one of the line's is moved
BESIDE_S = (0.010, 0.060)  # to this far from it
_LOW, _BASS = 30, (30, 45)
TOP = 64  # E4: above this a left hand does not go, but in the kinds that follow the line
_SPREAD_S = 0.012  # between the keys of a voicing


@dataclass(frozen=True, slots=True)
class Stab:
    """An onset of the left hand: ``tones`` notes of the chord, 1 for a bass note, 0 an octave."""

    beat: float
    length_beats: float
    tones: int
    any_tone: bool = False  # it hangs below the nearest note of the line, a single tone too
    broken: bool = False  # its keys come one after the other, as eighths


def stabs(solo: Solo, rng: Random) -> Iterator[Stab]:
    for bar in _bars(solo):
        swing = rng.uniform(0.5, 0.66)
        places = rng.choice(
            (
                (0, 1 + swing),
                (swing, 2),
                (1 + swing, 3 + swing),
                (2, 3 + swing),
                (swing, 2 + swing),
                (0, 1 + swing, 3),
                (1,),
                (3 + swing,),
                (0, swing, 2 + swing),
                (),
            )
        )
        for place in places:
            yield Stab(bar + place, rng.uniform(0.15, 0.7), rng.choice((2, 3, 3, 4)))


def shells(solo: Solo, rng: Random) -> Iterator[Stab]:
    for bar in _bars(solo):
        for place in (0, 2):
            if rng.random() < 0.9:
                yield Stab(bar + place, rng.uniform(1.0, 1.95), 2)


def pads(solo: Solo, rng: Random) -> Iterator[Stab]:
    """Long chords, held by the keys, or by the pedal with the keys let go early."""
    by_pedal = rng.random() < 0.4
    for bar in _bars(solo):
        half = rng.random() < 0.4
        for place in (0, 2) if half else (0,):
            room = 2 if half else 4
            length = rng.uniform(0.3, 1.0) if by_pedal else room * rng.uniform(0.9, 1.02)
            yield Stab(bar + place, length, rng.choice((3, 4)))


def stride(solo: Solo, rng: Random) -> Iterator[Stab]:
    for bar in _bars(solo):
        for beat in range(4):
            if beat % 2:
                yield Stab(bar + beat, rng.uniform(0.3, 0.8), rng.choice((2, 3)))
            else:
                yield Stab(bar + beat, rng.uniform(0.4, 0.95), rng.choice((0, 1)))


def octaves(solo: Solo, rng: Random) -> Iterator[Stab]:
    for bar in _bars(solo):
        for place in rng.choice(((0, 2), (0,), (0, 1, 2, 3), (0, 1.5, 2), (0, 2, 3))):
            yield Stab(bar + place, rng.uniform(0.4, 1.4), 0)


def walking(solo: Solo, rng: Random) -> Iterator[Stab]:
    for bar in _bars(solo):
        for beat in range(4):
            yield Stab(bar + beat, rng.uniform(0.7, 1.02), 1)


def beside(solo: Solo, rng: Random) -> Iterator[Stab]:
    """A voicing beside every third note of the line."""
    for note in solo.notes:
        if rng.random() < 0.33:
            yield Stab(note.onset_beats, rng.uniform(0.15, 1.0), rng.choice((1, 2, 3, 4)))


def between(solo: Solo, rng: Random) -> Iterator[Stab]:
    """Stabs in the line's rests and long notes."""
    onsets = [note.onset_beats for note in solo.notes]
    for a, b in pairwise(onsets):
        beat = a + 0.3
        while beat < b - 0.3:
            if rng.random() < 0.4:
                yield Stab(beat, rng.uniform(0.1, 0.6), rng.choice((2, 3, 4)))
            beat += 0.5


def mixed(solo: Solo, rng: Random) -> Iterator[Stab]:
    """Four bars of one way, four of another."""
    ways = [
        sorted(way(solo, rng), key=lambda s: s.beat)
        for way in (stabs, shells, pads, stride, octaves, walking)
    ]
    first = ways[0][0].beat if ways[0] else 0.0
    chosen: dict[int, int] = {}
    for number, way in enumerate(ways):
        for stab in way:
            part = int((stab.beat - first) // 16)
            if chosen.setdefault(part, rng.randrange(len(ways))) == number:
                yield stab


def scattered(solo: Solo, rng: Random) -> Iterator[Stab]:
    """One key to four on any beat or off it, of any length."""
    for bar in _bars(solo):
        for eighth in range(8):
            if rng.random() < (0.2 if eighth % 2 else 0.45):
                length = rng.choice((0.25, 0.5, 1.0, 2.0, 4.0))
                yield Stab(bar + eighth / 2, length, rng.choice((1, 2, 3, 4)), any_tone=True)


def broken(solo: Solo, rng: Random) -> Iterator[Stab]:
    """Alberti and the like: a voicing every half bar, its keys one after the other."""
    for bar in _bars(solo):
        for place in (0, 2):
            yield Stab(bar + place, 2.0, 3, broken=True)


def _bars(solo: Solo) -> Iterator[float]:
    """Bar lines from the first note's bar to the last's."""
    origin = solo.harmony.origin_beats
    bar = origin + (solo.notes[0].onset_beats - origin) // 4 * 4
    while bar < solo.notes[-1].end_beats:
        yield bar
        bar += 4


def left_hand(
    solo: Solo,
    line: Sequence[Key],
    stabs: Iterator[Stab],
    rng: Random,
    gaps: Callable[[Random], int],
    top: int = TOP,
    beside_s: tuple[float, float] = BESIDE_S,
) -> list[Key]:
    beat_s = 60 / solo.bpm
    onsets = [key.on_s for key in line]
    keys: list[Key] = []
    for stab in sorted(stabs, key=lambda stab: stab.beat):
        chord = solo.harmony.chord_at(stab.beat + 0.05)
        if chord.silent:
            continue
        on_s = _beside_the_line(stab.beat * beat_s, onsets, rng, beside_s)
        off_s = on_s + max(stab.length_beats * beat_s, 0.1)
        around = _pitches(line, onsets, on_s - 0.3, off_s + 0.3) or _nearest(line, onsets, on_s)
        if stab.any_tone:
            around = _nearest(line, onsets, on_s)[-1:]
        highest = min(min(around) - gaps(rng), top)
        pitches = _voicing(chord, stab.tones, highest, rng, stab.any_tone)
        velocity = near_velocity(_velocity(line, onsets, on_s), rng)
        if stab.broken and len(pitches) == 3:
            top, middle, low = pitches
            for number, pitch in enumerate((low, top, middle, top)):
                begun_s = on_s + number * beat_s / 2 + rng.gauss(0, 0.008)
                ends_s = begun_s + rng.uniform(0.35, 0.6) * beat_s
                keys.append(Key(begun_s, ends_s, pitch, near_velocity(velocity, rng, 4)))
            continue
        for pitch in pitches:
            late_s = rng.uniform(0, _SPREAD_S)
            keys.append(
                Key(
                    on_s + late_s,
                    off_s + rng.uniform(-0.02, 0.02),
                    pitch,
                    near_velocity(velocity, rng, 4),
                )
            )
    return keys


def _beside_the_line(
    on_s: float, onsets: Sequence[float], rng: Random, beside_s: tuple[float, float]
) -> float:
    at = bisect_left(onsets, on_s)
    near = [o for o in onsets[max(at - 1, 0) : at + 1] if abs(o - on_s) < NEAR_S]
    if not near:
        return on_s + rng.gauss(0, 0.008)
    beside = min(near, key=lambda o: abs(o - on_s))
    return beside + rng.choice((-1, 1)) * rng.uniform(*beside_s)


def _voicing(chord: Chord, tones: int, top: int, rng: Random, any_tone: bool = False) -> list[int]:
    """Keys of a chord whose highest is at or just below ``top``."""
    if tones < 2 and not any_tone:
        lowest = _BASS[0] + (chord.bass - _BASS[0]) % 12
        bass = min(lowest + 12 if rng.random() < 0.3 else lowest, top if top > _LOW else lowest)
        if tones == 1 and rng.random() < 0.5:  # walks elsewhere in the chord
            inside = [p for p in range(_BASS[0], max(min(52, top), 36)) if chord.core_has(p)]
            bass = rng.choice(inside or [bass])
        return [bass, bass + 12] if tones == 0 and bass + 12 <= top else [bass]
    wanted = chord.core | chord.tensions
    if tones > 2 and rng.random() < 0.6:  # rootless, with the ninth
        wanted = wanted & ~(1 << chord.root) | 1 << (chord.root + 2) % 12
    elif tones == 2:
        wanted = chord.core & ~(1 << chord.root) & ~(1 << (chord.root + 7) % 12) or chord.core
    down = [p for p in range(max(top, _LOW + 6), _LOW - 12, -1) if wanted >> p % 12 & 1]
    keys = down[:1]
    for pitch in down[1:]:
        if len(keys) < tones and keys[-1] - pitch >= rng.choice((2, 3, 3)) and down[0] - pitch < 17:
            keys.append(pitch)
    return keys


def _pitches(line: Sequence[Key], onsets: Sequence[float], on_s: float, off_s: float) -> list[int]:
    first, last = bisect_left(onsets, on_s), bisect_left(onsets, off_s)
    held = [line[first - 1]] if first and line[first - 1].off_s > on_s else []
    return [key.pitch for key in [*held, *line[first:last]]]


def _nearest(line: Sequence[Key], onsets: Sequence[float], at_s: float) -> list[int]:
    at = bisect_left(onsets, at_s)
    return [key.pitch for key in line[max(at - 1, 0) : at + 1]]


def _velocity(line: Sequence[Key], onsets: Sequence[float], at_s: float) -> int:
    return line[min(bisect_left(onsets, at_s), len(line) - 1)].velocity


def wide(rng: Random) -> int:
    return rng.choice((5, 6, 7, 7, 8, 9, 10, 12, 12, 3)) if rng.random() < 0.9 else 3


def narrow(rng: Random) -> int:
    return rng.choice((3, 3, 4, 5))
