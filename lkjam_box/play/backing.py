"""A quiet bass and comping over the changes of a take, so that a listener hears them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..music.chords import parse_chord
from ..music.harmony import Chord
from ..music.note import Note
from .instruments import BASS, COMP
from .take import Take

_BASS_LOW = 33  # A1
_COMP_LOW = 55  # G3: voicings lie in the octave above
_SWING = 2 / 3  # of a beat: where its second half falls


def backing(take: Take) -> list[tuple[int, Note]]:
    """(channel, note): bass on each half of a bar, short chords on the first beat and on the
    off-beat of the second; nothing over N.C."""
    bar = take.metre.bar_beats
    played: list[tuple[int, Note]] = []
    for beat, end, chord in _spans(take, bar):
        half = bar / 2 if take.metre.count % 2 == 0 else bar
        place = beat
        while place < end - 0.25:
            length = min(half, end - place)
            fifth = place > beat
            played.append((BASS.channel, Note(place, _bass(chord, fifth), 70, length * 0.85)))
            place += half
        for hit, length in ((0.0, 0.9), (1 + _SWING, 0.3)):
            if beat + hit < end - 0.25:
                room = min(length, end - beat - hit)
                played += [(COMP.channel, Note(beat + hit, p, 52, room)) for p in voicing(chord)]
    return played


def _spans(take: Take, bar: float) -> Iterator[tuple[float, float, Chord]]:
    """Chords cut at bar lines, those of N.C. left out."""
    for (beat, symbol), (end, _) in pairwise((*take.chords, (take.end_beats, ""))):
        chord = parse_chord(symbol)
        while beat < end - 1e-6 and not chord.silent:
            origin = take.chords[0][0]
            line = origin + ((beat - origin + 1e-6) // bar + 1) * bar
            yield beat, min(line, end), chord
            beat = line


def _bass(chord: Chord, fifth: bool) -> int:
    """The bass note, or the chord's own fifth above or below it."""
    step = chord.bass
    if fifth and chord.bass == chord.root:
        step += next((n for n in (7, 6, 8) if chord.core_has(chord.root + n)), 0)
    return _BASS_LOW + (step - _BASS_LOW) % 12


def voicing(chord: Chord) -> list[int]:
    """Third, seventh and what the symbol adds, no root: up to four notes from G3 up."""
    tones = chord.core | chord.tensions
    steps = [s for s in range(1, 12) if tones >> ((chord.root + s) % 12) & 1]
    chosen = sorted(steps, key=lambda s: (s not in (3, 4, 10, 11), s == 7))[:4]
    return sorted(_COMP_LOW + (chord.root + s - _COMP_LOW) % 12 for s in chosen)
