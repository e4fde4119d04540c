"""The box's side of the trade: ask for an answer, choose a version, play it in time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf

from ..brain.markov import MarkovEngine
from ..config.options import Brain as BrainOptions
from ..midi.messages import Message
from ..music.note import Note
from ..protocol.controls import CHOICES, value_of
from ..protocol.engine import Position, Question, Role, Scene
from ..protocol.records import (
    Answered,
    ControlId,
    ControlSetting,
    EngineId,
    Playing,
    Prepare,
    Record,
    Turn,
)
from ..tempo.clock import Clock
from ..turns.seat_controls import SeatControls
from .answer_schedule import GAP_BEATS, Answer, AnswerSchedule
from .ledger import Owner
from .view import View
from .wire import Wire

LATE_S = 0.030  # a note later than this is left out, never hurried
CLEAR_S = 0.005  # an answer's channel is its own this long before; DIN sends five messages in it
_CONTROLS = (ControlId.TEMPERATURE, ControlId.TOP_P, *CHOICES)  # what the brain is told of
Place = tuple[int, Answer]  # of a note among messages, and whose it is
_ENGINES = {"gru": EngineId.GRU, "markov": EngineId.MARKOV, "off": EngineId.OFF}


class Responder:
    """Holds answers and sounds them; falls back to its own engine for what the brain owes.

    ``to_brain`` returns whether the brain was told; ``scene`` gives the :class:`Scene` of a turn,
    ``seat_controls`` how the seats shall play, ``channel_of`` where a seat sounds: asked when its
    answer is about to begin, for all of it. The fallback hears every call, too.
    """

    def __init__(
        self,
        options: BrainOptions,
        *,
        clock: Clock,
        wire: Wire,
        view: View,
        to_brain: Callable[[Record], bool],
        scene: Callable[[Turn], Scene],
        seat_controls: SeatControls,
        channel_of: Callable[[int], int],
        on_answer: Callable[[Answer], None],
    ) -> None:
        self.schedule = AnswerSchedule()
        self._options = options
        self._clock, self._wire, self._view = clock, wire, view
        self._to_brain, self._scene = to_brain, scene
        self._seat_controls, self._on_answer = seat_controls, on_answer
        self._channel_of = channel_of
        self._fallback = MarkovEngine()
        self.unlearned: deque[tuple[Note, Position, Scene]] = deque()  # what `learn` takes one of
        self._engines: dict[int, EngineId] = {}
        self._told: dict[tuple[int, ControlId], float] = {}  # what the brain knows of the controls

    # --- what is asked for

    def ask(self, turn: Turn, begins_s: float = -inf) -> None:
        """Ask the brain to answer ``turn`` with the pending controls, and again after every note
        of the call until the turn begins: on its line, or at ``begins_s`` if that is later."""
        self.schedule.expect(turn, self._seat_controls.pending(turn.seat)).begins_s = begins_s
        self.tell_controls(turn.seat)
        self._to_brain(Prepare(turn))

    def take(self, told: Answered) -> bool:
        """Take what the brain answered; False where nothing comes of it."""
        return self.schedule.take(told)

    def choose_engine(self, control: ControlSetting) -> None:
        if control.value in tuple(EngineId):
            self._engines[control.seat] = EngineId(int(control.value))
            self._to_brain(control)

    @property
    def engines(self) -> dict[int, EngineId]:
        """Engines that were chosen while playing, by seat."""
        return self._engines

    def greet(self) -> None:
        """Tell engines and controls of all seats to a new brain, which knows only the options."""
        self._told.clear()
        for seat, engine in self._engines.items():
            self._to_brain(ControlSetting(seat, ControlId.ENGINE, engine))
        for seat in self._seat_controls.seats:
            self.tell_controls(seat)

    def tell_controls(self, seat: int) -> None:
        """Tell the brain those pending controls of ``seat`` that it does not know."""
        controls = self._seat_controls.pending(seat)
        for control in _CONTROLS:
            value = value_of(controls, control)
            known = self._told.get((seat, control)) == value
            if not known and self._to_brain(ControlSetting(seat, control, value)):
                self._told[seat, control] = value

    def begun(self, turn: Turn | None) -> bool:
        """Whether the answer to ``turn`` sounds; with a negative offset it does before its line."""
        answer = self.schedule.answers.get(turn.serial) if turn else None
        return answer is not None and answer.started

    # --- what was heard

    def hear(self, call: list[Note], turn: Turn) -> None:
        """Take a whole call, of which the fallback learns one note a :meth:`learn`. All at once
        was more than half of the work on a line (0.2 of 0.3 ms), just when the answer is due."""
        scene, last = self._scene(turn), len(call) - 1
        for index, note in enumerate(call):
            place = Position.START if index == 0 else Position.CONTINUE
            self.unlearned.append((note, Position.END if index == last else place, scene))

    def learn(self) -> None:
        """Let the fallback learn one more of the notes heard."""
        if self.unlearned:
            note, place, scene = self.unlearned.popleft()
            self._fallback.hear(note, place, Role.HUMAN, scene)

    def forget(self) -> None:
        self.unlearned.clear()
        self._fallback.forget()

    # --- how turns end

    def end_at(self, turn: Turn) -> None:
        """``turn``, which plays, ends elsewhere than it was asked for: so does its answer."""
        answer = self.schedule.answers.get(turn.serial)
        if answer is not None:
            answer.end_at(turn)
            self._wire.ledger.cut(Owner.BOX, turn.end_beats - GAP_BEATS)

    def cut(self, turn: Turn) -> None:
        """``turn`` ends here and now, none follows: count its answer if it had begun."""
        answer = self.schedule.answers.get(turn.serial)
        if answer is not None and answer.started:
            self._view.figures.cut_short += 1
            self._account(answer)

    def clear(self) -> None:
        """End every note of the box and drop every answer."""
        self._wire.out(self._wire.ledger.close(Owner.BOX))
        self.schedule.clear()

    def settle(self, out_beat: float) -> None:
        """Count and forget the answers whose turn is over."""
        for answer in self.schedule.drop_ended(out_beat):
            if not answer.played and not self._is_off(answer):
                self._view.figures.never_arrived += 1
            self._account(answer)

    # --- when: beats on the wire; infinity for never

    def take_channels(self, begin_beats: float) -> set[int]:
        """The channels of the answers that sound, or begin by ``begin_beats``."""
        for answer in self.schedule.answers.values():
            begins = answer.turn.start_beats <= begin_beats
            if begins and answer.channel < 0 and self._sounds(answer):
                answer.channel = self._channel_of(answer.turn.seat)
        return {a.channel for a in self.schedule.answers.values() if a.channel >= 0}

    def next_begin_beats(self) -> float:
        """When an answer begins that has no channel yet, which is to be ready :data:`CLEAR_S`
        before."""
        waiting = [a for a in self.schedule.answers.values() if a.channel < 0 and self._sounds(a)]
        return min((answer.turn.start_beats for answer in waiting), default=inf)

    def next_over_beats(self) -> float:
        """When the turn of an answer is over."""
        return min((a.turn.end_beats for a in self.schedule.answers.values()), default=inf)

    def next_note_beats(self, called: int) -> float:
        """Onset of the next note that no other version can replace."""
        soonest = inf
        for answer in self.schedule.answers.values():
            if answer.next < len(answer.notes) and not self._wants(answer, called):
                soonest = min(soonest, answer.notes[answer.next].onset_beats)
        return soonest

    def next_choice(self, time_s: float, called: int) -> tuple[float, float]:
        """The beat, and the time, when :meth:`choose` has to say what an answer goes on with."""
        soonest_beats = soonest_s = inf
        for answer in self.schedule.answers.values():
            if not (self._wants(answer, called) or answer.lacks):
                continue
            if time_s < answer.patient_until_s:
                soonest_s = min(soonest_s, answer.patient_until_s)
            else:
                soonest_beats = min(soonest_beats, _needs_beats(answer))
        return soonest_beats, soonest_s

    # --- playing

    def choose(self, time_s: float, out_beat: float, called: int) -> None:
        """Say what every answer that needs it by now goes on with: a version that is there, one
        for which the brain is given a little more time, or what the fallback makes."""
        for answer in self.schedule.answers.values():
            if out_beat < _needs_beats(answer) or time_s < answer.patient_until_s:
                continue
            if not (self._wants(answer, called) or answer.lacks):
                continue
            if answer.started:
                self._complete(answer)
            elif self._view.brain_alive and answer.patient_until_s == -inf:
                grace_s = self._options.grace_ms / 1000
                answer.patient_until_s = self._due_s(answer, answer.turn.start_beats) + grace_s
            elif not answer.known:
                self._fall_back(answer)
            else:
                answer.heard = max(answer.heard, called)  # it plays, though it heard less

    def strike(
        self, out_beat: float, called: int
    ) -> tuple[list[Message], list[tuple[int, Answer]]]:
        """The messages that begin the notes due by ``out_beat``, now in the ledger, and which of
        them are notes of which answer."""
        messages: list[Message] = []
        notes: list[tuple[int, Answer]] = []
        for answer in self.schedule.answers.values():
            if self._wants(answer, called):
                continue
            while (note := answer.coming()) and note.onset_beats <= out_beat:
                messages += self._strike(answer, note)
                notes.append((len(messages) - 1, answer))
        return messages, notes

    def drop_late(self, time_s: float, called: int) -> None:
        """Leave out the notes that are too late by now."""
        for answer in self.schedule.answers.values():
            if self._wants(answer, called):
                continue
            while note := answer.coming():
                if time_s - self._due_s(answer, note.onset_beats) <= LATE_S:
                    break
                answer.next += 1
                answer.dropped += 1
                if answer.first_late_s is None:
                    answer.first_late_s = inf

    def left(self, answer: Answer, pitch: int, due_s: float, left_s: float) -> None:
        """A note of ``answer`` that was due at ``due_s`` left."""
        late_s = max(left_s - max(due_s, answer.begins_s), 0.0)
        self._view.measures.lateness.add(late_s)
        self._view.figures.notes_out += 1
        self._view.show_note(pitch, Role.BOX)
        answer.played += 1
        if answer.first_late_s is None:
            answer.first_late_s = late_s
        if answer.played == 1:
            self._view.brain_late = self._view.brain_late and answer.version == 0
            self._to_brain(Playing(answer.turn.serial, answer.version, len(answer.notes)))

    # --- inside

    def _due_s(self, answer: Answer, beat: float) -> float:
        return max(self._clock.time_of(beat) + self._wire.offset_s, answer.begins_s)

    def _wants(self, answer: Answer, called: int) -> bool:
        """Whether another version may still be the one that plays, or none has come."""
        if not answer.known:
            return True
        return not answer.started and self._view.brain_alive and answer.heard < called

    def _sounds(self, answer: Answer) -> bool:
        return bool(answer.notes) or not self._is_off(answer)

    def _is_off(self, answer: Answer) -> bool:
        return self._engine_of(answer.turn.seat) is EngineId.OFF

    def _strike(self, answer: Answer, note: Note) -> list[Message]:
        answer.next += 1
        return self._wire.ledger.on(
            Owner.BOX, answer.channel, note.pitch, note.velocity, note.end_beats
        )

    def _engine_of(self, seat: int) -> EngineId:
        return self._engines.get(seat, _ENGINES[self._options.engine])

    def _account(self, answer: Answer) -> None:
        """Count an answer that is over; a silence that was asked for is none."""
        figures = self._view.figures
        if answer.notes or not self._is_off(answer):
            figures.answers += 1
            figures.answers_on_time += answer.on_time
            figures.fallbacks += answer.version == 0 and answer.played > 0
            figures.completed += answer.completed
            figures.notes_asked += answer.played + answer.dropped
            figures.dropped_late += answer.dropped
        self._on_answer(answer)

    def _fall_back(self, answer: Answer) -> None:
        """Let our own engine answer, note by note: nothing came from the brain, the gig goes on."""
        off = self._is_off(answer)
        answer.begin_version(0, 0, EngineId.OFF if off else EngineId.MARKOV)
        answer.whole = True
        if off:
            return
        self._view.brain_late = self._view.brain_alive
        scene, seed = self._question(answer)
        answer.go_on(self._fallback.answer(Question((), scene, scene, answer.controls, seed)))

    def _complete(self, answer: Answer) -> None:
        """Let our own engine go on with the phrase that the brain began and did not end."""
        self._view.brain_late = self._view.brain_alive
        scene, seed = self._question(answer)
        answer.go_on(self._fallback.go_on(answer.notes, scene, answer.controls, seed))
        answer.completed = answer.coming() is not None  # else it was to end there

    def _question(self, answer: Answer) -> tuple[Scene, int]:
        while self.unlearned:
            self.learn()
        scene = answer.controls.over(self._scene(answer.turn))
        return scene, self._options.seed + answer.turn.serial


def _needs_beats(answer: Answer) -> float:
    """When it must be known what ``answer`` goes on with: on its line, later where what is there
    of it ends."""
    return answer.notes[-1].end_beats if answer.started else answer.turn.start_beats
