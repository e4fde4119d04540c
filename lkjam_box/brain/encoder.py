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
_NO_HISTORY = _O["history"] + f.INTERVALS
# Row of the history table by interval; negative intervals count from the end.
_HISTORY_OF = [_O["history"] + f.interval_index(i) for i in (*range(128), *range(-128, 0))]


class Encoder:
    """Memory of the stream outside the network: last notes, last onset, phrase so far."""

    __slots__ = (
        "_after",
        "_chord",
        "_chord_from",
        "_chord_to",
        "_degree",
        "_duration_id",
        "_harmony",
        "_interval_id",
        "_phrase_count",
        "_phrase_from",
        "_pitches",
        "_position",
        "_role",
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
        self._pitches: list[int] = []  # newest first
        self._role, self._position = Role.HUMAN, Position.END
        self._interval_id = _O["interval"] + f.INTERVALS
        self._degree = 12
        self._duration_id, self._velocity_id = f.DURATION_BINS, f.VELOCITY_BINS
        self._phrase_count, self._phrase_from = 0, 0.0
        self.last_onset_beats = -math.inf

    def fork(self, floats: f.F32) -> Encoder:
        """An independent copy that writes its floats to ``floats``."""
        twin = Encoder.__new__(Encoder)
        for name in Encoder.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.ids, twin.floats = self.ids.copy(), floats
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
        first = not self._pitches
        progression = scene.harmony.progression
        bar = progression.metre.bar_beats
        place = (onset_beats - scene.harmony.origin_beats) % bar
        left = scene.end_beats - onset_beats
        root, after = self._chord.root, self._after.root
        if first:
            last, pc, mean, top, bottom = 62, -1, 0.0, 0.0, 0.0
            history = [_NO_HISTORY] * f.HISTORY
        else:
            pitches = self._pitches
            last, pc = pitches[0], pitches[0] % 12
            history = [_HISTORY_OF[last - p] for p in pitches[2:]]
            history += [_NO_HISTORY] * (f.HISTORY - len(history))
            mean = (sum(pitches) / len(pitches) - last) / 12
            top, bottom = (max(pitches) - last) / 12, (last - min(pitches)) / 12
        self.ids[:] = [
            _O["pitch"] + (128 if first else last),
            self._interval_id,
            _O["degree"] + self._degree,
            _O["duration"] + self._duration_id,
            _O["velocity"] + self._velocity_id,
            _O["before"] + (6 if first else 3 * self._role + self._position),
            _O["time"] + (f.TIME_BINS if first else f.time_bin(shift)),
            _O["role"] + role,
            _O["root"] + (root if root >= 0 else 12),
            _O["root_from_pitch"] + ((root - pc) % 12 if root >= 0 <= pc else 12),
            _O["root_to_next"] + ((after - root) % 12 if root >= 0 <= after else 12),
            _O["next_from_pitch"] + ((after - pc) % 12 if after >= 0 <= pc else 12),
            _O["distance"] + bisect_right(_DISTANCE_EDGES, wait),
            _O["left"] + (int(max(0.0, left)) if left < 24 else 25 if left == math.inf else 24),
            _O["place"] + min(f.PLACES - 1, int(place * 12 + 0.5) % int(bar * 12)),
            *history,
        ]
        floats = self.floats[0]
        floats[: f.CHORD_FLOATS] = self._views[pc]
        floats[f.CHORD_FLOATS : f.CHORD_FLOATS + f.PHASE_FLOATS] = f.phase_table(bar)[
            int(place * f.PHASE_STEPS + 0.5)
        ]
        floats[f.CHORD_FLOATS + f.PHASE_FLOATS :] = (
            1.0 if first else math.log1p(max(0.0, min(shift, 16.0))),
            min(wait, 8.0) / 8,
            0.0 if left == math.inf else max(0.0, 1 - left / 8),
            (last - 62) / 16,
            mean,
            top,
            bottom,
            math.log2(scene.bpm / 160),
            math.log1p(self._phrase_count) / 3,
            0.0 if self._phrase_count == 0 else min(onset_beats - self._phrase_from, 32.0) / 16,
        )

        if self._phrase_count == 0:
            self._phrase_from = onset_beats
        self._role = role
        self.last_onset_beats = onset_beats

    def note(self, pitch: int, velocity: int, duration_beats: float, position: Position) -> None:
        """What the note whose onset was just encoded turned out to be."""
        root = self._chord.root
        self._degree = (pitch - root) % 12 if root >= 0 else 12
        before = self._pitches
        self._interval_id = _O["interval"] + (
            f.interval_index(pitch - before[0]) if before else f.INTERVALS
        )
        self._pitches = [pitch, *before[: f.HISTORY + 1]]  # as far as history looks
        self._duration_id = f.duration_bin(duration_beats)
        self._velocity_id = f.velocity_bin(velocity)
        self._position = position
        self._phrase_count = 0 if position == Position.END else self._phrase_count + 1

    def take(self, note: Note, position: Position) -> None:
        """The same as :meth:`note`, from a :class:`Note`."""
        self.note(note.pitch, note.velocity, note.duration_beats, position)

    def _look_up(self, beat: float, harmony: Harmony) -> float:
        """Set chord and next chord at ``beat``; returns beats until the next one."""
        if harmony is not self._harmony or not self._chord_from <= beat < self._chord_to:
            self._harmony = harmony
            self._chord = harmony.chord_at(beat)
            self._after, wait = harmony.next_chord(beat)
            if self._after == self._chord:  # one chord for ever
                wait = math.inf
            self._chord_from, self._chord_to = beat, beat + wait
            self._views = f.chord_views(self._chord, self._after)
        return self._chord_to - beat
