"""Turns notes and harmony into the network's inputs.

Training, evaluation and the box all come through here, one note at a time:
``onset()`` fills :attr:`Encoder.ids` and :attr:`Encoder.floats` for the call of a note
whose onset is known, ``note()`` then tells what that note was.
"""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np

from ..music.harmony import NO_CHORD, Chord, Harmony
from ..music.note import Note
from . import features as f
from .engine import Position, Role, Scene

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
_EMPTY_HISTORY = [_O["history"] + f.INTERVALS] * f.HISTORY
# Row of the history table by interval; negative intervals count from the end.
_HISTORY_OF = [_O["history"] + f.interval_index(i) for i in (*range(128), *range(-128, 0))]


class Encoder:
    """Memory of the stream outside the network: last notes, last onset, phrase so far."""

    __slots__ = (
        "_after",
        "_bar_beats",
        "_bar_twelfths",
        "_chord",
        "_chord_from",
        "_chord_to",
        "_context",
        "_degree",
        "_duration_id",
        "_echo",
        "_echo_before",
        "_harmony",
        "_interval_id",
        "_loudest",
        "_phases",
        "_phrase_count",
        "_phrase_from",
        "_pitches",
        "_position",
        "_role",
        "_scale",
        "_velocity_id",
        "_views",
        "floats",
        "ids",
        "last_onset_beats",
    )

    def __init__(self, floats: f.F32 | None = None) -> None:
        """``floats`` [1, FLOATS] is where to write them, a new array unless given."""
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
        self.last_onset_beats = -math.inf

    def fork(self, floats: f.F32) -> Encoder:
        """An independent copy that writes its floats to ``floats``."""
        twin = Encoder.__new__(Encoder)
        for name in Encoder.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.ids, twin.floats, twin._scale = self.ids.copy(), floats, self._scale.copy()
        # Shared with the twin, not copied: it may be large.
        twin._echo_before = {**self._echo_before, **self._echo} if self._echo_before else self._echo
        twin._echo = {}
        return twin  # _pitches is replaced, never changed in place

    @property
    def last_pitch(self) -> int:
        """MIDI pitch of the last finished note, -1 before the first."""
        return self._pitches[0] if self._pitches else -1

    @property
    def root(self) -> int:
        """Root at the onset just encoded, -1 for N.C."""
        return self._chord.root

    @property
    def chord(self) -> Chord:
        """Chord at the onset just encoded."""
        return self._chord

    def onset(self, onset_beats: float, role: Role, scene: Scene) -> None:
        """Fill the inputs for a note that begins now. ``scene.end_beats`` may be infinite."""
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
        else:
            last = pitches[0]
            pc = last % 12
            history = [_HISTORY_OF[last - p] for p in pitches[2:]]
            if len(history) < f.HISTORY:
                history += _EMPTY_HISTORY[len(history) :]
            mean = (sum(pitches) / len(pitches) - last) / 12
            top, bottom = (max(pitches) - last) / 12, (last - min(pitches)) / 12
        context = self._context
        self.ids[:] = [
            _PITCH + (128 if first else last),
            self._interval_id,
            _DEGREE + self._degree,
            _DURATION + self._duration_id,
            _VELOCITY + self._velocity_id,
            _BEFORE + (6 if first else 3 * self._role + self._position),
            _TIME + (f.TIME_BINS if first else f.time_bin(shift)),
            _ROLE + role,
            _ROOT + (root if root >= 0 else 12),
            _ROOT_FROM_PITCH + ((root - pc) % 12 if root >= 0 <= pc else 12),
            _ROOT_TO_NEXT + ((after - root) % 12 if root >= 0 <= after else 12),
            _NEXT_FROM_PITCH + ((after - pc) % 12 if after >= 0 <= pc else 12),
            _DISTANCE + bisect_right(_DISTANCE_EDGES, wait),
            _LEFT + (25 if left == math.inf else 24 if left >= 24 else int(left)),
            _PLACE + int(place * 12 + 0.5) % self._bar_twelfths,
            self._guess(context & _SHORT, _NO_SHORT),
            self._guess(context | 1 << 32, _NO_LONG),
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
        self._duration_id = f.duration_bin(duration_beats)
        self._velocity_id = f.velocity_bin(velocity)
        self._position = position
        self._phrase_count = 0 if position == Position.END else self._phrase_count + 1

    def take(self, note: Note, position: Position) -> None:
        """The same as :meth:`note`, from a :class:`Note`."""
        self.note(note.pitch, note.velocity, note.duration_beats, position)

    def _guess(self, context: int, none: int) -> int:
        found = self._echo.get(context)
        if found is None:
            found = self._echo_before.get(context)
        return none if found is None else none - f.INTERVALS + found

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
