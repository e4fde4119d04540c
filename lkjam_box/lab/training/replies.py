"""Answers made by rule to a human's call, one way for each strategy. Pure.

They teach the network what each strategy means. Imitation and inversion keep the onsets of
the call's notes, and so its rests and swing; continuation uses its rhythms, contrast avoids
them. What humans do is in the shared data README, section 6.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from msgspec.structs import replace

from ...music.harmony import Harmony
from ...music.note import Note
from ...protocol.engine import Strategy
from .motifs import Motif, chordwise, displaced, fitted, fragment, sequenced
from .pitches import nearest, scale, sounding, steps_between
from .similarity import interval_similarity, intervals
from .vocabulary import on_beat, walk

CLOSE_BEATS = 0.25  # silence before the line, at least
REST_BEATS = 0.75  # silence that separates phrases, at least
RESTING = 0.65  # share of answers that end on a chord tone; humans .63
BUSY = 1.2  # notes a beat, from line to last note, from which a call counts as busy
SHORTEST_BEATS = 1 / 64
_LAST_ROOM_BEATS = 0.25  # from the last onset to the answer's end, at least


@dataclass(frozen=True, slots=True)
class _Room:
    """Bounds of an answer: over which chords, from when to when, lowest and highest pitch."""

    harmony: Harmony
    start_beats: float
    limit_beats: float
    low: int
    high: int

    @property
    def beats(self) -> float:
        return self.limit_beats - self.start_beats

    def inward(self, pitch: int) -> int:
        """1 where up leads away from the nearer edge, else -1."""
        return 1 if 2 * pitch < self.low + self.high else -1

    def has(self, pitch: float, margin: int) -> bool:
        return self.low + margin <= pitch <= self.high - margin


def reply(
    call: Sequence[Note],
    call_start_beats: float,
    strategy: Strategy,
    harmony: Harmony,
    start_beats: float,
    end_beats: float,
    rng: random.Random,
    low: int = 48,
    high: int = 84,
) -> Motif:
    """An answer to ``call`` between two lines, silent ``CLOSE_BEATS`` before the second.

    ``call`` are notes in order of onset of a turn that began at ``call_start_beats``, over
    any chords; ``harmony`` is the answer's. Lines are whole beats apart, so that the swing
    stays. Imitation and inversion have all notes of the call that fit before the line. No call,
    or lines under two beats apart: no notes. FREE draws one of the other four.
    """
    if not call or end_beats - start_beats < 2:
        return ()
    if strategy == Strategy.FREE:
        strategy = Strategy(rng.randrange(1, len(Strategy)))
    room = _Room(harmony, start_beats, end_beats - CLOSE_BEATS, low, high)
    if strategy == Strategy.CONTRAST:
        dense = len(call) / max(1.0, call[-1].end_beats - call_start_beats) >= BUSY
        tries = [_contrast(call, dense, room, rng) for _ in range(4)]
        turn = min(tries, key=lambda notes: interval_similarity(call, notes))
    elif strategy == Strategy.CONTINUATION:
        turn = _continuation(tuple(call), room, rng)
    else:
        make = _inversion if strategy == Strategy.INVERSION else _imitation
        moved = _laid(displaced(call, start_beats - call_start_beats), room)
        if not moved:  # the call began later in its turn than this turn is long
            moved = _laid(displaced(call, math.ceil(start_beats - call[0].onset_beats)), room)
        turn = make(moved, room, rng)
    return _closed(_laid(turn, room), room, rng)


def _imitation(notes: Motif, room: _Room, rng: random.Random) -> Motif:
    """Imitation: transposed to fit the chords best, then 15 to 35 % of the intervals changed."""
    pitches = [note.pitch for note in notes]

    def moved(by: int) -> Motif:
        return tuple(replace(note, pitch=note.pitch + by) for note in notes)

    by = _best(range(-24, 25), lambda by: _misfit(moved(by), room) + 0.02 * abs(by), rng)
    turn = _within(moved(by), room)
    wanted = round(rng.uniform(0.15, 0.35) * (len(notes) - 1))
    return _bent(turn, room, rng, lambda now: _changed(pitches, now) >= wanted, clashes=False)


def _inversion(notes: Motif, room: _Room, rng: random.Random) -> Motif:
    """Inversion about an axis near the mean pitch; then up to a third of the notes moved to fit."""
    middle = round(2 * statistics.fmean(note.pitch for note in notes))

    def turned(axis: int) -> Motif:
        return tuple(replace(note, pitch=axis - note.pitch) for note in notes)

    axis = _best(
        range(middle - 24, middle + 25),
        lambda axis: _misfit(turned(axis), room) + 0.02 * abs(axis - middle),
        rng,
    )
    turn = _within(turned(axis), room)
    most, before = max(1, len(notes) // 3), [note.pitch for note in turn]

    def enough(now: Motif) -> bool:
        return sum(a != b.pitch for a, b in zip(before, now, strict=True)) >= most

    return _bent(turn, room, rng, enough, clashes=True)


def _best(options: range, cost: Callable[[int], float], rng: random.Random) -> int:
    return min(options, key=lambda option: cost(option) + rng.uniform(0.0, 0.06))


def _misfit(notes: Motif, room: _Room) -> float:
    """Cost of a misfit: mean clash + half the first note's clash + 4 x the share out of range."""
    clashes = [_clash(note, room) for note in notes]
    out = sum(not room.has(note.pitch, 0) for note in notes)
    return (sum(clashes) + 4 * out) / len(notes) + 0.5 * clashes[0]


