"""The box's side of the trade: ask for an answer, choose a version, play it in time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from math import inf

from ..brain.markov import MarkovEngine
from ..config.options import Brain as BrainOptions
from ..midi.messages import Message
from ..music.note import Note
from ..protocol.controls import CHOICES, value_of
from ..protocol.engine import Position, Question, Role, Scene
from ..protocol.records import ControlId, ControlSetting, EngineId, Playing, Prepare, Record, Turn
from ..tempo.clock import Clock
from ..turns.seat_controls import SeatControls
from .answer_schedule import Answer, AnswerSchedule
from .ledger import Ledger, Owner
from .view import View

LATE_S = 0.030  # a note later than this is left out, never hurried
CLEAR_S = 0.005  # an answer's channel is its own this long before; DIN sends five messages in it
_CONTROLS = (ControlId.TEMPERATURE, ControlId.TOP_P, *CHOICES)  # what the brain is told of
_ENGINES = {"gru": EngineId.GRU, "markov": EngineId.MARKOV, "off": EngineId.OFF}

Send = Callable[[str, Message], float | None]
"""``send("synth", message)`` sends now and returns when the message left, in the seconds that
``wake`` takes; None: at the time ``wake`` was given. ``"clock"`` is for the box's own clock."""


class Responder:
    """Holds answers and sounds them; falls back to its own engine when the brain has none.

    ``scene`` gives the :class:`Scene` of a turn, ``seat_controls`` how the seats shall play,
    ``channel_of`` where a seat sounds: asked when its answer is about to begin, for all of it. The
    fallback hears every call, too.
    """

    def __init__(
        self,
        options: BrainOptions,
        *,
        clock: Clock,
        ledger: Ledger,
        view: View,
        send: Send,
        to_brain: Callable[[Record], None],
        scene: Callable[[Turn], Scene],
        seat_controls: SeatControls,
        channel_of: Callable[[int], int],
        on_answer: Callable[[Answer], None],
    ) -> None:
        self.offset_s = 0.0  # plays this much later than the clock says
        self.schedule = AnswerSchedule()
        self._options = options
        self._clock, self._ledger, self._view = clock, ledger, view
        self._send, self._to_brain, self._scene = send, to_brain, scene
        self._seat_controls, self._on_answer = seat_controls, on_answer
        self._channel_of = channel_of
        self._fallback = MarkovEngine()
        self._unlearned: deque[tuple[Note, Position, Scene]] = deque()
        self._engines: dict[int, EngineId] = {}

    def ask(self, turn: Turn, begins_s: float = -inf) -> None:
        """Ask the brain to answer ``turn`` with the pending controls, and again after every note
        of the call until the turn begins: on its line, or at ``begins_s`` if that is later."""
        self.schedule.expect(turn, self._seat_controls.pending(turn.seat)).begins_s = begins_s
        self.tell_controls(turn.seat)
        self._to_brain(Prepare(turn))

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
        for seat, engine in self._engines.items():
            self._to_brain(ControlSetting(seat, ControlId.ENGINE, engine))
        for seat in self._seat_controls.seats:
            self.tell_controls(seat)

    def begun(self, turn: Turn) -> bool:
        """Whether the answer to ``turn`` sounds; with a negative offset it does before its line."""
        answer = self.schedule.answers.get(turn.serial)
        return answer is not None and answer.started

    def hear(self, call: list[Note], turn: Turn) -> None:
        """Take a whole call, of which the fallback learns one note a :meth:`learn`. All at once
        was more than half of the work on a line (0.2 of 0.3 ms), just when the answer is due."""
        scene, last = self._scene(turn), len(call) - 1
        for index, note in enumerate(call):
            place = Position.START if index == 0 else Position.CONTINUE
            self._unlearned.append((note, Position.END if index == last else place, scene))

    def learn(self) -> None:
        """Let the fallback learn one more of the notes heard."""
        if self._unlearned:
            note, place, scene = self._unlearned.popleft()
            self._fallback.hear(note, place, Role.HUMAN, scene)

    def forget(self) -> None:
        self._unlearned.clear()
        self._fallback.forget()

    def clear(self) -> None:
        """End every note of the box and drop every answer."""
        for message in self._ledger.close(Owner.BOX):
            self._send("synth", message)
        self.schedule.clear()

    # --- time

    def take_channels(self, out_beat: float) -> set[int]:
        """The channels of the answers that sound, or are about to."""
        for answer in self.schedule.answers.values():
            if answer.channel < 0 and self._clear_beats(answer) <= out_beat:
                answer.channel = self._channel_of(answer.turn.seat)
        return {a.channel for a in self.schedule.answers.values() if a.channel >= 0}

    def next_clear_beats(self) -> float:
        """The beat, on the wire, when an answer will next take its channel; infinity for never."""
        waiting = (a for a in self.schedule.answers.values() if a.channel < 0)
        return min(map(self._clear_beats, waiting), default=inf)

    def next_end_beats(self) -> float:
        """The beat, on the wire, when an answer will next give its channel back."""
        answers = (a for a in self.schedule.answers.values() if a.channel >= 0)
        return min((answer.turn.end_beats for answer in answers), default=inf)

    def play(self, time_s: float, out_beat: float, called: int) -> None:
        """Sound what is due; ``called`` is how many notes the call had."""
        for answer in list(self.schedule.answers.values()):
            if out_beat < answer.turn.start_beats or self._waits(answer, time_s, called):
                continue
            if not answer.known:
                self._fall_back(answer)
            while (note := answer.coming()) and note.onset_beats <= out_beat:
                self._sound(time_s, answer, note)

    def next_s(self, time_s: float, called: int) -> float:
        """When ``play`` has something to do; infinity if never."""
        answers = self.schedule.answers.values()
        return min((self._next_of(answer, time_s, called) for answer in answers), default=inf)

    def next_onset_beats(self, called: int, after: float = -inf) -> float:
        """Onset of the next note later than ``after`` that no other version can replace;
        infinity if there is none."""
        settled = (a for a in self.schedule.answers.values() if not self._wants(a, called))
        notes = (note for answer in settled for note in islice(answer.coming_after(after), 1))
        return min((note.onset_beats for note in notes), default=inf)

    def strikes(
        self, ledger: Ledger, out_beat: float, called: int, after: float = -inf
    ) -> list[Message]:
        """The messages that ``play`` would send at ``out_beat`` for notes later than ``after``, if
        ``ledger`` were its ledger."""
        messages: list[Message] = []
        for answer in self.schedule.answers.values():
            turn = answer.turn
            if not turn.start_beats <= out_beat < turn.end_beats or self._wants(answer, called):
                continue
            for note in answer.coming_after(after):
                if note.onset_beats > out_beat:
                    break
                messages += self._strike(ledger, answer, note)
        return messages

    def settle(self, out_beat: float) -> None:
        """Count and forget the answers whose turn is over."""
        for answer in self.schedule.drop_ended(out_beat):
            self.account(answer)

    def account(self, answer: Answer) -> None:
        """Count an answer whose turn is over."""
        self._view.figures.answers += 1
        self._view.figures.answers_on_time += answer.on_time
        self._on_answer(answer)

    # --- inside

    def tell_controls(self, seat: int) -> None:
        """Tell the brain the pending controls of ``seat``."""
        controls = self._seat_controls.pending(seat)
        for control in _CONTROLS:
            self._to_brain(ControlSetting(seat, control, value_of(controls, control)))

    def _line_s(self, answer: Answer) -> float:
        line_s = self._clock.time_of(answer.turn.start_beats) + self.offset_s
        return max(line_s, answer.begins_s)

    def _wants(self, answer: Answer, called: int) -> bool:
        """Whether the brain still owes a version made from the whole call."""
        if answer.started or not self._view.brain_alive:
            return False
        return not answer.known or answer.heard < called

    def _waits(self, answer: Answer, time_s: float, called: int) -> bool:
        grace_s = self._options.grace_ms / 1000
        return self._wants(answer, called) and time_s < self._line_s(answer) + grace_s

    def _next_of(self, answer: Answer, time_s: float, called: int) -> float:
        if self._waits(answer, time_s, called):
            line_s = self._line_s(answer)
            return line_s if time_s < line_s else line_s + self._options.grace_ms / 1000
        if not answer.known:
            return self._line_s(answer)
        if answer.next < len(answer.notes):
            onset_s = self._clock.time_of(answer.notes[answer.next].onset_beats)
            return onset_s + self.offset_s
        return inf

    def _sound(self, time_s: float, answer: Answer, note: Note) -> None:
        answer.next += 1
        due_s = self._clock.time_of(note.onset_beats) + self.offset_s
        if time_s - due_s > LATE_S:
            return
        left_s = time_s
        for message in self._strike(self._ledger, answer, note):
            left_s = self._send("synth", message) or time_s
        late_s = max(left_s - due_s, 0.0)
        self._view.measures.lateness.add(late_s)
        self._view.figures.notes_out += 1
        self._view.show_note(note.pitch, Role.BOX)
        answer.played += 1
        if answer.first_late_s is None:
            answer.first_late_s = late_s
            self._view.brain_late = self._view.brain_late and answer.version == 0
            self._to_brain(Playing(answer.turn.serial, answer.version, len(answer.notes)))

    def _strike(self, ledger: Ledger, answer: Answer, note: Note) -> list[Message]:
        return ledger.on(Owner.BOX, answer.channel, note.pitch, note.velocity, note.end_beats)

    def _clear_beats(self, answer: Answer) -> float:
        if not answer.notes and self._engine_of(answer.turn.seat) is EngineId.OFF:
            return inf
        return answer.turn.start_beats - CLEAR_S * self._clock.bpm / 60

    def _engine_of(self, seat: int) -> EngineId:
        return self._engines.get(seat, _ENGINES[self._options.engine])

    def _fall_back(self, answer: Answer) -> None:
        """Let our own engine answer, note by note: nothing came from the brain, the gig goes on."""
        turn = answer.turn
        engine = self._engine_of(turn.seat)
        answer.begin_version(0, 0, EngineId.MARKOV)
        answer.whole = True
        if engine is EngineId.OFF:
            return
        self._view.figures.fallbacks += 1
        self._view.brain_late = self._view.brain_alive
        while self._unlearned:
            self.learn()
        scene, seed = answer.controls.over(self._scene(turn)), self._options.seed + turn.serial
        answer.more = self._fallback.answer(Question((), scene, scene, answer.controls, seed))
