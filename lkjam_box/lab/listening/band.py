"""The band behind a clip: walking bass, comping and drums over the changes. Pure.

Unlike :mod:`...play.backing`, which only lets a take's chords be heard, this one keeps time:
a listener who is to judge swing needs a beat to judge it by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...music.harmony import Harmony
from ...music.note import Note
from ...play.backing import voicing
from ...protocol.engine import Feel

BASS_RANGE = (28, 50)  # E1, the lowest string, to D3
RIDE, HAT, STICK = 51, 44, 37  # General MIDI drums
STRAIGHT = frozenset({Feel.LATIN, Feel.FUNK, Feel.EVEN})
_SHORT_S = 0.1
# (beat of the bar, length in beats) of the chords; "and" marks the swung second half.
_AND = 0.5
_COMPING = (
    ((0.0, 0.9), (1.0 + _AND, 0.3)),
    ((1.0 + _AND, 0.3), (3.0, 0.6)),
    ((0.0, 0.4), (2.0 + _AND, 0.9)),
    ((1.0, 0.4), (3.0 + _AND, 0.4)),
)


def offbeat_place(bpm: float, feel: Feel) -> float:
    """Where in a beat its second half falls, .5 to .667.

    A jazz drummer's short ride note lasts about 100 ms at any medium or fast tempo, so that
    swing flattens as it gets faster (Friberg and Sundström, "Swing ratios and ensemble timing
    in jazz performance", Music Perception 19(3), 2002); never wider than 2:1 here.
    """
    if feel in STRAIGHT:
        return 0.5
    return 1.0 - min(1 / 2, max(1 / 3, _SHORT_S * bpm / 60))


def walking_bass(harmony: Harmony, start_beats: float, end_beats: float) -> list[Note]:
    """A note a beat: the chord's bass on its first, a step into the next chord on its last.

    Between them third and fifth, whichever is nearer; nothing over N.C.
    """
    notes: list[Note] = []
    last = 36
    for beat, count, length in _beats(harmony, start_beats, end_beats):
        chord = harmony.chord_at(beat)
        following = harmony.chord_at(beat + 1.0)
        if chord.silent:
            continue
        if count == 0:
            last = _nearest([chord.bass], last)
        elif count == length - 1 and not following.silent:
            goal = _nearest([following.bass], last)
            steps = [goal + step for step in (1, -1, 2, -2) if goal + step != last]
            last = min(_in_range(steps), key=lambda pitch: abs(pitch - last))
        else:
            tones = [(chord.root + s) % 12 for s in range(12) if chord.core_has(chord.root + s)]
            last = _nearest([tone for tone in tones if tone != last % 12] or tones, last)
        notes.append(Note(beat, last, 82 if count % 2 else 76, 0.92))
    return notes


def comping(harmony: Harmony, start_beats: float, end_beats: float, offbeat: float) -> list[Note]:
    """Short rootless chords, a figure a bar, four figures in turn."""
    notes: list[Note] = []
    bar = start_beats
    while bar < end_beats - 1e-6:
        for place, length in _COMPING[round((bar - start_beats) / 4) % len(_COMPING)]:
            beat = bar + int(place) + (offbeat if place % 1 else 0.0)
            chord = harmony.chord_at(beat)
            if beat < end_beats and not chord.silent:
                notes += [Note(beat, pitch, 60, length) for pitch in voicing(chord)]
        bar += 4.0
    return notes


def ride(start_beats: float, end_beats: float, offbeat: float, feel: Feel) -> list[Note]:
    """Cymbal on every beat with a skip after two and four, or straight eighths."""
    notes: list[Note] = []
    for count in range(round(end_beats - start_beats)):
        beat = start_beats + count
        notes.append(Note(beat, RIDE, 84 if count % 2 else 72, 1.0))
        if (count % 2 or feel in STRAIGHT) and beat + 1 < end_beats:
            notes.append(Note(beat + offbeat, RIDE, 62, 1.0 - offbeat))
    return notes


def hat(start_beats: float, end_beats: float) -> list[Note]:
    """The hi-hat, by foot, on beats two and four."""
    count = round(end_beats - start_beats)
    return [Note(start_beats + i, HAT, 90, 0.25) for i in range(1, count, 2)]


def count_in(end_beats: float) -> list[Note]:
    """One bar of clicks before ``end_beats``."""
    return [Note(end_beats - 4 + i, STICK, 80 if i else 100, 0.25) for i in range(4)]


def _beats(harmony: Harmony, start: float, end: float) -> Iterator[tuple[float, int, int]]:
    """(beat, its number within the chord of this bar, how many beats that chord has there)."""
    beats = [start + i for i in range(round(end - start))]
    first = 0
    for i, beat in enumerate(beats):
        fresh = (i - first) and (
            harmony.chord_at(beat) != harmony.chord_at(beats[first]) or i % 4 == 0
        )
        if fresh:
            yield from ((beats[k], k - first, i - first) for k in range(first, i))
            first = i
    yield from ((beats[k], k - first, len(beats) - first) for k in range(first, len(beats)))


def _nearest(classes: Sequence[int], last: int) -> int:
    """The pitch of one of these pitch classes nearest to ``last`` within the range."""
    low, high = BASS_RANGE
    pitches = [p for p in range(low, high + 1) if p % 12 in {c % 12 for c in classes}]
    return min(pitches, key=lambda pitch: (abs(pitch - last), pitch))


def _in_range(pitches: Sequence[int]) -> list[int]:
    low, high = BASS_RANGE
    return [p + 12 * (p < low) - 12 * (p > high) for p in pitches]
