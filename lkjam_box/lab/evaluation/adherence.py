"""Harmonic adherence: what the notes of an answer are to the chords under them. Pure.

A note's chord is the one at its metrical place by :func:`.rhythm.place`, for humans too, as
engines have no annotated places. Chord tones are triad plus sixth or seventh. On the valid
Weimar solos, read whole, they are .519 of the notes on beats 1 and 3, .494 of all and .615 of
the last of phrases (``tests/lab/evaluation/test_adherence.py`` recomputes that); by annotated
place and phrase, as in the data's README, .525, .496 and .634. Notes over N.C. are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from ...brain.phrases import positions
from ...music.harmony import Chord, Harmony
from ...music.note import Note
from ...protocol.engine import Position, Scene
from ..training.exchange import Exchange
from .chord_scales import scale
from .overlap import Measure, edges
from .rhythm import place

RESOLVE = 2  # semitones within which a chord tone resolves the note before
_INSIDE = 1e-6  # beats added, so that no rounding puts a chord's first beat before it
_SHARE = edges(0, 1, 20)
MEASURES = (
    Measure("chord_tones", "chord tones, all notes", "share", _SHARE),
    Measure("strong_chord_tones", "chord tones, beats 1 and 3", "share", _SHARE),
    Measure(
        "last_chord_tone", "chord tone as last note of the answer", "share", edges(-0.5, 1.5, 2)
    ),
    Measure(
        "phrase_end_chord_tones", "chord tones, last notes of phrases", "share", edges(0, 1, 6)
    ),
    Measure("tensions", "tensions: other tones of the chord's scale", "share", _SHARE),
    Measure("chromatic", "chromatic tones", "share", _SHARE),
    Measure("tensions_resolved", "tensions resolved by step", "share", edges(0, 1, 10)),
    Measure("chromatic_resolved", "chromatic tones resolved by step", "share", edges(0, 1, 10)),
)


class Tone(IntEnum):
    """What a note is to its chord."""

    SILENT = 0  # no chord
    CORE = 1  # triad, sixth, seventh
    TENSION = 2  # 9, 11, 13 of the kind that the chord's scale has, or as written
    CHROMATIC = 3  # none of these


def tone(pitch: int, chord: Chord) -> Tone:
    if chord.silent:
        return Tone.SILENT
    if chord.core_has(pitch):
        return Tone.CORE
    inside = scale(chord.core, chord.tensions, chord.root) >> pitch % 12 & 1
    return Tone.TENSION if inside else Tone.CHROMATIC


def tones(notes: Sequence[Note], harmony: Harmony) -> list[Tone]:
    """What each note is to the chord at its metrical place."""
    out = []
    for note in notes:
        beat = harmony.origin_beats + place(note.onset_beats, harmony) / 12
        out.append(tone(note.pitch, harmony.chord_at(beat + _INSIDE)))
    return out


def strong(at: int, harmony: Harmony) -> bool:
    """Whether a place is the first of a bar or its middle (beats 1 and 3 of four)."""
    half = round(6 * harmony.progression.metre.bar_beats)
    return at % half == 0 if half % 12 == 0 else at % (2 * half) == 0


def resolved(notes: Sequence[Note], kinds: Sequence[Tone], kind: Tone) -> list[bool]:
    """For every note of ``kind`` but the last note: whether it resolves.

    It does when the next note is a tone of its own chord, one or two semitones away.
    """
    return [
        kinds[i + 1] == Tone.CORE and 0 < abs(notes[i + 1].pitch - notes[i].pitch) <= RESOLVE
        for i in range(len(notes) - 1)
        if kinds[i] == kind
    ]


def groups(notes: Sequence[Note], kinds: Sequence[Tone], scene: Scene) -> dict[str, list[bool]]:
    """``{place: [is it a chord tone, of each note there]}``; notes over N.C. are left out.

    "last inside" are ends of phrases with another phrase after them in the turn: a
    window cut from a solo ends where the bars do, not where its player would have.
    """
    harmony = scene.harmony
    places = [place(note.onset_beats, harmony) for note in notes]
    ends = [position == Position.END for position in positions(notes, scene.bpm)]
    chosen = {
        "all": [True] * len(notes),
        "beats 1 and 3": [strong(at, harmony) for at in places],
        "other beats": [at % 12 == 0 and not strong(at, harmony) for at in places],
        "off the beat": [at % 12 != 0 for at in places],
        "last of phrase": ends,
        "last inside": [*ends[:-1], False][: len(notes)],
        "last of answer": [i + 1 == len(notes) for i in range(len(notes))],
    }
    return {
        name: [
            kind == Tone.CORE
            for kind, wanted in zip(kinds, marks, strict=True)
            if wanted and kind != Tone.SILENT
        ]
        for name, marks in chosen.items()
    }


def values(exchange: Exchange) -> dict[str, list[float]]:
    """Every measure of one answer: [share of its notes], or [] where no note counts."""
    notes, scene = exchange.answer, exchange.scene
    kinds = tones(notes, scene.harmony)
    over_chords = [kind for kind in kinds if kind != Tone.SILENT]
    by_place = groups(notes, kinds, scene)
    return {
        "chord_tones": _share(by_place["all"]),
        "strong_chord_tones": _share(by_place["beats 1 and 3"]),
        "last_chord_tone": _share(by_place["last of answer"]),
        "phrase_end_chord_tones": _share(by_place["last of phrase"]),
        "tensions": _share([kind == Tone.TENSION for kind in over_chords]),
        "chromatic": _share([kind == Tone.CHROMATIC for kind in over_chords]),
        "tensions_resolved": _share(resolved(notes, kinds, Tone.TENSION)),
        "chromatic_resolved": _share(resolved(notes, kinds, Tone.CHROMATIC)),
    }


def _share(marks: Sequence[bool]) -> list[float]:
    return [sum(marks) / len(marks)] if marks else []


def chord_tone_table(exchanges: Sequence[Exchange]) -> dict[str, dict[str, float]]:
    """``{place: {"share", "n"}}``, every note of all answers counted alike."""
    pooled: dict[str, list[bool]] = {}
    for e in exchanges:
        for name, marks in groups(e.answer, tones(e.answer, e.scene.harmony), e.scene).items():
            pooled.setdefault(name, []).extend(marks)
    return {
        name: {"share": sum(marks) / len(marks), "n": len(marks)}
        for name, marks in pooled.items()
        if marks
    }