def _clash(note: Note, room: _Room) -> float:
    """0 for a chord tone, 1 for a long note outside the scale."""
    chord = sounding(room.harmony, note.onset_beats)
    if chord.silent or chord.core_has(note.pitch):
        return 0.0
    weight = min(1.0, 0.4 + 0.4 * note.duration_beats + 0.2 * on_beat(note.onset_beats))
    return weight * (0.05 if scale(chord) >> (note.pitch % 12) & 1 else 1.0)


def _bent(
    notes: Motif,
    room: _Room,
    rng: random.Random,
    enough: Callable[[Motif], bool],
    clashes: bool,
) -> Motif:
    """Notes moved a half or whole step into the scale, the worst first, until ``enough``;
    with ``clashes`` only notes that are not in the scale."""
    worst = sorted(notes, key=lambda note: -_clash(note, room) - rng.uniform(0.0, 0.15))
    turn = notes
    for note in worst:
        mask = scale(sounding(room.harmony, note.onset_beats))
        if enough(turn):
            break
        if clashes and mask >> (note.pitch % 12) & 1:
            continue
        moves = [note.pitch + by for by in (-1, 1, -2, 2)]
        free = [p for p in moves if room.has(p, 0) and mask >> (p % 12) & 1]
        if free:
            bent = replace(note, pitch=rng.choice(free))
            turn = tuple(bent if other is note else other for other in turn)
    return turn


def _changed(pitches: Sequence[int], notes: Motif) -> int:
    before = [b - a for a, b in pairwise(pitches)]
    return sum(a != b for a, b in zip(before, intervals(notes), strict=True))


def _within(notes: Motif, room: _Room) -> Motif:
    return fitted(notes, room.harmony, room.low, room.high)


def _continuation(call: Motif, room: _Room, rng: random.Random) -> Motif:
    """Continuation: the call's last motif sequenced from where it ended, then a line on
    rhythms of the call, in one to three phrases."""
    phrases = _phrases(call)
    last = phrases[-1]
    motif = fragment(last, rng.randint(3, 7), tail=True)
    earliest = room.start_beats - 0.2 + (rng.choice((0, 0, 1)) if room.beats > 4 else 0)
    motif = displaced(motif, math.ceil(earliest - motif[0].onset_beats))
    mask = scale(sounding(room.harmony, motif[0].onset_beats))
    goal = nearest(call[-1].pitch + rng.choice((-3, -2, -1, 1, 2, 3)), mask, room.low, room.high)
    motif = sequenced(motif, room.harmony, steps_between(motif[0].pitch, goal, mask))
    move = rng.choice((1, 1, 2)) * (rng.choice((-1, 1)) if room.has(goal, 9) else room.inward(goal))
    period = math.ceil(motif[-1].onset_beats - motif[0].onset_beats + 0.4)
    turn = list(motif)
    for number in range(1, rng.randint(2, 3)):
        develop = sequenced if rng.random() < 0.7 else chordwise
        turn += develop(displaced(motif, number * period), room.harmony, number * move)
    turn = list(_within(tuple(turn), room))
    gap = rng.choice((0.0, 0.0, 1.0, 2.0))
    for _ in range(rng.randint(1, 3)):
        at = max(turn[-1].onset_beats + 0.5, turn[-1].end_beats + gap)
        if at > room.limit_beats - 2:
            break
        rhythm = rng.choice([phrase for phrase in phrases if len(phrase) > 2] or [last])
        rhythm = displaced(rhythm, math.ceil(at - rhythm[0].onset_beats))
        rhythm = tuple(n for n in rhythm if n.onset_beats < room.limit_beats)
        turn += _repitched(rhythm, turn[-1].pitch, room, room.low, room.high, rng)
        gap = rng.choice((1.0, 1.0, 2.0, 3.0))
    return _lengthened(tuple(turn), room, rng)


