"""The schedule: answers held in beats until their notes are due. Pure.

The brain sends an answer in versions, each made when it had heard more of the call. The newest
version plays; once one of its notes has sounded, later versions are ignored. Notes are cut at the
line that ends their turn; a note that comes too late is left out, never played late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from ..music.note import Note
from ..protocol.engine import ControlValues
from ..protocol.records import Answered, EngineId, Turn

ON_TIME_S = 0.005  # a first note this late is on time: listeners notice a displaced note from 6 ms
GAP_BEATS = 1 / 48  # an answer's last note ends at least this long before its line


@dataclass(slots=True)
class Answer:
    """What is known of the answer to one turn."""

    turn: Turn
    controls: ControlValues  # how to play it
    version: int = -1
    heard: int = 0
    engine: EngineId = EngineId.OFF
    notes: list[Note] = field(default_factory=list)
    taken: int = 0  # notes of this version that came, those left out included
    next: int = 0  # index of the next note to sound
    played: int = 0
    whole: bool = False
    first_late_s: float | None = None
    channel: int = -1  # 0..15; -1 until it is about to begin
    begins_s: float = -inf  # not before this; after its line in a turn resumed after a crash
    more: Iterator[Note] = field(default_factory=lambda: iter(()))  # fallback's, made as needed

    @property
    def known(self) -> bool:
        """Whether notes have come, or it is certain that none will."""
        return bool(self.notes) or self.whole

    @property
    def started(self) -> bool:
        return self.next > 0

    @property
    def on_time(self) -> bool:
        """Whether the first note left in time; a chosen silence is on time, no answer is not."""
        if self.first_late_s is None:
            return self.whole and not self.notes
        return self.first_late_s <= ON_TIME_S

    def begin_version(self, version: int, heard: int, engine: EngineId) -> None:
        self.version, self.heard, self.engine = version, heard, engine
        self.notes, self.next, self.whole, self.more = [], 0, False, iter(())
        self.taken = 0

    def coming(self) -> Note | None:
        """The next note to sound, if it is known or can be made."""
        while self.next >= len(self.notes):
            made = next(self.more, None)
            if made is None:
                return None
            self.add(made)
        return self.notes[self.next]

    def coming_after(self, beat: float) -> Iterator[Note]:
        """The notes not played yet with an onset after ``beat``; makes none of the fallback's."""
        for index in range(self.next, len(self.notes)):
            if self.notes[index].onset_beats > beat:
                yield self.notes[index]

    def end_at(self, turn: Turn) -> None:
        """Let the answer be one to ``turn``, which is the same turn with another end."""
        notes, self.turn, self.notes = self.notes, turn, []
        for note in notes:
            self.add(note)

    def add(self, note: Note) -> None:
        """Take a note, cut to the turn; one outside it, or out of order, is left out."""
        start, end = self.turn.start_beats, self.turn.end_beats - GAP_BEATS
        onset = max(note.onset_beats, start) if note.onset_beats > start - 1e-6 else -inf
        if not start <= onset < end or (self.notes and onset < self.notes[-1].onset_beats):
            return
        length = max(min(note.end_beats, end) - onset, GAP_BEATS / 2)
        self.notes.append(Note(onset, note.pitch, note.velocity, length))


class AnswerSchedule:
    """``answers`` by serial of their turn: at most the one that sounds and the next one."""

    def __init__(self) -> None:
        self.answers: dict[int, Answer] = {}

    def expect(self, turn: Turn, controls: ControlValues) -> Answer:
        """Add an empty answer to ``turn``; forgets those to earlier plans of the same loop."""
        for serial in [s for s, a in self.answers.items() if a.turn.loop == turn.loop]:
            del self.answers[serial]
        answer = self.answers[turn.serial] = Answer(turn, controls)
        return answer

    def take(self, record: Answered) -> None:
        """Take a version, or its beginning; ignored if it is an older one or another one sounds
        already."""
        answer = self.answers.get(record.serial)
        if answer is None or record.version < answer.version or (answer.whole and not record.whole):
            return
        if record.version > answer.version:
            if answer.started:
                return
            answer.begin_version(record.version, record.heard, EngineId(record.engine))
        for note in record.notes[answer.taken :]:
            answer.add(note)
        answer.taken, answer.whole = max(answer.taken, len(record.notes)), record.whole

    def drop_ended(self, beat: float) -> list[Answer]:
        """Forget answers whose turn is over; returns them."""
        over = [a for a in self.answers.values() if a.turn.end_beats <= beat]
        for answer in over:
            del self.answers[answer.turn.serial]
        return over

    def clear(self) -> None:
        self.answers.clear()
