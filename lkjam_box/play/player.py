"""The virtual player: calls over any progression, from a vocabulary or from a file. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from ..config.options import Config
from ..music.harmony import Chord, Progression
from ..music.note import Note
from ..protocol.records import HUMAN
from ..turns.grid import seats_of
from .player_licks import CLOSERS, OPENERS

LOW, HIGH = 57, 86  # A3 to D6
_STEPS = {1: (0,), 3: (4, 3, 5), 5: (7, 6, 8), 7: (11, 10, 9)}  # degrees that the chord decides
_LATE_BEATS, _SPREAD_BEATS = 0.02, 0.012  # players are a little late; nobody is exact

Span = tuple[float, float]


def human_spans(config: Config, progression: Progression, loops: int) -> list[Span]:
    """From line to line, the loops that are the human's; beat 0 is the first line."""
    seats = seats_of(config.turns.line_up)
    length = (config.turns.turn_bars or progression.turn_bars) * progression.metre.bar_beats
    human = [loop for loop in range(loops) if seats[loop % len(seats)] == HUMAN]
    return [(loop * length, (loop + 1) * length) for loop in human]


def calls_for(
    progression: Progression, spans: Iterable[Span], *, seed: int = 1, bpm: float = 140.0
) -> tuple[Note, ...]:
    """A call for each span: phrases with rests, swung, never over the line.

    The same progression, spans, tempo and seed give the same notes.
    """
    dice = random.Random(f"{seed} {progression.name}")
    notes: list[Note] = []
    for start, end in spans:
        notes += _call(progression, start, end, _swing(bpm), dice)
    return tuple(notes)


def within(notes: Iterable[Note], spans: Sequence[Span], early_beats: float) -> tuple[Note, ...]:
    """The notes that begin in a span, or a little before it; a note never outlasts its span."""
    kept = []
    for note in notes:
        for start, end in spans:
            if start - early_beats <= note.onset_beats < end:
                length = min(note.duration_beats, end - note.onset_beats)
                kept.append(structs.replace(note, duration_beats=length))
                break
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class _Slot:
    onset_beats: float
    length_beats: float
    token: str


def _swing(bpm: float) -> float:
    """Where the second eighth falls: triplet-like when slow, nearly even when fast
    (Friberg & Sundström, Music Perception 2002: 3.5:1 slow to 1:1 fast)."""
    return min(max(0.67 - (bpm - 120) * 0.0008, 0.52), 0.68)


def _call(
    progression: Progression, start: float, end: float, swing: float, dice: random.Random
) -> list[Note]:
    bar = progression.metre.bar_beats
    bars = round((end - start) / bar)
    slots: list[_Slot] = []
    for first in range(0, bars, 2):
        last = first + 2 >= bars
        lick = dice.choice(CLOSERS if last and bars > 1 else OPENERS).split("|")
        if bars > 4 and not last and dice.random() < 0.3:
            continue  # leave space
        for place, text in enumerate(lick[: bars - first]):
            slots += _bar_slots(text, start + (first + place) * bar, bar, swing)
    return _sung(progression, [s for s in slots if s.onset_beats < end - 0.3], end, dice)


def _bar_slots(text: str, line: float, bar: float, swing: float) -> list[_Slot]:
    """The tokens of one bar in their places; beats that the metre lacks are left out."""
    slots: list[_Slot] = []
    for number, beat in enumerate(text.split()):
        tokens = beat.split(",")
        edges = [0.0, swing, 1.0] if len(tokens) == 2 else [n / len(tokens) for n in range(5)]
        for token, begin, finish in zip(tokens, edges, edges[1:], strict=False):
            if number + begin < bar:
                slots.append(_Slot(line + number + begin, finish - begin, token))
    return slots


def _sung(
    progression: Progression, slots: list[_Slot], end: float, dice: random.Random
) -> list[Note]:
    """Slots as notes: pitches by voice leading, holds joined, onset and velocity as a person's."""
    joined: list[_Slot] = []
    for slot in slots:
        if slot.token == "-" and joined:
            held = joined[-1].length_beats + slot.length_beats
            joined[-1] = replace(joined[-1], length_beats=held)
        else:
            joined.append(slot)
    pitches = _pitches(progression, joined, dice.randrange(64, 74))
    notes: list[Note] = []
    for slot, pitch in zip(joined, pitches, strict=True):
        if pitch is None:
            continue
        onset = slot.onset_beats + max(dice.gauss(_LATE_BEATS, _SPREAD_BEATS), 0.0)
        off_beat = slot.onset_beats % 1 > 0.1
        velocity = round(dice.gauss(80 + 8 * off_beat + (pitch - 70) * 0.6, 5))
        length = min(slot.length_beats * dice.uniform(0.78, 0.95), end - 0.05 - onset)
        if notes and notes[-1].end_beats > onset:
            notes[-1] = structs.replace(notes[-1], duration_beats=onset - notes[-1].onset_beats)
        notes.append(Note(onset, pitch, min(max(velocity, 40), 120), length))
    return notes


def _pitches(progression: Progression, slots: list[_Slot], start: int) -> list[int | None]:
    found: list[int | None] = []
    here = start
    for slot in slots:
        degree = slot.token[-1]
        chord = progression.chord_at(slot.onset_beats)
        if not degree.isdigit() or chord.silent:
            found.append(None)
            continue
        step = _step(chord, (int(degree) - 1) % 7 + 1)
        here = _lead(here, (chord.root + step) % 12, slot.token[0])
        found.append(here)
    following: int | None = None
    for place in range(len(slots) - 1, -1, -1):  # approaches need the note after them
        token = slots[place].token
        if token in "xy" and following is not None:
            found[place] = following + (-1 if token == "x" else 1)
        following = found[place]
    return found


def _lead(here: int, pitch_class: int, sign: str) -> int:
    """The pitch of that class nearest to ``here``, above it or below it, within the range."""
    up = here + (pitch_class - here) % 12
    up = up + 12 if up == here and sign == "^" else up
    down = up - 12
    chosen = {"^": up, "v": down}.get(sign, up if up - here <= here - down else down)
    while chosen > HIGH:
        chosen -= 12
    while chosen < LOW:
        chosen += 12
    return chosen


def _step(chord: Chord, degree: int) -> int:
    """Semitones over the root of a degree of the scale that the chord asks for."""
    if degree in _STEPS:
        for semitones in _STEPS[degree]:
            if chord.core_has(chord.root + semitones):
                return semitones
        return {3: 4, 5: 7, 7: 10 if chord.core_has(chord.root + 3) else 11}.get(degree, 0)
    colours = {n for n in range(12) if chord.tensions >> ((chord.root + n) % 12) & 1}
    altered, natural = {2: ((1, 3), 2), 4: ((6,), 5), 6: ((8,), 9)}[degree]
    return next((n for n in altered if n in colours), natural)
