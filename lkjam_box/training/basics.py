"""Stage 1: melodies made by rule, bound to the chords they sound over.

Eighth-note lines over ii-V-I, 1-6-2-5 and blues in 12 keys: a chord tone on the strong
beats, steps and chromatic approach notes between, phrases of one to four bars with
rests. They teach what a chord is before the corpus teaches what players do with it.
"""

from __future__ import annotations

import random
from functools import lru_cache

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
        phrase[-1] = last_beat, nearest(last_pitch, harmony.chord_at(last_beat).core)
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
        return nearest(pitch + heading * rng.choice((1, 2, 2, 3, 4)), harmony.chord_at(beat).core)
    if not on_beat and rng.random() < 0.3:  # a half step to a tone of the chord to come
        target = nearest(pitch + 2 * heading, harmony.chord_at(beat + 0.5).core)
        return target + rng.choice((-1, 1))
    chord = harmony.chord_at(beat)
    return nearest(pitch + heading * rng.choice((1, 2)), chord.core | chord.tensions | scale(chord))


@lru_cache(maxsize=2048)
def scale(chord: Chord) -> int:
    """Mask of the notes that players run through over ``chord``; without a chord all twelve.

    Core and tensions, and of second, fourth and sixth what they lack: the natural ones,
    but a flat sixth over a half-diminished chord.
    """
    if chord.silent:
        return 0xFFF
    here = {(pc - chord.root) % 12 for pc in range(12) if (chord.core | chord.tensions) >> pc & 1}
    if not here & {1, 2} and not {3, 4} <= here:
        here.add(2)
    if not here & {5, 6} or ({3, 6} <= here and 5 not in here):
        here.add(5)
    if not here & {8, 9}:
        here.add(8 if {3, 6, 10} <= here else 9)
    return sum(1 << (chord.root + step) % 12 for step in here)


def sounding(harmony: Harmony, onset_beats: float) -> Chord:
    """The chord a note is heard over: that of the nearest sixteenth, as players push and lag
    by up to a tenth of a beat (shared data README, section 4)."""
    return harmony.chord_at(round(onset_beats * 4) / 4)


def nearest(pitch: int, mask: int, low: int = 0, high: int = 127) -> int:
    """The pitch of ``mask`` nearest to ``pitch`` within ``low`` .. ``high``, the lower of two;
    ``pitch`` itself, brought within, where the mask has none."""
    pitch = max(low, min(high, pitch))
    for distance in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, 6, -6):
        if low <= pitch + distance <= high and mask >> ((pitch + distance) % 12) & 1:
            return pitch + distance
    return pitch
