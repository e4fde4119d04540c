"""The schedule: answers held in beats until their notes are due. Pure.

The brain sends an answer in versions, each made when it had heard more of the call, each whole in
one packet. The newest whole version plays. Only where there is no whole one yet, the beginning of
a version will do, and its rest comes later; a whole version is never given up for a beginning.
Once a note has sounded the answer is that version; what it lacks then is completed.

Notes are cut at the line that ends their turn.
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


@dataclass(slots=True, eq=False)
class Answer:
    """What is known of the answer to one turn, and what became of it."""

    turn: Turn
    controls: ControlValues  # how to play it
    version: int = -1
    heard: int = 0
    engine: EngineId = EngineId.OFF
    notes: list[Note] = field(default_factory=list)
    told: int = 0  # notes that came of this version, those left out too
    next: int = 0  # index of the next note to sound
    played: int = 0
    dropped: int = 0  # left out, as they were too late
    whole: bool = False
    completed: bool = False  # the brain's rest did not come: the fallback went on
    first_late_s: float | None = None  # infinity where the first note was left out
    channel: int = -1  # 0..15; -1 until it is about to begin
    begins_s: float = -inf  # not before this; after its line in a turn that was not foretold
    patient_until_s: float = -inf  # how long the brain may take to send what it owes, once asked
    more: Iterator[Note] = field(default_factory=lambda: iter(()))  # fallback's, made as needed

    @property
    def known(self) -> bool:
        """Whether notes have come, or it is certain that none will."""
        return bool(self.notes) or self.whole

    @property
    def started(self) -> bool:
        return self.next > 0

    @property
    def lacks(self) -> bool:
        """Whether all that came of it has sounded and there should be more."""
        return not self.whole and self.next >= len(self.notes)

    @property
    def silent(self) -> bool:
        """Whether it was to be silent: its seat has no engine."""
        return self.whole and self.engine is EngineId.OFF

    @property
    def on_time(self) -> bool:
        """Whether the first note was heard, and in time."""
        return self.first_late_s is not None and self.first_late_s <= ON_TIME_S

    def take(self, told: Answered) -> bool:
        """Take a version, or the rest of the one that is here; False where it changes nothing."""
        if told.version == self.version:
            if self.whole:
                return False
            self.whole = told.whole
        elif self.started or told.version < self.version or (self.whole and not told.whole):
            return False
        else:
            self.begin_version(told.version, told.heard, EngineId(told.engine))
            self.whole = told.whole
        for note in told.notes[self.told :]:
            self.add(note)
        self.told = len(told.notes)
        return True

    def begin_version(self, version: int, heard: int, engine: EngineId) -> None:
        self.version, self.heard, self.engine = version, heard, engine
        self.notes, self.next, self.told, self.more = [], 0, 0, iter(())

    def go_on(self, more: Iterator[Note]) -> None:
        """Let notes made one by one follow those that are here."""
        self.more, self.whole = more, True
        self.coming()

    def coming(self) -> Note | None:
        """The next note to sound, if it is known or can be made."""
        while self.next >= len(self.notes):
            made = next(self.more, None)
            if made is None:
                return None
            self.add(made)
        return self.notes[self.next]

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

    def take(self, told: Answered) -> bool:
        """Take what the brain answered; False where nothing comes of it."""
        answer = self.answers.get(told.serial)
        return answer is not None and answer.take(told)

    def drop_ended(self, beat: float) -> list[Answer]:
        """Forget answers whose turn is over; returns them."""
        over = [a for a in self.answers.values() if a.turn.end_beats <= beat]
        for answer in over:
            del self.answers[answer.turn.serial]
        return over

    def clear(self) -> None:
        self.answers.clear()
