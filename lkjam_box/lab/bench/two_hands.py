"""Two hands and a guitar, made of human solos: what else a player's keys do beside his line. Pure.

The line is a solo's, as it is or with the hand's own ways (legato, octaves, ornaments); the rest is
drawn from a seed: voicings of the solo's chords, each onset that falls near one of the line's moved
10 to 60 ms beside it, before or after.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

from ...music.harmony import Chord
from ..training.corpus import Solo

NEAR_S = 0.08  # an onset of the left hand this near to one of the line's is moved
BESIDE_S = (0.010, 0.060)  # to this far from it
_LOW, _BASS = 30, (30, 45)
_TOP = 64  # E4: above this a left hand does not go, but in the kinds that follow the line
_SPREAD_S = 0.012  # between the keys of a voicing
_SHORTEST_S = 0.03


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the take: of the ``line``, a ``grace`` note before one of its notes, or neither."""

    on_s: float
    off_s: float
    pitch: int
    velocity: int
    line: bool = False
    grace: bool = False


@dataclass(frozen=True, slots=True)
class _Stab:
    """An onset of the left hand: ``tones`` notes of the chord, 1 for a bass note, 0 an octave."""

    beat: float
    length_beats: float
    tones: int
    any_tone: bool = False  # it hangs below the nearest note of the line, a single tone too
    broken: bool = False  # its keys come one after the other, as eighths


def line_of(solo: Solo) -> list[Key]:
    """The solo as keys, in seconds from its beat 0."""
    beat_s = 60 / solo.bpm
    return [
        Key(n.onset_beats * beat_s, n.end_beats * beat_s, n.pitch, n.velocity, True)
        for n in solo.notes
    ]


def take(solo: Solo, kind: str, seed: int) -> list[Key]:
    """The solo with what ``kind`` adds, in order of onset."""
    rng = Random(f"{kind} {solo.id} {seed}")
    keys = KINDS[kind](solo, line_of(solo), rng)
    return sorted(_one_key_at_a_time(keys), key=lambda key: key.on_s)


def _one_key_at_a_time(keys: Sequence[Key]) -> list[Key]:
    """A key is down once: of two that overlap on one pitch the line's stays, or the first."""
    kept: list[Key] = []
    until: dict[int, list[Key]] = {}
    for key in sorted(keys, key=lambda key: (not key.line, key.on_s)):
        others = until.setdefault(key.pitch, [])
        if all(key.off_s <= o.on_s - 0.01 or key.on_s >= o.off_s + 0.01 for o in others):
            others.append(key)
            kept.append(key)
        elif key.line:
            kept.append(key)
    return kept


# --- the right hand


def legato(line: Sequence[Key], rng: Random) -> list[Key]:
    """Some keys let go a little after the next one went down, as on a piano."""
    held = []
    for i, key in enumerate(line):
        after = line[i + 1] if i + 1 < len(line) else None
        joined = after is not None and after.on_s - key.off_s < 0.03 and after.pitch != key.pitch
        if after is not None and joined and rng.random() < 0.4:
            room_s = (after.off_s - after.on_s) * 0.4
            key = replace(key, off_s=after.on_s + min(rng.uniform(0.005, 0.05), room_s))
        held.append(key)
    return held


def _thickened(line: Sequence[Key], rng: Random) -> list[Key]:
    """Octaves, sixths or block chords under most notes of the line: the top is the line."""
    keys = list(line)
    below: tuple[int, ...] = (12,)
    for key in line:
        if rng.random() < 0.1:
            below = rng.choice(((12,), (12,), (9,), (4,), (12, 8), (12, 8, 5)))
        if rng.random() < 0.6:
            for down in below:
                late_s = rng.uniform(-0.012, 0.012)
                velocity = _near(key.velocity, rng)
                keys.append(
                    Key(
                        key.on_s + late_s,
                        max(key.off_s, key.on_s + 0.04),
                        key.pitch - down,
                        velocity,
                    )
                )
    return keys


def _ornamented(line: Sequence[Key], rng: Random) -> list[Key]:
    """Grace notes before some notes of the line, let go before or just after it."""
    keys: list[Key] = []
    for i, key in enumerate(line):
        free_s = key.on_s - line[i - 1].on_s if i else 1.0
        if free_s > 0.12 and rng.random() < 0.15:
            before_s = rng.uniform(0.01, 0.06)
            off_s = key.on_s + rng.choice((-0.003, 0.01, 0.03))
            pitch = key.pitch + rng.choice((-1, -1, -2, 1))
            grace = Key(
                key.on_s - before_s, off_s, pitch, _near(key.velocity - 12, rng), grace=True
            )
            keys.append(grace)
        keys.append(key)
    return keys