def _contrast(call: Sequence[Note], dense: bool, room: _Room, rng: random.Random) -> Motif:
    """Contrast: another register, few long notes against a busy call and eighths against a
    calm one, in one to three phrases."""
    mean = statistics.fmean(note.pitch for note in call)
    away = rng.randint(7, 12)
    centres = [c for c in (mean - away, mean + away) if room.has(c, 4)]
    farthest = max((room.low + 4, room.high - 4), key=lambda c: abs(c - mean))
    centre = round(rng.choice(centres or [farthest]))
    low, high = max(room.low, centre - 7), min(room.high, centre + 7)
    loud = statistics.fmean(note.velocity for note in call)
    off_beat = _off_beat(call)
    at = math.ceil(room.start_beats) + (rng.choice((0, 0.5, 1, 1.5)) if room.beats > 4 else 0)
    turn: list[Note] = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        rhythm: list[Note] = []
        end = at + min(rng.choice((3, 4, 6)), max(2.0, 0.6 * room.beats))
        while at < min(end, room.limit_beats - 0.5):
            length = rng.choice((1.0, 1.5, 2.0, 2.0, 3.0)) if dense else 0.5
            place = at if at % 1 == 0 else math.floor(at) + off_beat
            velocity = max(24, min(120, round(rng.gauss(loud, 9))))
            onset = place + rng.gauss(0.03, 0.015)
            room_beats = length * rng.uniform(0.75, 0.95) - 0.06
            rhythm.append(Note(onset, 0, velocity, room_beats))
            at += length
        turn += _repitched(tuple(rhythm), turn[-1].pitch if turn else centre, room, low, high, rng)
        at += rng.choice((1.0, 1.0, 1.5, 2.0, 3.0))
    return tuple(turn) if dense else _lengthened(tuple(turn), room, rng)


def _repitched(
    rhythm: Motif, pitch: int, room: _Room, low: int, high: int, rng: random.Random
) -> list[Note]:
    """The notes of ``rhythm`` with new pitches: a line that begins near ``pitch``."""
    onsets = [note.onset_beats for note in rhythm]
    pitches = walk(onsets, room.harmony, pitch, rng, low, high)
    return [replace(note, pitch=p) for note, p in zip(rhythm, pitches, strict=True)]


def _lengthened(notes: Motif, room: _Room, rng: random.Random) -> Motif:
    """The notes, the last one lengthened to a drawn .5 to 1.5 beats or more, as players do."""
    inside = [note for note in notes if note.onset_beats <= room.limit_beats - _LAST_ROOM_BEATS]
    held = max(inside[-1].duration_beats, rng.uniform(0.5, 1.5))
    return (*inside[:-1], replace(inside[-1], duration_beats=held))


def _phrases(notes: Motif) -> list[Motif]:
    out: list[list[Note]] = [[notes[0]]]
    for before, note in pairwise(notes):
        if note.onset_beats - before.end_beats >= REST_BEATS:
            out.append([])
        out[-1].append(note)
    return [tuple(phrase) for phrase in out]


def _off_beat(notes: Sequence[Note]) -> float:
    """Where the call puts its off-beats, in beats after the beat."""
    places = [note.onset_beats % 1 for note in notes]
    return statistics.median([p for p in places if 0.42 <= p <= 0.72] or [0.56])


def _laid(notes: Sequence[Note], room: _Room) -> Motif:
    """The notes between the lines, without overlaps: a note before the first line begins on it,
    notes too late for the second line are left out."""
    out: list[Note] = []
    for note in notes:
        first = out[-1].onset_beats + SHORTEST_BEATS if out else room.start_beats
        onset = max(first, note.onset_beats)
        if onset > room.limit_beats - _LAST_ROOM_BEATS:
            break
        if out and out[-1].end_beats > onset:
            out[-1] = replace(out[-1], duration_beats=onset - out[-1].onset_beats)
        end = min(room.limit_beats, max(note.end_beats, onset + SHORTEST_BEATS))
        out.append(replace(note, onset_beats=onset, duration_beats=end - onset))
    return tuple(out)


def _closed(notes: Motif, room: _Room, rng: random.Random) -> Motif:
    """The last note moved to a chord tone or, in 35 % of answers, another note of the scale."""
    last = notes[-1]
    chord = sounding(room.harmony, last.onset_beats)
    tones = chord.core if rng.random() < RESTING else scale(chord) & ~chord.core
    return (*notes[:-1], replace(last, pitch=nearest(last.pitch, tones, room.low, room.high)))
