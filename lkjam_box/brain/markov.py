"""The Markov engine: answers with the human's own intervals and rhythms, over the chords. Pure.

It learns intervals, rhythm, articulation, phrase lengths and swing from the human, and
knows a small vocabulary from the start. Plain Python: the stage process keeps one as the
fallback for a brain that is dead or late.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from copy import copy
from random import Random

from ..music.note import Note
from ..protocol.engine import ControlValues, Position, Question, Role, Scene
from ..protocol.records import EngineId
from .markov_melody import Melody, Taste
from .markov_reply import Motif
from .phrases import rest_beats
from .suffixes import ORDER, START, Step, Suffixes, symbol

_PHRASES_KEPT = 32
_MOTIF_STEPS = 3  # a shorter phrase is no motif
_SLOW = 0.05  # share of a new note in a running mean
_LONGEST_STEP_BEATS = 2.5  # a longer way to the next note is a rest


class MarkovEngine:
    """An :class:`Engine` without a model file. Memory is bounded; ``hear`` costs microseconds."""

    id = EngineId.MARKOV

    def __init__(self) -> None:
        self._steps = Suffixes()
        self._ear = _Ear()

    def hear(self, note: Note, position: Position, role: Role, scene: Scene) -> None:
        """Learn from a human's note; a note of the box's only changes the context."""
        context = self._ear.context
        step = self._ear.take(note, position, role, scene)
        if step is not None and role is Role.HUMAN:
            self._steps.learn(context, step)

    def answer(self, question: Question) -> Iterator[Note]:
        """See :class:`Engine`. The tail counts as context; only ``hear`` learns its steps."""
        ear = self._ear.copy()
        for note, position in question.tail:
            ear.take(note, position, Role.HUMAN, question.heard_scene)
        controls, random = question.controls, Random(question.seed)
        return Melody(self._steps, ear.taste(), question.scene, controls, random).notes()

    def go_on(
        self, begun: Sequence[Note], scene: Scene, controls: ControlValues, seed: int
    ) -> Iterator[Note]:
        """The rest of an answer in ``scene`` that another engine began, in the phrase that it is
        in; the memory stays as it was."""
        ear = self._ear.copy()
        for note in begun:
            ear.take(note, Position.CONTINUE, Role.BOX, scene)
        melody = Melody(self._steps, ear.taste(), scene, controls, Random(seed))
        return melody.notes(begun[-1] if begun else None)

    def forget(self) -> None:
        self._steps.clear()
        self._ear = _Ear()


class _Ear:
    """What the last notes were, and the player's habits as running means."""

    def __init__(self) -> None:
        self._last: Note | None = None
        self._role = Role.BOX  # who played it
        self._closed = True  # that note ended its phrase
        self._began_beats = 0.0  # onset of the phrase's first note
        self._phrase: list[Step] = []  # the phrase so far
        self._opened = (0, 0.0)  # its first pitch, and that note's place in the bar, in beats
        self._motif = Motif()  # the player's last whole phrase
        self.context: list[int] = []  # never changed in place
        self._pitch = self._velocity = self._offbeat = 0.0  # 0 as long as unknown
        self._phrases: deque[float] = deque(maxlen=_PHRASES_KEPT)
        self._rests: deque[float] = deque(maxlen=_PHRASES_KEPT)

    def copy(self) -> _Ear:
        ear = copy(self)
        ear._phrase = self._phrase.copy()
        ear._phrases, ear._rests = self._phrases.copy(), self._rests.copy()
        return ear

    def taste(self) -> Taste:
        mine = self._role is Role.HUMAN and len(self._phrase) >= _MOTIF_STEPS
        return Taste(
            tuple(self.context),
            Motif(tuple(self._phrase), *self._opened) if mine else self._motif,
            self._last.pitch if self._last else 0,
            self._pitch,
            self._velocity,
            self._offbeat,
            tuple(self._phrases),
            tuple(self._rests),
        )

    def take(self, note: Note, position: Position, role: Role, scene: Scene) -> Step | None:
        """Hear a note; returns the step from the note before, None where it begins a phrase."""
        step = None
        last = self._last
        way_beats = note.onset_beats - last.onset_beats if last else 0.0
        if (
            last is None
            or self._closed
            or self._role is not role
            or not 0 < way_beats <= _LONGEST_STEP_BEATS
            or note.onset_beats - last.end_beats >= rest_beats(scene.bpm)
        ):
            self._open(note, scene)
        else:
            interval = max(-12, min(12, note.pitch - last.pitch))
            twelfths = max(1, min(48, round(way_beats * 12)))
            step = (interval, twelfths, max(0.2, min(1.0, last.duration_beats / way_beats)))
            self._phrase.append(step)
            self.context = [*self.context[1 - ORDER :], symbol(interval, twelfths)]
        self._closed = position is Position.END
        self._role = role
        self._last = note
        if role is Role.HUMAN:
            self._habits(note, scene)
        return step

    def _open(self, note: Note, scene: Scene) -> None:
        """Begin a phrase with ``note``; keep the player's phrase before it, now whole, as motif."""
        if self._last is not None and self._role is Role.HUMAN:
            if len(self._phrase) >= _MOTIF_STEPS:
                self._motif = Motif(tuple(self._phrase), *self._opened)
            phrase_beats = self._last.end_beats - self._began_beats
            silence_beats = note.onset_beats - self._last.end_beats
            if 0.25 <= phrase_beats <= 16:
                self._phrases.append(phrase_beats)
            if 0.25 <= silence_beats <= 4:
                self._rests.append(silence_beats)
        self._phrase, self._opened = [], (note.pitch, scene.harmony.bar_place(note.onset_beats))
        self.context = [START]
        self._began_beats = note.onset_beats

    def _habits(self, note: Note, scene: Scene) -> None:
        self._pitch = _mean(self._pitch, note.pitch)
        self._velocity = _mean(self._velocity, note.velocity)
        place = scene.harmony.bar_place(note.onset_beats) % 1
        if 0.42 < place < 0.7:
            self._offbeat = _mean(self._offbeat, place)


def _mean(mean: float, value: float) -> float:
    return mean + (value - mean) * _SLOW if mean else float(value)
