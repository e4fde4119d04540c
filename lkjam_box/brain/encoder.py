"""Turns notes and harmony into the network's inputs.

Training, evaluation and the box all come through here, one note at a time:
``onset()`` fills :attr:`Encoder.ids` and :attr:`Encoder.floats` for the call of a note
whose onset is known, ``note()`` then tells what that note was.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

import numpy as np

from ..music.harmony import NO_CHORD, Chord, Harmony, Progression
from ..music.note import Note
from . import features as f
from .engine import Position, Role, Scene, Strategy

# Players anticipate: with the chord looked up this much after the onset .7 % of the Weimar
# training notes get another chord than by their annotated place, without it 2.5 %.
ANTICIPATION_BEATS = 0.1
_DISTANCE_EDGES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0)
_O = f.OFFSET
_PITCH, _DEGREE, _DURATION, _VELOCITY = _O["pitch"], _O["degree"], _O["duration"], _O["velocity"]
_BEFORE, _TIME, _ROLE, _ROOT, _LEFT = _O["before"], _O["time"], _O["role"], _O["root"], _O["left"]
_ROOT_FROM_PITCH, _ROOT_TO_NEXT = _O["root_from_pitch"], _O["root_to_next"]
_NEXT_FROM_PITCH, _DISTANCE, _PLACE = _O["next_from_pitch"], _O["distance"], _O["place"]
# Written with struct, 1 us a note less than assigning to slices of the arrays.
_pack_ids = Struct(f"{f.IDS}i").pack_into
_pack_floats = Struct(f"{4 * f.CHORD_FLOATS}s{4 * f.PHASE_FLOATS}s{f.SCALARS}f").pack_into
# Members of an enum take .1 us each to look up in Python 3.11.
_BOX, _END = Role.BOX, Position.END
# What followed the last time the same two (short) or four (long) intervals were played, in
# this stream, is a guess for what follows now: motifs come back.
_SHORT, _LONG = (1 << 16) - 1, (1 << 32) - 1
_ECHO_SHORT, _ECHO_LONG, _ECHO_TIME = _O["echo_short"], _O["echo_long"], _O["echo_time"]
_KEPT = 50_000  # of those; then a new book is begun
_FADE = 0.9  # of a pitch class in the scale heard, per note
_TIME_CONTEXT = (1 << 16) - 1
_LONGEST_CALL = 256  # notes of it that an answer may follow
_MOTIF = 8  # notes at the end of the call that a continuation takes up
_STYLE, _FEEL, _DENSITY = _O["style"], _O["feel"], _O["density"]
_WISH, _WISH_PLACE = _O["wish"], _O["wish_place"]
_EMPTY_HISTORY = (_O["history"] + f.INTERVALS,) * f.HISTORY
# By interval; negative intervals count from the end. Wishes reach two ranges far.
_INTERVAL_OF = [f.interval_index(i) for i in (*range(256), *range(-256, 0))]
_HISTORY_OF = [_O["history"] + i for i in _INTERVAL_OF]
_INTERVAL = _O["interval"]
_NO_INTERVAL = _INTERVAL + f.INTERVALS
_NO_NOTE = (
    _PITCH + 128,
    _NO_INTERVAL,
    _DEGREE + 12,
    _DURATION + f.DURATION_BINS,
    _VELOCITY + f.VELOCITY_BINS,
    _BEFORE + 6,
)
NONE = 999  # no guess of an interval


class _Wish(NamedTuple):
    """What the call asks of one note of its answer.

    ``semitones``: from the note before, or where ``anchored`` from the answer's first note;
    ``NONE`` where it asks nothing. ``time``: bin of the time-shift to the next note or -1.
    ``time_row`` and ``place_row`` are how time and position are fed.
    """

    semitones: int
    anchored: bool
    time: int
    time_row: int
    place_row: int


def _wish(strategy: Strategy, semitones: int, anchored: bool, time: int, place: int) -> _Wish:
    row = f.TIME_BINS if time < 0 else time
    time_row = _O["wish_time"] + strategy * f.WISH_TIMES + row
    return _Wish(semitones, anchored, time, time_row, _WISH_PLACE + place)


_NO_WISH = tuple(_wish(strategy, NONE, False, -1, 3) for strategy in Strategy)
# These say the whole call again: a note bent to a chord must not shift all that follow.
_INVERSION = Strategy.INVERSION
_ANCHORED = (Strategy.IMITATION, _INVERSION)


_CallNote = tuple[int, float, int]  # pitch, onset in beats, position


def _taken_up(call: list[_CallNote], strategy: Strategy) -> list[_CallNote]:
    """The part of the call that the answer follows: for a continuation the end of the last
    phrase only."""
    if strategy != Strategy.CONTINUATION:
        return call
    ends = [i for i, note in enumerate(call[:-1]) if note[2] == _END]
    return call[max(ends[-1] + 1 if ends else 0, len(call) - _MOTIF) :]


def _wished(call: list[_CallNote], i: int, strategy: Strategy) -> _Wish:
    """What note ``i`` of the call asks of that of the answer (turned round for an
    inversion)."""
    pitch, onset, place = call[i]
    anchored = strategy in _ANCHORED
    semitones = NONE
    if i:
        semitones = pitch - call[0 if anchored else i - 1][0]
        if strategy == _INVERSION:
            semitones = -semitones
    time = -1 if i + 1 == len(call) else f.time_bin(call[i + 1][1] - onset)
    return _wish(strategy, semitones, anchored, time, place)


def _history(last: int, pitches: list[int]) -> tuple[int, ...]:
    """Rows for the notes before the last two, newest first, as intervals to ``last``."""
    rows = _HISTORY_OF
    if len(pitches) < f.HISTORY + 2:
        heard = tuple(rows[last - pitch] for pitch in pitches[2:])
        return heard + _EMPTY_HISTORY[len(heard) :]
    # Written out: a comprehension takes .3 us more.
    _, _, a, b, c, d, e, g = pitches
    return (
        rows[last - a],
        rows[last - b],
        rows[last - c],
        rows[last - d],
        rows[last - e],
        rows[last - g],
    )


class _Change(NamedTuple):
    """A chord of a progression with what follows it, and how the network is told."""

    chord: Chord
    after: Chord
    next_beats: float  # start of ``after`` in the form; infinite: one chord for ever
    round_beats: float  # the form's length if ``after`` lies in the next round, else 0
    views: tuple[bytes, ...]  # CHORD_FLOATS by last pitch class, [-1]: none
    rows: tuple[tuple[int, int, int, int], ...]  # root and next to ids by last pitch class


def _change(progression: Progression, here: int) -> _Change:
    """Chord number ``here``; beats as :meth:`Progression.next_chord` counts them."""
    chords, starts = progression.chords, progression.starts_beats
    count, chord = len(chords), chords[here]
    for index in range(here + 1, here + count):
        after = chords[index % count]
        if after != chord:
            next_beats, rounds = starts[index % count], index // count
            break
    else:
        after, next_beats, rounds = chord, math.inf, 0
    views, rows = f.chord_views(chord, after), _chord_rows(chord.root, after.root)
    return _Change(chord, after, next_beats, progression.form_beats * rounds, views, rows)


@lru_cache(maxsize=256)
def _chord_rows(root: int, after: int) -> tuple[tuple[int, int, int, int], ...]:
    """(root, root_from_pitch, root_to_next, next_from_pitch) for last pitch classes 0..11,
    and at [12] (= [-1]) for none."""
    return tuple(
        (
            _ROOT + (root if root >= 0 else 12),
            _ROOT_FROM_PITCH + ((root - pc) % 12 if root >= 0 <= pc else 12),
            _ROOT_TO_NEXT + ((after - root) % 12 if root >= 0 <= after else 12),
            _NEXT_FROM_PITCH + ((after - pc) % 12 if after >= 0 <= pc else 12),
        )
        for pc in (*range(12), -1)
    )


class Encoder:
    """Memory of the stream outside the network: last notes, last onset, phrase so far."""

    __slots__ = (
        "_anchor",
        "_answered",
        "_bar_beats",
        "_bar_twelfths",
        "_blind",
        "_call",
        "_call_strategy",
        "_changes",
        "_chord_from",
        "_chord_rows",
        "_chord_to",
        "_chord_views",
        "_context",
        "_echo",
        "_echo_before",
        "_echo_time",
        "_echo_time_before",
        "_form_beats",
        "_harmony",
        "_heard",
        "_ids_data",
        "_loudest",
        "_no_wish",
        "_note_ids",
        "_octave",
        "_phases",
        "_phrase_count",
        "_phrase_from",
        "_pitches",
        "_role",
        "_role_id",
        "_root",
        "_row",
        "_row_data",
        "_scale",
        "_scene",
        "_softer",
        "_tempo",
        "_time_context",
        "_told",
        "_turn",
        "_wish_id",
        "chord",
        "floats",
        "guess_times",
        "guesses",
        "ids",
        "last_onset_beats",
        "last_pitch",
        "root",
    )

    def __init__(self, floats: f.F32 | None = None, blind: tuple[str, ...] = ()) -> None:
        """``floats`` [1, FLOATS] is where to write them, a new array unless given.

        ``blind`` hides "role", "position" or "harmony": the models without, for comparing.
        """
        self._write_to(np.zeros((1, f.FLOATS), np.float32) if floats is None else floats)
        self.chord = NO_CHORD  # at the onset just encoded; N.C. to who is blind to harmony
        self.root = -1  # of ``chord``, -1 for N.C.
        self.last_pitch = -1  # MIDI pitch of the last finished note, -1 before the first
        self._harmony: Harmony | None = None
        self._changes: dict[int, _Change] = {}  # of its progression, as far as heard
        self._root = -1  # of the chord, whoever is blind
        self._chord_from = self._chord_to = 0.0
        self._chord_views = f.chord_views(NO_CHORD, NO_CHORD)
        self._chord_rows = _chord_rows(-1, -1)
        self._form_beats, self._bar_beats, self._bar_twelfths = 4.0, 4.0, 48
        self._phases = f.phase_rows(4.0)
        self._scene: Scene | None = None
        self._tempo = 0.0
        self._role_id, self._wish_id, self._no_wish = _ROLE, _WISH, _NO_WISH[0]
        self._told = (_STYLE, _FEEL, _DENSITY)
        self._pitches: list[int] = []  # newest first
        self._role = Role.HUMAN
        self._note_ids = _NO_NOTE
        self._phrase_count, self._phrase_from = 0, 0.0
        self._context = 0  # the last four intervals, a byte each
        self._echo: dict[int, int] = {}
        self._echo_before: dict[int, int] = {}  # of the stream this one forked from
        self._scale: f.F32 = np.zeros(24, np.float32)  # pitch classes heard, two octaves
        self._loudest = 1.0  # weight of the last note in it
        self._echo_time: dict[int, int] = {}
        self._echo_time_before: dict[int, int] = {}
        self._time_context = 0
        self._turn = (-1, math.nan)  # role and line of the turn we are in
        self._heard: list[_CallNote] = []  # the call
        self._call: list[_CallNote] = []  # what this answer takes up of it
        self._call_strategy = Strategy.FREE
        self._answered = 0  # notes of this answer
        self._anchor = 0  # pitch of its first
        self._blind = f.Blind(blind) if blind else None
        self.guesses: tuple[int, int, int] = (NONE, NONE, NONE)
        self.guess_times: tuple[int, int] = (-1, -1)
        self.last_onset_beats = -math.inf

    def fork(self, floats: f.F32) -> Encoder:
        """An independent copy that writes its floats to ``floats``."""
        twin = Encoder.__new__(Encoder)
        for name in Encoder.__slots__:
            setattr(twin, name, getattr(self, name))
        twin._write_to(floats)
        twin.ids[:], twin._scale = self.ids, self._scale.copy()
        # Shared with the twin, not copied: it may be large.
        twin._echo_before = {**self._echo_before, **self._echo} if self._echo_before else self._echo
        twin._echo_time_before = (
            {**self._echo_time_before, **self._echo_time}
            if self._echo_time_before
            else self._echo_time
        )
        twin._echo, twin._echo_time = {}, {}
        twin._heard = self._heard.copy()
        return twin  # _call and _pitches are replaced, never changed in place

    def _write_to(self, floats: f.F32) -> None:
        self.ids: f.I32 = np.zeros(f.IDS, np.int32)
        self.floats, self._row = floats, floats[0]
        self._ids_data, self._row_data = self.ids.data, self._row.data
        self._octave = self._row[f.SCALE]
        # Times an array of no dimensions takes numpy half as long as times a float.
        self._softer: f.F32 = np.ones((), np.float32)

    @property
    def call_began_beats(self) -> float | None:
        """Where the call's first note lay in its turn, beats after the line; None: no call."""
        role, line = self._turn
        if role != Role.HUMAN or not self._heard or not self.sees_roles:
            return None
        return self._heard[0][1] - line

    @property
    def sees_roles(self) -> bool:
        return self._blind is None or not self._blind.role

    def onset(self, onset_beats: float, role: Role, scene: Scene) -> None:
        """Fill the inputs for a note that begins now. ``scene.end_beats`` may be infinite."""
        if scene is not self._scene or role != self._role:
            self._enter(role, scene)
        beat, harmony = onset_beats + ANTICIPATION_BEATS, scene.harmony
        if harmony is not self._harmony or not self._chord_from <= beat < self._chord_to:
            self._look_up(beat, harmony)
        wait = self._chord_to - beat
        shift = onset_beats - self.last_onset_beats
        if shift < 0.0:
            shift = 0.0
        place = (onset_beats - harmony.origin_beats) % self._bar_beats
        left = scene.end_beats - onset_beats
        if left < 0.0:
            left = 0.0
        pitches = self._pitches
        first = not pitches
        if first:
            last, pc, mean, top, bottom = 62, -1, 0.0, 0.0, 0.0
            history = _EMPTY_HISTORY
            time = f.TIME_BINS
        else:
            last = pitches[0]
            pc = last % 12
            history = _history(last, pitches)
            mean = (sum(pitches) / len(pitches) - last) / 12
            upward = sorted(pitches)
            top, bottom = (upward[-1] - last) / 12, (last - upward[0]) / 12
            time = f.time_bin(shift)
            self._echo_time[self._time_context] = time
        context, echo, before = self._context, self._echo, self._echo_before
        # What followed the same intervals last time, here or in the stream we forked from.
        two, four = context & _SHORT, context | 1 << 32
        short = echo.get(two, before.get(two, f.INTERVALS))
        long = echo.get(four, before.get(four, f.INTERVALS))
        echo_time = self._move_on(shift, place)
        wish = self._no_wish
        if self._answered < len(self._call):
            wish = _wished(self._call, self._answered, self._call_strategy)
        wished, far = wish.semitones, f.INTERVALS
        if wished != NONE:
            if wish.anchored:
                wished += self._anchor - last
            far = _INTERVAL_OF[wished]
        self.guesses = (
            wished,
            short - f.FAR if short < f.INTERVALS else NONE,
            long - f.FAR if long < f.INTERVALS else NONE,
        )
        self.guess_times = (wish.time, echo_time)
        _pack_ids(
            self._ids_data,
            0,
            *self._note_ids,
            _TIME + time,
            self._role_id,
            *self._chord_rows[pc],
            _DISTANCE + bisect_right(_DISTANCE_EDGES, wait),
            _LEFT + (f.BEATS_LEFT - 1 if left == math.inf else bisect_right(f.LEFT_EDGES, left)),
            _PLACE + int(place * 12 + 0.5) % self._bar_twelfths,
            _ECHO_SHORT + short,
            _ECHO_LONG + long,
            _ECHO_TIME + (f.TIME_BINS if echo_time < 0 else echo_time),
            self._wish_id + far,
            wish.time_row,
            wish.place_row,
            *self._told,
            *history,
        )
        count, lasted = self._phrase_count, onset_beats - self._phrase_from
        _pack_floats(
            self._row_data,
            0,
            self._chord_views[pc],
            self._phases[int(place * f.PHASE_STEPS + 0.5)],
            1.0 if first else math.log1p(shift if shift < 16.0 else 16.0),
            wait / 8 if wait < 8.0 else 1.0,
            0.0 if left >= 8.0 else 1 - left / 8,
            (last - 62) / 16,
            mean,
            top,
            bottom,
            self._tempo,
            math.log1p(count) / 3,
            (lasted if lasted < 32.0 else 32.0) / 16 if count else 0.0,
        )
        here = 0 if first else pc
        self._softer[()] = 1.0 / self._loudest
        np.multiply(self._scale[here : here + 12], self._softer, self._octave)
        if self._blind is not None:
            self._blind.hide(self.ids, self._row)
            if self._blind.role:
                self.guesses, self.guess_times = (NONE, *self.guesses[1:]), (-1, echo_time)
        if count == 0:
            self._phrase_from = onset_beats
        self._role = role
        self.last_onset_beats = onset_beats

    def note(self, pitch: int, velocity: int, duration_beats: float, position: Position) -> None:
        """What the note whose onset was just encoded turned out to be."""
        before, scale, pc = self._pitches, self._scale, pitch % 12
        self._loudest /= _FADE  # louder from note to note instead of fading all
        if self._loudest > 1e6:
            scale /= self._loudest
            self._loudest = 1.0
        scale[pc] = scale[pc + 12] = scale[pc] + self._loudest
        interval_id = _NO_INTERVAL
        if before:
            interval, context = _INTERVAL_OF[pitch - before[0]], self._context
            interval_id = _INTERVAL + interval
            if len(self._echo) > _KEPT:
                self._echo = {}
            self._echo[context & _SHORT] = self._echo[context | 1 << 32] = interval
            self._context = (context << 8 | interval + 1) & _LONG
        self._pitches = [pitch, *before[: f.HISTORY + 1]]  # as far as history looks
        self.last_pitch = pitch
        if self._role == _BOX:
            if self._answered == 0:
                self._anchor = pitch
            self._answered += 1
        else:
            if len(self._heard) >= _LONGEST_CALL:
                del self._heard[0]
            self._heard.append((pitch, self.last_onset_beats, int(position)))
        self._note_ids = (
            _PITCH + pitch,
            interval_id,
            _DEGREE + ((pitch - self._root) % 12 if self._root >= 0 else 12),
            _DURATION + f.duration_bin(duration_beats),
            _VELOCITY + f.velocity_bin(velocity),
            _BEFORE + 3 * self._role + position,
        )
        self._phrase_count = 0 if position == _END else self._phrase_count + 1

    def take(self, note: Note, position: Position) -> None:
        """The same as :meth:`note`, from a :class:`Note`."""
        self.note(note.pitch, note.velocity, note.duration_beats, position)

    def _move_on(self, shift: float, place: float) -> int:
        """Note how we came here; the time-shift bin that followed last time, or -1."""
        sixths = int((shift if shift < 4.0 else 4.0) * 6 + 0.5) + 1
        here = (self._time_context << 8 | sixths) & _TIME_CONTEXT
        self._time_context = here = here | int(place % 1.0 * 6 + 0.5) % 6 << 16
        if len(self._echo_time) > _KEPT:
            self._echo_time = {}
        return self._echo_time.get(here, self._echo_time_before.get(here, -1))

    def _enter(self, role: Role, scene: Scene) -> None:
        """Another scene or role than at the note before."""
        if self._turn != (role, scene.start_beats):
            self._begin(role, scene)
        self._scene = scene
        self._tempo = math.log2(scene.bpm / 160)
        self._role_id, self._wish_id = _ROLE + role, _WISH + scene.strategy * f.WISHES
        self._no_wish = _NO_WISH[scene.strategy]
        self._told = (_STYLE + scene.style, _FEEL + scene.feel, _DENSITY + scene.density)

    def _begin(self, role: Role, scene: Scene) -> None:
        """A turn begins: an answer takes up the call before it, a call begins a new one."""
        if role == Role.HUMAN:
            self._heard, self._call = [], []
        elif self._turn[0] != Role.BOX:
            self._call = _taken_up(self._heard.copy(), scene.strategy)
            self._call_strategy = scene.strategy
        else:
            self._call = []
        self._answered = 0
        self._turn = (role, scene.start_beats)

    def _look_up(self, beat: float, harmony: Harmony) -> None:
        """Set chord and next chord at ``beat``, and until when they hold."""
        progression = harmony.progression
        if self._harmony is None or progression is not self._harmony.progression:
            self._changes = {}
            self._form_beats = progression.form_beats
            self._bar_beats = bar = progression.metre.bar_beats
            self._bar_twelfths = max(1, min(f.PLACES - 1, int(bar * 12)))
            self._phases = f.phase_rows(bar)
        self._harmony = harmony
        place = (beat - harmony.origin_beats) % self._form_beats
        here = bisect_right(progression.starts_beats, place) - 1
        change = self._changes.get(here)
        if change is None:
            change = self._changes[here] = _change(progression, here)
        chord = change.chord
        wait = change.next_beats - place + change.round_beats
        self._chord_from, self._chord_to = beat, beat + wait
        self._chord_views, self._chord_rows = change.views, change.rows
        self._root = chord.root
        if self._blind is not None and self._blind.root(chord.root) < 0:
            chord = NO_CHORD
        self.chord, self.root = chord, chord.root
