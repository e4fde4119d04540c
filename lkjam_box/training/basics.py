"""Stage 1: melodies made by rule, bound to the chords they sound over.

Eighth-note lines over ii-V-I, 1-6-2-5 and blues in 12 keys: a chord tone on the strong
beats, steps and chromatic approach notes between, phrases of one to four bars with
rests. They teach what a chord is before the corpus teaches what players do with it.
"""

from __future__ import annotations

import random

from ..music.corpus_chords import parse_corpus_chord
from ..music.harmony import Chord, Harmony, Metre, Progression
from ..music.note import Note
from .corpus import Solo

_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# (beats, semitones over the key, quality) in turn.
_FORMS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "ii-V-I": ((4, 2, "-7"), (4, 7, "7"), (8, 0, "j7")),
    "ii-V-i": ((4, 2, "m7b5"), (4, 7, "79b"), (8, 0, "-6")),
    "1-6-2-5": ((2, 0, "j7"), (2, 9, "7"), (2, 2, "-7"), (2, 7, "7")),
    "blues": (
        *((4, 0, "7"), (4, 5, "7"), (8, 0, "7"), (8, 5, "7"), (4, 0, "7"), (4, 9, "7")),
        *((4, 2, "-7"), (4, 7, "7"), (4, 0, "7"), (4, 7, "7")),
    ),
}
_BARS = 24


def generate(count: int, seed: int) -> list[Solo]:
    """``count`` solos of 24 bars; the same seed gives the same ones."""
    rng = random.Random(seed)
    return [_solo(i, rng) for i in range(count)]


def _solo(number: int, rng: random.Random) -> Solo:
    form = rng.choice(sorted(_FORMS))
    key = rng.randrange(12)
    harmony = Harmony(_progression(form, key))
    bpm = rng.uniform(80.0, 260.0)
    return Solo(f"basic-{number}", "train", bpm, harmony, tuple(_line(harmony, rng)))


def _progression(form: str, key: int) -> Progression:
    chords: list[Chord] = []
    starts: list[float] = []
    beat = 0
    for beats, step, quality in _FORMS[form]:
        starts.append(float(beat))
        chords.append(parse_corpus_chord(_NAMES[(key + step) % 12] + quality))
        beat += beats
    return Progression(form, _NAMES[key], Metre(), tuple(starts), tuple(chords), beat // 4)


def _line(harmony: Harmony, rng: random.Random) -> list[Note]:
    swing = rng.uniform(0.5, 0.64)
    beat = float(rng.randrange(3))
    pitch = rng.randrange(56, 74)
    notes: list[Note] = []
    while beat < 4 * _BARS - 4:
        end = beat + rng.choice((3, 4, 6, 8, 12, 16))
        heading = rng.choice((-1, 1))
        phrase: list[tuple[float, int]] = []
        while beat < end:
            whole_beat = beat % 1 == 0
            strong = beat % 2 == 0
            if rng.random() < 0.08:
                heading = -heading
            heading = 1 if pitch < 54 else -1 if pitch > 78 else heading
            pitch = _next_pitch(pitch, heading, beat, strong or whole_beat, harmony, rng)
            phrase.append((beat, pitch))
            beat += 0.5 if rng.random() < 0.88 else 1.0
        last_beat, last_pitch = phrase[-1]
        phrase[-1] = last_beat, _nearest(last_pitch, harmony.chord_at(last_beat).core)
        onsets = [_placed(b, swing, rng) for b, _ in phrase]
        for i, (_, p) in enumerate(phrase):
            room = onsets[i + 1] - onsets[i] if i + 1 < len(phrase) else rng.uniform(0.5, 1.4)
            velocity = round(rng.gauss(80, 12))
            notes.append(
                Note(onsets[i], p, max(30, min(120, velocity)), room * rng.uniform(0.7, 0.98))
            )
        beat = float(int(beat + rng.choice((1.5, 2, 2.5, 3, 4)) + 0.5))
    return notes


def _placed(beat: float, swing: float, rng: random.Random) -> float:
    place = beat if beat % 1 == 0 else int(beat) + swing
    return max(0.0, place + rng.gauss(0.02, 0.02))


def _next_pitch(
    pitch: int, heading: int, beat: float, on_beat: bool, harmony: Harmony, rng: random.Random
) -> int:
    if on_beat and rng.random() < 0.8:
        return _nearest(pitch + heading * rng.choice((1, 2, 2, 3, 4)), harmony.chord_at(beat).core)
    if not on_beat and rng.random() < 0.3:  # a half step to a tone of the chord to come
        target = _nearest(pitch + 2 * heading, harmony.chord_at(beat + 0.5).core)
        return target + rng.choice((-1, 1))
    chord = harmony.chord_at(beat)
    return _nearest(
        pitch + heading * rng.choice((1, 2)), chord.core | chord.tensions | _scale(chord)
    )


def _scale(chord: Chord) -> int:
    """The second, fourth and sixth over the chord, out of its way."""
    return sum(1 << (chord.root + step) % 12 for step in (2, 5, 9))


def _nearest(pitch: int, mask: int) -> int:
    for distance in (0, -1, 1, -2, 2, -3, 3):
        if mask >> ((pitch + distance) % 12) & 1:
            return pitch + distance
    return pitch
