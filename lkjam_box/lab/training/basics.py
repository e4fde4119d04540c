"""Stage 1 of training: melodies made by rule that follow the chords they sound over.

Roots, thirds, sevenths and tensions on the beats of core progressions in 12 keys, with
steps and half-step approaches between; guide tones, chord tones and eighth lines in
phrases of one to four bars. They teach what a chord is before the corpus teaches what
players do with it.
"""

from __future__ import annotations

import random

from ...music.harmony import Chord, Harmony, Metre, Progression
from ...music.note import Note
from ...music.progression import in_key
from ...protocol.engine import Feel, Style
from .corpus import Solo
from .corpus_chords import parse_corpus_chord
from .pitches import nearest, scale, step
from .placing import played

_DEGREE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# (beats, semitones over the key, quality) in turn; a name ending in m is in minor.
_FORMS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "ii-V-I": ((4, 2, "-7"), (4, 7, "7"), (8, 0, "j7")),
    "ii-V-I m": ((4, 2, "m7b5"), (4, 7, "79b"), (8, 0, "-6")),
    "1-6-2-5": ((2, 0, "j7"), (2, 9, "7"), (2, 2, "-7"), (2, 7, "7")),
    "blues": (
        *((4, 0, "7"), (4, 5, "7"), (8, 0, "7"), (8, 5, "7"), (4, 0, "7"), (4, 9, "7")),
        *((4, 2, "-7"), (4, 7, "7"), (4, 0, "7"), (4, 7, "7")),
    ),
    "blues m": (
        *((16, 0, "-7"), (8, 5, "-7"), (8, 0, "-7")),
        *((4, 8, "7"), (4, 7, "79b"), (4, 0, "-7"), (2, 2, "m7b5"), (2, 7, "79b")),
    ),
    "rhythm A": (
        *((2, 0, "6"), (2, 9, "7"), (2, 2, "-7"), (2, 7, "7")),
        *((2, 4, "-7"), (2, 9, "7"), (2, 2, "-7"), (2, 7, "7")),
        *((2, 0, "6"), (2, 0, "7"), (2, 5, "6"), (2, 6, "o7")),
        *((2, 4, "-7"), (2, 9, "7"), (2, 2, "-7"), (2, 7, "7")),
    ),
}
_POP_FORMS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "1-5-6-4": ((4, 0, ""), (4, 7, ""), (4, 9, "-"), (4, 5, "")),
    "6-4-1-5": ((4, 9, "-7"), (4, 5, "j7"), (4, 0, ""), (4, 7, "")),
    "1-6-4-5": ((4, 0, ""), (4, 9, "-"), (4, 5, ""), (4, 7, "sus")),
    "pop ii-V-I": ((4, 2, "-7"), (4, 7, "7"), (8, 0, "j7")),
}
# Qualities to play in place of a written one, drawn with equal weight.
_COLOURS = {
    "7": ("7", "7", "79", "7913"),
    "-7": ("-7", "-7", "-79"),
    "j7": ("j7", "j7", "j79", "69"),
    "79b": ("79b", "79b13b", "7alt"),
}
# Onsets in a bar (beats) by kind of line; those of "eighths" are drawn in ``_onsets``.
_BARS: dict[str, tuple[tuple[float, ...], ...]] = {
    "guide": ((0.0,), (0.0, 2.0), (0.0, 2.0), (0.0, 3.0)),
    "tones": ((0.0, 1.0, 2.0), (0.0, 1.0, 2.0, 3.0), (0.0, 1.0, 2.0, 2.5), (0.0, 1.5, 2.0, 3.5)),
    "pop": (
        *((0.0, 1.0, 2.0, 2.5, 3.0), (0.0, 0.5, 1.0, 1.5, 2.0, 3.0), (0.0, 1.5, 3.0)),
        *((0.0, 1.5, 2.0, 3.5), (0.0, 0.75, 1.5, 2.0, 3.0), (0.5, 1.0, 1.5, 2.5, 3.0)),
    ),
}
_SOLO_BARS = 24
_POP_SHARE = 0.2
_LOW, _HIGH = 52, 80
_TEMPOS_BPM = (80.0, 260.0)
# Semitones over the root of each degree (see ``_degree``), and its weight by kind of line.
_DEGREES = ((0,), (3, 4, 5), (9, 10, 11), (6, 7, 8), (1, 2, 5, 6, 8, 9))
_DEGREE_WEIGHTS = {
    "guide": (1, 8, 8, 0, 2),
    "tones": (5, 6, 5, 2, 2),
    "pop": (6, 6, 1, 5, 1),
    "eighths": (4, 7, 6, 2, 3),
}


def generate(count: int, seed: int) -> list[Solo]:
    """``count`` solos of 24 bars, a fifth of them pop, straight and on the grid; the others
    swing. The same seed gives the same ones."""
    rng = random.Random(seed)
    return [_solo(i, rng) for i in range(count)]


