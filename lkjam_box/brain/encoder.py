"""Turns notes and harmony into the network's inputs.

Training, evaluation and the box all come through here, one note at a time:
``onset()`` fills :attr:`Encoder.ids` and :attr:`Encoder.floats` for the call of a note
whose onset is known, ``note()`` then tells what that note was.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from ..music.harmony import NO_CHORD, Chord, Harmony
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
_CHORD_SLICE = slice(0, f.CHORD_FLOATS)
_PHASE_SLICE = slice(f.CHORD_FLOATS, f.CHORD_FLOATS + f.PHASE_FLOATS)
_SCALAR_SLICE = slice(f.CHORD_FLOATS + f.PHASE_FLOATS, f.SCALE.start)
# What followed the last time the same two (short) or four (long) intervals were played, in
# this stream, is a guess for what follows now: motifs come back.
_SHORT, _LONG = (1 << 16) - 1, (1 << 32) - 1
_NO_SHORT, _NO_LONG = _O["echo_short"] + f.INTERVALS, _O["echo_long"] + f.INTERVALS
_KEPT = 50_000  # of those; then a new book is begun
_FADE = 0.9  # of a pitch class in the scale heard, per note
_NO_ECHO_TIME = _O["echo_time"] + f.TIME_BINS
_TIME_CONTEXT = (1 << 16) - 1
_LONGEST_CALL = 256  # notes of it that an answer may follow
_MOTIF = 8  # notes at the end of the call that a continuation takes up
_STYLE, _FEEL, _DENSITY = _O["style"], _O["feel"], _O["density"]
_WISH, _WISH_PLACE = _O["wish"], _O["wish_place"]
_EMPTY_HISTORY = [_O["history"] + f.INTERVALS] * f.HISTORY
# Row of the history table by interval; negative intervals count from the end.
_HISTORY_OF = [_O["history"] + f.interval_index(i) for i in (*range(128), *range(-128, 0))]
NONE = 999  # no guess of an interval


@dataclass(frozen=True, slots=True)
class _Wish:
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
_ANCHORED = (Strategy.IMITATION, Strategy.INVERSION)


def _wishes(call: list[tuple[int, float, int]], strategy: Strategy) -> list[_Wish]:
    """What the call asks of every note of its answer (turned round for an inversion). A
    continuation takes up the end of the last phrase only."""
    if strategy == Strategy.CONTINUATION:
        ends = [i for i, note in enumerate(call[:-1]) if note[2] == Position.END]
        call = call[max(ends[-1] + 1 if ends else 0, len(call) - _MOTIF) :]
    turned = -1 if strategy == Strategy.INVERSION else 1
    anchored = strategy in _ANCHORED
    out = []
    for i, (pitch, onset, place) in enumerate(call):
        semitones = NONE
        if i:
            semitones = turned * (pitch - call[0 if anchored else i - 1][0])
        time = -1 if i + 1 == len(call) else f.time_bin(call[i + 1][1] - onset)
        out.append(_wish(strategy, semitones, anchored, time, place))
    return out


class Encoder:
    """Memory of the stream outside the network: last notes, last onset, phrase so far."""

    __slots__ = (
        "_after",
        "_anchor",
        "_answered",
        "_bar_beats",
        "_bar_twelfths",
        "_blind",
        "_chord",
        "_chord_from",
        "_chord_to",
        "_context",
        "_degree",
        "_duration_id",
        "_echo",
        "_echo_before",
        "_echo_time",
        "_echo_time_before",
        "_harmony",
        "_heard",
        "_interval_id",
        "_loudest",
        "_phases",
        "_phrase_count",
        "_phrase_from",
        "_pitches",
        "_position",
        "_role",
        "_scale",
        "_time_context",
        "_turn",
        "_velocity_id",
        "_views",
        "_wishes",
        "floats",
        "guess_times",
        "guesses",
        "ids",
        "last_onset_beats",
    )

    def __init__(self, floats: f.F32 | None = None, blind: tuple[str, ...] = ()) -> None:
        """``floats`` [1, FLOATS] is where to write them, a new array unless given.

        ``blind`` hides "role", "position" or "harmony": the models without, for comparing.
        """
        self.ids: f.I32 = np.zeros(f.IDS, np.int32)
        self.floats = np.zeros((1, f.FLOATS), np.float32) if floats is None else floats
        self._harmony: Harmony | None = None
        self._chord, self._after = NO_CHORD, NO_CHORD
        self._chord_from = self._chord_to = 0.0
        self._views = f.chord_views(NO_CHORD, NO_CHORD)
        self._bar_beats, self._bar_twelfths = 4.0, 48
        self._phases = f.phase_table(4.0)
        self._pitches: list[int] = []  # newest first
        self._role, self._position = Role.HUMAN, Position.END
        self._interval_id = _O["interval"] + f.INTERVALS
        self._degree = 12
        self._duration_id, self._velocity_id = f.DURATION_BINS, f.VELOCITY_BINS
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
        self._heard: list[tuple[int, float, int]] = []  # pitch, onset, position of the call
        self._wishes: list[_Wish] = []
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
        twin.ids, twin.floats, twin._scale = self.ids.copy(), floats, self._scale.copy()
        # Shared with the twin, not copied: it may be large.
        twin._echo_before = {**self._echo_before, **self._echo} if self._echo_before else self._echo
        twin._echo_time_before = (
            {**self._echo_time_before, **self._echo_time}
            if self._echo_time_before
            else self._echo_time
        )
        twin._echo, twin._echo_time = {}, {}
        twin._heard = self._heard.copy()
        return twin  # _wishes and _pitches is replaced, never changed in place

    @property
    def last_pitch(self) -> int:
        """MIDI pitch of the last finished note, -1 before the first."""
        return self._pitches[0] if self._pitches else -1

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

    @property
    def root(self) -> int:
        """Root at the onset just encoded, -1 for N.C."""
        return self._chord.root if self._blind is None else self._blind.root(self._chord.root)

    @property
    def chord(self) -> Chord:
        """Chord at the onset just encoded; N.C. to who is blind to harmony."""
        return self._chord if self.root >= 0 else NO_CHORD

    def onset(self, onset_beats: float, role: Role, scene: Scene) -> None:
        """Fill the inputs for a note that begins now. ``scene.end_beats`` may be infinite."""
        if self._turn != (role, scene.start_beats):
            self._begin(role, scene)
        wait = self._look_up(onset_beats + ANTICIPATION_BEATS, scene.harmony)
        shift = onset_beats - self.last_onset_beats
        if shift < 0.0:
            shift = 0.0
        bar = self._bar_beats
        place = (onset_beats - scene.harmony.origin_beats) % bar
        left = scene.end_beats - onset_beats
        if left < 0.0:
            left = 0.0
        root, after = self._chord.root, self._after.root
        pitches = self._pitches
        first = not pitches
        if first:
            last, pc, mean, top, bottom = 62, -1, 0.0, 0.0, 0.0
            history = _EMPTY_HISTORY
            time = f.TIME_BINS
        else:
            last = pitches[0]
            pc = last % 12
            history = [_HISTORY_OF[last - p] for p in pitches[2:]]
            if len(history) < f.HISTORY:
                history += _EMPTY_HISTORY[len(history) :]
            mean = (sum(pitches) / len(pitches) - last) / 12
            top, bottom = (max(pitches) - last) / 12, (last - min(pitches)) / 12
            time = f.time_bin(shift)
            self._echo_time[self._time_context] = time
        context = self._context
        short = self._guess(context & _SHORT)
        long = self._guess(context | 1 << 32)
        echo_time = self._move_on(shift, place)
        strategy = scene.strategy
        wish = _NO_WISH[strategy]
        if self._answered < len(self._wishes):
            wish = self._wishes[self._answered]
        wished = wish.semitones
        if wish.anchored and wished != NONE:
            wished += self._anchor - last
        far = f.INTERVALS if wished == NONE else f.interval_index(wished)
        self.guesses, self.guess_times = (wished, short, long), (wish.time, echo_time)
        self.ids[:] = [
            _PITCH + (128 if first else last),
            self._interval_id,
            _DEGREE + self._degree,
            _DURATION + self._duration_id,
            _VELOCITY + self._velocity_id,
            _BEFORE + (6 if first else 3 * self._role + self._position),
            _TIME + time,
            _ROLE + role,
            _ROOT + (root if root >= 0 else 12),
            _ROOT_FROM_PITCH + ((root - pc) % 12 if root >= 0 <= pc else 12),
            _ROOT_TO_NEXT + ((after - root) % 12 if root >= 0 <= after else 12),
            _NEXT_FROM_PITCH + ((after - pc) % 12 if after >= 0 <= pc else 12),
            _DISTANCE + bisect_right(_DISTANCE_EDGES, wait),
            _LEFT + (f.BEATS_LEFT - 1 if left == math.inf else bisect_right(f.LEFT_EDGES, left)),
            _PLACE + int(place * 12 + 0.5) % self._bar_twelfths,
            _NO_SHORT if short == NONE else _NO_SHORT - f.FAR - 1 + short,
            _NO_LONG if long == NONE else _NO_LONG - f.FAR - 1 + long,
            _NO_ECHO_TIME if echo_time < 0 else _O["echo_time"] + echo_time,
            _WISH + strategy * f.WISHES + far,
            wish.time_row,
            wish.place_row,
            _STYLE + scene.style,
            _FEEL + scene.feel,
            _DENSITY + scene.density,
            *history,
        ]
        floats = self.floats[0]
        floats[_CHORD_SLICE] = self._views[pc]
        floats[_PHASE_SLICE] = self._phases[int(place * f.PHASE_STEPS + 0.5)]
        floats[_SCALAR_SLICE] = (
            1.0 if first else math.log1p(shift if shift < 16.0 else 16.0),
            wait / 8 if wait < 8.0 else 1.0,
            0.0 if left >= 8.0 else 1 - left / 8,
            (last - 62) / 16,
            mean,
            top,
            bottom,
            math.log2(scene.bpm / 160),
            math.log1p(self._phrase_count) / 3,
            min(onset_beats - self._phrase_from, 32.0) / 16 if self._phrase_count else 0.0,
        )
        here = max(pc, 0)
        np.multiply(self._scale[here : here + 12], 1.0 / self._loudest, out=floats[f.SCALE])
        if self._blind is not None:
            self._blind.hide(self.ids, floats)
            if not self.sees_roles:
                self.guesses, self.guess_times = (NONE, short, long), (-1, echo_time)
        if self._phrase_count == 0:
            self._phrase_from = onset_beats
        self._role = role
        self.last_onset_beats = onset_beats

    def note(self, pitch: int, velocity: int, duration_beats: float, position: Position) -> None:
        """What the note whose onset was just encoded turned out to be."""
        root = self._chord.root
        self._degree = (pitch - root) % 12 if root >= 0 else 12
        before = self._pitches
        self._loudest /= _FADE  # louder from note to note instead of fading all
        if self._loudest > 1e6:
            self._scale /= self._loudest
            self._loudest = 1.0
        self._scale[pitch % 12] += self._loudest
        self._scale[pitch % 12 + 12] += self._loudest
        self._interval_id = _O["interval"] + f.INTERVALS
        if before:
            interval = f.interval_index(pitch - before[0])
            self._interval_id = _O["interval"] + interval
            if len(self._echo) > _KEPT:
                self._echo = {}
            self._echo[self._context & _SHORT] = interval
            self._echo[self._context | 1 << 32] = interval
            self._context = (self._context << 8 | interval + 1) & _LONG
        self._pitches = [pitch, *before[: f.HISTORY + 1]]  # as far as history looks
        if self._role == Role.BOX:
            if self._answered == 0:
                self._anchor = pitch
            self._answered += 1
        else:
            if len(self._heard) >= _LONGEST_CALL:
                del self._heard[0]
            self._heard.append((pitch, self.last_onset_beats, int(position)))
        self._duration_id = f.duration_bin(duration_beats)
        self._velocity_id = f.velocity_bin(velocity)
        self._position = position
        self._phrase_count = 0 if position == Position.END else self._phrase_count + 1

    def take(self, note: Note, position: Position) -> None:
        """The same as :meth:`note`, from a :class:`Note`."""
        self.note(note.pitch, note.velocity, note.duration_beats, position)

    def _guess(self, context: int) -> int:
        """The interval that followed ``context`` last time, in semitones, or none."""
        found = self._echo.get(context)
        if found is None:
            found = self._echo_before.get(context)
        return NONE if found is None else found - f.FAR

    def _move_on(self, shift: float, place: float) -> int:
        """Note how we came here; the time-shift bin that followed last time, or -1."""
        sixths = int((shift if shift < 4.0 else 4.0) * 6 + 0.5) + 1
        here = (self._time_context << 8 | sixths) & _TIME_CONTEXT
        self._time_context = here | (int(place % 1.0 * 6 + 0.5) % 6) << 16
        if len(self._echo_time) > _KEPT:
            self._echo_time = {}
        found = self._echo_time.get(self._time_context)
        if found is None:
            found = self._echo_time_before.get(self._time_context, -1)
        return found

    def _begin(self, role: Role, scene: Scene) -> None:
        """A turn begins: an answer takes up the call before it, a call begins a new one."""
        if role == Role.HUMAN:
            self._heard, self._wishes = [], []
        elif self._turn[0] != Role.BOX:
            self._wishes = _wishes(self._heard, scene.strategy)
        else:
            self._wishes = []
        self._answered = 0
        self._turn = (role, scene.start_beats)

    def _look_up(self, beat: float, harmony: Harmony) -> float:
        """Set chord and next chord at ``beat``; returns beats until the next one."""
        if harmony is not self._harmony or not self._chord_from <= beat < self._chord_to:
            if harmony is not self._harmony:
                self._harmony = harmony
                self._bar_beats = bar = harmony.progression.metre.bar_beats
                self._bar_twelfths = max(1, min(f.PLACES - 1, int(bar * 12)))
                self._phases = f.phase_table(bar)
            self._chord = harmony.chord_at(beat)
            self._after, wait = harmony.next_chord(beat)
            if self._after == self._chord:  # one chord for ever
                wait = math.inf
            self._chord_from, self._chord_to = beat, beat + wait
            self._views = f.chord_views(self._chord, self._after)
        return self._chord_to - beat