# --- the left hand


def _stabs(solo: Solo, rng: Random) -> Iterator[_Stab]:
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
            yield _Stab(bar + place, rng.uniform(0.15, 0.7), rng.choice((2, 3, 3, 4)))


def _shells(solo: Solo, rng: Random) -> Iterator[_Stab]:
    for bar in _bars(solo):
        for place in (0, 2):
            if rng.random() < 0.9:
                yield _Stab(bar + place, rng.uniform(1.0, 1.95), 2)


def _pads(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """Long chords, held by the keys, or by the pedal with the keys let go early."""
    by_pedal = rng.random() < 0.4
    for bar in _bars(solo):
        half = rng.random() < 0.4
        for place in (0, 2) if half else (0,):
            room = 2 if half else 4
            length = rng.uniform(0.3, 1.0) if by_pedal else room * rng.uniform(0.9, 1.02)
            yield _Stab(bar + place, length, rng.choice((3, 4)))


def _stride(solo: Solo, rng: Random) -> Iterator[_Stab]:
    for bar in _bars(solo):
        for beat in range(4):
            if beat % 2:
                yield _Stab(bar + beat, rng.uniform(0.3, 0.8), rng.choice((2, 3)))
            else:
                yield _Stab(bar + beat, rng.uniform(0.4, 0.95), rng.choice((0, 1)))


def _octaves(solo: Solo, rng: Random) -> Iterator[_Stab]:
    for bar in _bars(solo):
        for place in rng.choice(((0, 2), (0,), (0, 1, 2, 3), (0, 1.5, 2), (0, 2, 3))):
            yield _Stab(bar + place, rng.uniform(0.4, 1.4), 0)


def _walking(solo: Solo, rng: Random) -> Iterator[_Stab]:
    for bar in _bars(solo):
        for beat in range(4):
            yield _Stab(bar + beat, rng.uniform(0.7, 1.02), 1)


def _beside(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """A voicing beside every third note of the line."""
    for note in solo.notes:
        if rng.random() < 0.33:
            yield _Stab(note.onset_beats, rng.uniform(0.15, 1.0), rng.choice((1, 2, 3, 4)))


def _between(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """Stabs in the line's rests and long notes."""
    onsets = [note.onset_beats for note in solo.notes]
    for a, b in pairwise(onsets):
        beat = a + 0.3
        while beat < b - 0.3:
            if rng.random() < 0.4:
                yield _Stab(beat, rng.uniform(0.1, 0.6), rng.choice((2, 3, 4)))
            beat += 0.5


def _mixed(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """Four bars of one way, four of another."""
    ways = [
        sorted(way(solo, rng), key=lambda s: s.beat)
        for way in (_stabs, _shells, _pads, _stride, _octaves, _walking)
    ]
    first = ways[0][0].beat if ways[0] else 0.0
    chosen: dict[int, int] = {}
    for number, way in enumerate(ways):
        for stab in way:
            part = int((stab.beat - first) // 16)
            if chosen.setdefault(part, rng.randrange(len(ways))) == number:
                yield stab


def _scattered(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """One key to four on any beat or off it, of any length."""
    for bar in _bars(solo):
        for eighth in range(8):
            if rng.random() < (0.2 if eighth % 2 else 0.45):
                length = rng.choice((0.25, 0.5, 1.0, 2.0, 4.0))
                yield _Stab(bar + eighth / 2, length, rng.choice((1, 2, 3, 4)), any_tone=True)


def _broken(solo: Solo, rng: Random) -> Iterator[_Stab]:
    """Alberti and the like: a voicing every half bar, its keys one after the other."""
    for bar in _bars(solo):
        for place in (0, 2):
            yield _Stab(bar + place, 2.0, 3, broken=True)


def _bars(solo: Solo) -> Iterator[float]:
    """Bar lines from the first note's bar to the last's."""
    origin = solo.harmony.origin_beats
    bar = origin + (solo.notes[0].onset_beats - origin) // 4 * 4
    while bar < solo.notes[-1].end_beats:
        yield bar
        bar += 4


def _left(
    solo: Solo,
    line: Sequence[Key],
    stabs: Iterator[_Stab],
    rng: Random,
    gaps: Callable[[Random], int],
    top: int = _TOP,
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
        velocity = _near(_velocity(line, onsets, on_s), rng)
        if stab.broken and len(pitches) == 3:
            top, middle, low = pitches
            for number, pitch in enumerate((low, top, middle, top)):
                begun_s = on_s + number * beat_s / 2 + rng.gauss(0, 0.008)
                ends_s = begun_s + rng.uniform(0.35, 0.6) * beat_s
                keys.append(Key(begun_s, ends_s, pitch, _near(velocity, rng, 4)))
            continue
        for pitch in pitches:
            late_s = rng.uniform(0, _SPREAD_S)
            keys.append(
                Key(on_s + late_s, off_s + rng.uniform(-0.02, 0.02), pitch, _near(velocity, rng, 4))
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


def _near(velocity: int, rng: Random, by: float = 10) -> int:
    return round(min(max(velocity + rng.gauss(-2, by), 12), 127))


def _wide(rng: Random) -> int:
    return rng.choice((5, 6, 7, 7, 8, 9, 10, 12, 12, 3)) if rng.random() < 0.9 else 3


def _narrow(rng: Random) -> int:
    return rng.choice((3, 3, 4, 5))


def _hands(
    stabs: Callable[[Solo, Random], Iterator[_Stab]],
    gaps: Callable[[Random], int] = _wide,
    right: Callable[[Sequence[Key], Random], list[Key]] = legato,
    top: int = _TOP,
    beside_s: tuple[float, float] = BESIDE_S,
) -> Callable[[Solo, list[Key], Random], list[Key]]:
    def played(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
        held = legato(line, rng)
        keys = right(held, rng) if right is not legato else held
        return keys + _left(solo, line, stabs(solo, rng), rng, gaps, top, beside_s)

    return played


# --- the guitar


def _guitar(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    """Strums of up to six strings under some notes of the line, up or down; ghosts above others."""
    keys: list[Key] = []
    for i, key in enumerate(line):
        free_s = min(
            key.on_s - line[i - 1].on_s if i else 1.0,
            line[i + 1].on_s - key.on_s if i + 1 < len(line) else 1.0,
        )
        draw = rng.random()
        if draw < 0.15 and free_s > 0.2:
            strings = rng.randint(2, 5)
            step_s, pitch = rng.uniform(0.006, 0.014), key.pitch
            down = rng.random() < 0.6  # low strings first: the line's note comes last
            for string in range(1, strings + 1):
                pitch -= rng.choice((3, 4, 5, 5))
                on_s = key.on_s + (-string if down else string) * step_s
                keys.append(Key(on_s, key.off_s - 0.01, pitch, _near(key.velocity, rng)))
        elif draw < 0.45:
            on_s = key.on_s + rng.uniform(0.008, min(0.05, (key.off_s - key.on_s) * 0.7 + 0.009))
            ghost = Key(
                on_s,
                on_s + rng.uniform(0.015, 0.05),
                key.pitch + rng.choice((12, 12, 19)),
                max(round(key.velocity * rng.uniform(0.12, 0.4)), 3),
            )
            if on_s < key.off_s:
                keys.append(ghost)
        keys.append(key)
    return keys


def _alone(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return line


def _alone_legato(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return legato(line, rng)


def _low(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    """The left hand alone: the line two octaves down."""
    return [replace(key, pitch=max(key.pitch - 24, 12)) for key in legato(line, rng)]


def _right_alone(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return _thickened(legato(line, rng), rng)


ALONE = ("alone", "alone, legato", "low, legato")
KINDS: dict[str, Callable[[Solo, list[Key], Random], list[Key]]] = {
    "stabs": _hands(_stabs),
    "shells": _hands(_shells),
    "pads": _hands(_pads),
    "stride": _hands(_stride),
    "octave bass": _hands(_octaves),
    "walking bass": _hands(_walking),
    "beside": _hands(_beside),
    "between": _hands(_between),
    "close": _hands(_stabs, _narrow),
    "following": _hands(_mixed, _wide, top=90),
    "scattered": _hands(_scattered, top=90),
    "mixed": _hands(_mixed),
    "together": _hands(_mixed, beside_s=(0.0, 0.004)),
    "broken chords": _hands(_broken),
    "ornaments": _hands(_mixed, right=_ornamented),
    "octaves and chords right": _hands(_mixed, right=_thickened),
    "chords right, no left": _right_alone,
    "guitar": _guitar,
    "alone": _alone,
    "alone, legato": _alone_legato,
    "low, legato": _low,
}