def _solo(number: int, rng: random.Random) -> Solo:
    pop = rng.random() < _POP_SHARE
    forms = _POP_FORMS if pop else _FORMS
    name = rng.choice(sorted(forms))
    harmony = Harmony(in_key(_progression(name, forms[name], rng), rng.randrange(12)))
    bpm = rng.uniform(*_TEMPOS_BPM)
    style, feel = (Style.POP, Feel.EVEN) if pop else (Style.SWING, Feel.SWING)
    notes = played(_line(harmony, pop, rng), bpm, feel, rng)
    return Solo(f"basic-{number}", "train", bpm, harmony, notes, style=style, feel=feel)


def _progression(
    name: str, form: tuple[tuple[int, int, str], ...], rng: random.Random
) -> Progression:
    """The form in C or C minor, each quality drawn from ``_COLOURS`` where listed there."""
    chords: list[Chord] = []
    starts: list[float] = []
    beat = 0
    for beats, degree, quality in form:
        starts.append(float(beat))
        coloured = rng.choice(_COLOURS.get(quality, (quality,)))
        chords.append(parse_corpus_chord(_DEGREE_NAMES[degree] + coloured))
        beat += beats
    key = "Cm" if name.endswith("m") else "C"
    return Progression(name, key, Metre(), tuple(starts), tuple(chords), beat // 4)


def _line(harmony: Harmony, pop: bool, rng: random.Random) -> list[Note]:
    """Written phrases of one to four bars with rests of one to four beats."""
    bar = rng.randrange(2)
    pitch = rng.randrange(58, 74)
    notes: list[Note] = []
    while bar < _SOLO_BARS:
        kind = "pop" if pop else rng.choice(("guide", "tones", "eighths", "eighths"))
        bars = min(rng.choice((1, 2, 2, 3, 4)), _SOLO_BARS - bar)
        onsets = _onsets(kind, 4.0 * bar, bars, rng)
        pitches = _pitches(kind, onsets, harmony, pitch, rng)
        ends = [*onsets[1:], min(4.0 * (bar + bars) - 1.2, onsets[-1] + 2.0)]
        notes += [
            Note(onset, p, 84 if onset % 2 == 0 else 76, end - onset)
            for onset, p, end in zip(onsets, pitches, ends, strict=True)
        ]
        pitch = pitches[-1]
        bar += bars + (rng.random() < 0.3)
    return notes


def _onsets(kind: str, start: float, bars: int, rng: random.Random) -> list[float]:
    """Onsets of one phrase, in beats; the last lies two beats or more before the phrase's end."""
    end = start + 4 * bars
    last = end - rng.choice((2.0, 2.0, 2.5, 3.0))
    if kind == "eighths":
        first = start + rng.choice((0.0, 0.5, 1.0))
        eighths = [start + 0.5 * i for i in range(8 * bars)]
        eighths = [beat for beat in eighths if first <= beat <= last]
        return [b for b in eighths if b in (first, last) or rng.random() < (0.97, 0.88)[b % 1 > 0]]
    cells = [rng.choice(_BARS[kind]) for _ in range(bars)]
    onsets = [start + 4 * i + place for i, cell in enumerate(cells) for place in cell]
    return [beat for beat in onsets if beat <= last]


def _pitches(
    kind: str, onsets: list[float], harmony: Harmony, pitch: int, rng: random.Random
) -> list[int]:
    """A pitch for each onset: on the beat a degree of the chord; off the beat a half step from a
    tone of the next chord, or a step of the scale. The last note is a chord tone."""
    heading = rng.choice((-1, 1))
    out: list[int] = []
    for i, onset in enumerate(onsets):
        if rng.random() < 0.2:
            heading = -heading
        heading = 1 if pitch < _LOW + 5 else -1 if pitch > _HIGH - 5 else heading
        chord = harmony.chord_at(onset)
        reach = 0 if kind == "guide" else heading * rng.choice((2, 3, 3, 4, 5))
        if i == len(onsets) - 1:
            pitch = nearest(pitch + reach, chord.core, _LOW, _HIGH)
        elif onset % 1 == 0 or kind == "pop":
            pitch = nearest(pitch + reach, _degree(kind, chord, rng), _LOW, _HIGH)
        elif rng.random() < 0.35:
            coming = harmony.chord_at(onsets[i + 1])
            pitch = nearest(pitch + 2 * heading, coming.core, _LOW + 1, _HIGH - 1)
            pitch += rng.choice((-1, 1))
        else:
            pitch = step(pitch, scale(chord), heading)
        out.append(pitch)
    return out


def _degree(kind: str, chord: Chord, rng: random.Random) -> int:
    """Mask of one degree of the chord: root, third, seventh (or sixth), fifth or a tension."""
    degree = rng.choices(range(5), _DEGREE_WEIGHTS[kind])[0]
    here = sum(1 << (chord.root + semitones) % 12 for semitones in _DEGREES[degree])
    tensions = scale(chord) & ~chord.core
    return here & (tensions if degree == 4 else chord.core) or chord.core
