"""Turns notes and harmony into the network's inputs.

Training, evaluation and the box all use this one encoder, one note at a time:
``onset()`` fills :attr:`Encoder.ids` and :attr:`Encoder.floats` for the network's step of a
note whose onset is known, ``note()`` then takes in what that note was.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from struct import Struct

import numpy as np

from ..music.harmony import NO_CHORD, Harmony
from ..music.note import Note
from ..protocol.engine import Position, Role, Scene, Strategy
from . import features as f
from .call_targets import NO_TARGET, NONE, CallNote, call_target, taken_up
from .changes import Change, change_at, chord_rows

# Players anticipate: with the chord looked up this much after the onset .7 % of the Weimar
# training notes get another chord than by their annotated place, without it 2.5 %.
ANTICIPATION_BEATS = 0.1
_DISTANCE_EDGES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0)
_O = f.OFFSET
_PITCH, _DEGREE, _DURATION, _VELOCITY = _O["pitch"], _O["degree"], _O["duration"], _O["velocity"]
_BEFORE, _TIME, _ROLE, _LEFT = _O["before"], _O["time"], _O["role"], _O["left"]
_DISTANCE, _PLACE, _TARGET = _O["distance"], _O["place"], _O["target"]
# Written with struct, 1 us a note less than assigning to slices of the arrays.
# The ids of the chords and of what holds for a scene are bytes already.
_pack_ids = Struct(f"8i16s9i12s{f.HISTORY}i").pack_into
_three = Struct("3i").pack
_pack_floats = Struct(f"{4 * f.CHORD_FLOATS}s{4 * f.PHASE_FLOATS}s{f.SCALARS + 12}f").pack_into
# Members of an enum take .1 us each to look up in Python 3.11.
_BOX, _END = Role.BOX, Position.END
# What followed the last time the same two (short) or four (long) intervals were played, in
# this stream, is a guess for what follows now: motifs come back.
_SHORT, _LONG = (1 << 16) - 1, (1 << 32) - 1
_ECHO_SHORT, _ECHO_LONG, _ECHO_TIME = _O["echo_short"], _O["echo_long"], _O["echo_time"]
_KEPT = 50_000  # entries of each such memory at most; a full one is emptied
_FADE = 0.9  # factor per note on the weight of each pitch class heard
_TIME_CONTEXT = (1 << 16) - 1
_LONGEST_CALL = 256  # notes of the call, the last ones, that an answer may follow
_STYLE, _FEEL, _DENSITY = _O["style"], _O["feel"], _O["density"]
_HISTORY = tuple(_O[f"history{back}"] for back in range(f.HISTORY))
_EMPTY_HISTORY = tuple(row + f.INTERVALS for row in _HISTORY)
# By interval, negative ones from the end; up to 255, as a target may add two intervals.
_INTERVAL_OF = [f.interval_index(i) for i in (*range(256), *range(-256, 0))]
_HISTORY_OF = tuple([row + i for i in _INTERVAL_OF] for row in _HISTORY)
_INTERVAL = _O["interval"]
_COUNTS = tuple(math.log1p(count) / 3 for count in range(64))
_UNKNOWN = f.INTERVALS  # index of no interval
_SEMITONES = (*range(-f.FAR, f.FAR + 1), NONE)  # of an interval's index
_NO_INTERVAL = _INTERVAL + f.INTERVALS
_NO_NOTE = (
    _PITCH + 128,
    _NO_INTERVAL,
    _DEGREE + 12,
    _DURATION + f.DURATION_BINS,
    _VELOCITY + f.VELOCITY_BINS,
    _BEFORE + 6,
)


def _history(last: int, pitches: list[int]) -> tuple[int, ...]:
    """Rows for the notes before the last two, newest first, as intervals to ``last``."""
    if len(pitches) < f.HISTORY + 2:
        heard = tuple(
            rows[last - pitch] for rows, pitch in zip(_HISTORY_OF, pitches[2:], strict=False)
        )
        return heard + _EMPTY_HISTORY[len(heard) :]
    # Written out: a comprehension takes .3 us more.
    _, _, a, b, c, d, e, g = pitches
    first, second, third, fourth, fifth, sixth = _HISTORY_OF
    return (
        first[last - a],
        second[last - b],
        third[last - c],
        fourth[last - d],
        fifth[last - e],
        sixth[last - g],
    )


class Encoder:
    """Makes the network's inputs; remembers the last notes, the last onset, the phrase so far."""

    def __init__(self, blind: tuple[str, ...] = ()) -> None:
        """``blind`` hides "role", "position" or "harmony" from models made for comparing."""
        self.write_to(np.zeros(f.IDS, np.int32), np.zeros((1, f.FLOATS), np.float32))
        self.chord = NO_CHORD  # at the onset just encoded; N.C. where harmony is hidden
        self.root = -1  # of ``chord``, -1 for N.C.
        self.last_pitch = -1  # MIDI pitch of the last finished note, -1 before the first
        self._harmony: Harmony | None = None
        self._changes: dict[int, Change] = {}  # of its progression, by chord number, when needed
        self._root = -1  # of the chord, even where harmony is hidden
        self._chord_from = self._chord_to = 0.0
        self._chord_views = f.chord_views(NO_CHORD, NO_CHORD)
        self._chord_rows = chord_rows(-1, -1)
        self._form_beats, self._bar_beats, self._bar_twelfths = 4.0, 4.0, 48
        self._phases = f.phase_rows(4.0)
        self._scene: Scene | None = None
        self._tempo = 0.0
        self._role_id, self._target_id, self._no_target = _ROLE, _TARGET, NO_TARGET[0]
        self._told = _three(_STYLE, _FEEL, _DENSITY)
        self._pitches: list[int] = []  # newest first
        self._role = Role.HUMAN
        self._note_ids = _NO_NOTE
        self._phrase_count, self._phrase_from = 0, 0.0
        self._context = 0  # the last four intervals, a byte each
        self._echo: dict[int, int] = {}
        self._echo_before: dict[int, int] = {}  # of the stream this one forked from
        self._scale = [0.0] * 24  # how much of each pitch class was heard, two octaves
        self._loudest = 1.0  # weight of the last note in ``_scale``
        self._echo_time: dict[int, int] = {}
        self._echo_time_before: dict[int, int] = {}
        self._time_context = 0
        self._turn = (-1, math.nan)  # role and line of the turn we are in
        self._heard: list[CallNote] = []  # the call
        self._call: list[CallNote] = []  # the part of it that this answer follows
        self._call_strategy = Strategy.FREE
        self._answered = 0  # notes of this answer so far
        self._anchor = 0  # pitch of its first note
        self._blind = f.Blind(blind) if blind else None
        self.guesses: tuple[int, int, int] = (NONE, NONE, NONE)
        self.guess_times: tuple[int, int] = (-1, -1)
        self.last_onset_beats = -math.inf

    def fork(self) -> Encoder:
        """An independent copy, but for where it writes to."""
        twin = Encoder.__new__(Encoder)
        twin.__dict__.update(self.__dict__)
        # The echo tables are shared with the twin, not copied: they may be large.
        twin._echo_before = {**self._echo_before, **self._echo} if self._echo_before else self._echo
        twin._echo_time_before = (
            {**self._echo_time_before, **self._echo_time}
            if self._echo_time_before
            else self._echo_time
        )
        twin._echo, twin._echo_time = {}, {}
        twin._heard, twin._scale = self._heard.copy(), self._scale.copy()
        return twin  # _call and _pitches are replaced, never changed in place

    def write_to(self, ids: f.I32, floats: f.F32) -> None:
        """Let :meth:`onset` fill ``ids`` [IDS] and ``floats`` [1, FLOATS] from now on."""
        self.ids, self.floats, self._row = ids, floats, floats[0]
        self._ids_data, self._row_data = ids.data, self._row.data

    @property
    def call_began_beats(self) -> float | None:
        """Onset of the call's first note, in beats after its turn's line; None without a call."""
        role, line = self._turn
        if role != Role.HUMAN or not self._heard or not self.sees_roles:
            return None
        return self._heard[0][1] - line

    @property
    def sees_roles(self) -> bool:
        return self._blind is None or not self._blind.role

    def onset(self, onset_beats: float, role: Role, scene: Scene) -> None:
        """Fill the inputs for a note at ``onset_beats``. ``scene.end_beats`` may be infinite."""
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
            # As f.time_bin has it, without a call for most.
            time = int(shift * 32) if shift < 1.0 else f.time_bin(shift)
            self._echo_time[self._time_context] = time
        context, echo, before = self._context, self._echo, self._echo_before
        # What followed the same intervals last time, here or in the stream we forked from.
        two, four = context & _SHORT, context | 1 << 32
        short = echo.get(two)
        if short is None:
            short = before.get(two, _UNKNOWN)
        long = echo.get(four)
        if long is None:
            long = before.get(four, _UNKNOWN)
        # The rhythm's context: the last two time-shifts and the place in the beat, in sixths.
        sixths = int((shift if shift < 4.0 else 4.0) * 6 + 0.5) + 1
        rhythm = (self._time_context << 8 | sixths) & _TIME_CONTEXT
        self._time_context = rhythm = rhythm | int(place % 1.0 * 6 + 0.5) % 6 << 16
        echo_time = self._echo_time.get(rhythm)
        if echo_time is None:
            echo_time = self._echo_time_before.get(rhythm, -1)
        target = self._no_target
        if self._answered < len(self._call):
            target = call_target(self._call, self._answered, self._call_strategy)
        semitones, anchored, target_time, time_row, place_row = target
        far = _UNKNOWN
        if semitones != NONE:
            if anchored:
                semitones += self._anchor - last
            far = _INTERVAL_OF[semitones]
        self.guesses = (
            semitones,
            _SEMITONES[short],
            _SEMITONES[long],
        )
        self.guess_times = (target_time, echo_time)
        _pack_ids(
            self._ids_data,
            0,
            *self._note_ids,
            _TIME + time,
            self._role_id,
            self._chord_rows[pc],
            _DISTANCE + bisect_right(_DISTANCE_EDGES, wait),
            _LEFT + (f.BEATS_LEFT - 1 if left == math.inf else bisect_right(f.LEFT_EDGES, left)),
            _PLACE + int(place * 12 + 0.5) % self._bar_twelfths,
            _ECHO_SHORT + short,
            _ECHO_LONG + long,
            _ECHO_TIME + (echo_time if echo_time >= 0 else f.TIME_BINS),
            self._target_id + far,
            time_row,
            place_row,
            self._told,
            *history,
        )
        here, softer = 0 if first else pc, 1.0 / self._loudest
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
            _COUNTS[count] if count < 64 else math.log1p(count) / 3,
            (lasted if lasted < 32.0 else 32.0) / 16 if count else 0.0,
            *[weight * softer for weight in self._scale[here : here + 12]],
        )
        if self._blind is not None:
            self._blind.hide(self.ids, self._row)
            if self._blind.role:
                self.guesses, self.guess_times = (NONE, *self.guesses[1:]), (-1, echo_time)
        if count == 0:
            self._phrase_from = onset_beats
        self._role = role
        self.last_onset_beats = onset_beats

    def note(self, pitch: int, velocity: int, duration_beats: float, position: Position) -> None:
        """Take in the note whose onset was just encoded, now that it is known."""
        before, pc = self._pitches, pitch % 12
        scale = self._scale
        self._loudest /= _FADE  # each new note weighs more, instead of fading all old ones
        if self._loudest > 1e6:
            self._scale = scale = [weight / self._loudest for weight in scale]
            self._loudest = 1.0
        scale[pc] = scale[pc + 12] = scale[pc] + self._loudest
        interval_id = _NO_INTERVAL
        if before:
            interval, context = _INTERVAL_OF[pitch - before[0]], self._context
            interval_id = _INTERVAL + interval
            echo = self._echo
            if len(echo) > _KEPT:
                self._echo = echo = {}
            echo[context & _SHORT] = echo[context | 1 << 32] = interval
            self._context = (context << 8 | interval + 1) & _LONG
        self._pitches = [pitch, *before[: f.HISTORY + 1]]  # as many as ``_history`` uses
        self.last_pitch = pitch
        if self._role == _BOX:
            if self._answered == 0:
                self._anchor = pitch
            self._answered += 1
        else:
            if len(self._heard) >= _LONGEST_CALL:
                del self._heard[0]
            self._heard.append((pitch, self.last_onset_beats, int(position)))
        if len(self._echo_time) > _KEPT:
            self._echo_time = {}
        root = self._root
        self._note_ids = (
            _PITCH + pitch,
            interval_id,
            _DEGREE + ((pitch - root) % 12 if root >= 0 else 12),
            _DURATION + f.duration_bin(duration_beats),
            _VELOCITY + f.velocity_bin(velocity),
            _BEFORE + 3 * self._role + position,
        )
        self._phrase_count = 0 if position == _END else self._phrase_count + 1

    def take(self, note: Note, position: Position) -> None:
        """The same as :meth:`note`, from a :class:`Note`."""
        self.note(note.pitch, note.velocity, note.duration_beats, position)

    def _enter(self, role: Role, scene: Scene) -> None:
        """Take in a scene or role that differs from that of the note before."""
        if self._turn != (role, scene.start_beats):
            self._begin(role, scene)
        self._scene = scene
        self._tempo = math.log2(scene.bpm / 160)
        self._role_id, self._target_id = _ROLE + role, _TARGET + scene.strategy * f.TARGETS
        self._no_target = NO_TARGET[scene.strategy]
        self._told = _three(_STYLE + scene.style, _FEEL + scene.feel, _DENSITY + scene.density)

    def _begin(self, role: Role, scene: Scene) -> None:
        """Begin a turn: an answer follows the call heard before it, a human turn is a new call."""
        if role == Role.HUMAN:
            self._heard, self._call = [], []
        elif self._turn[0] != Role.BOX:
            self._call = taken_up(self._heard.copy(), scene.strategy)
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
            change = self._changes[here] = change_at(progression, here)
        chord = change.chord
        wait = change.next_beats - place + change.round_beats
        self._chord_from, self._chord_to = beat, beat + wait
        self._chord_views, self._chord_rows = change.views, change.rows
        self._root = chord.root
        if self._blind is not None and self._blind.root(chord.root) < 0:
            chord = NO_CHORD
        self.chord, self.root = chord, chord.root
