"""The stage: clock, keyboard and answers in, notes out. Pure.

``midi``, ``record`` and ``command`` take what came, with its time; ``wake`` does all
that is due by now; ``next_wake_s`` says when to come back. Nothing here reads a clock,
sleeps or opens anything, so a whole gig runs in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf, isfinite

from ..config.options import Config
from ..midi.messages import (
    ALL_NOTES_OFF_CC,
    ALL_SOUND_OFF_CC,
    CONTINUE,
    SONG_POSITION,
    START,
    STOP,
    TICK,
    control,
    is_note_on,
)
from ..music.library import Book
from ..protocol.choices import Choices
from ..protocol.records import (
    STEERED,
    AnswerEnd,
    AnswerNote,
    BrainReady,
    Command,
    CommandId,
    Dial,
    DialId,
    EngineId,
    Forget,
    Record,
    Turn,
    TurnBegan,
)
from ..protocol.shared_state import Mode, Snapshot, Sync, Warning
from ..tempo.clock import Clock, Transport
from ..turns.grid import HUMAN, LAST_SEAT, line_up_of
from .answer_schedule import Answer
from .control_map import Controls
from .human import Human
from .ledger import Ledger, Owner
from .lookahead import Shot
from .metronome import Metronome
from .player_choices import Wishes
from .recorder_feed import Tape
from .responder import Partner, Send
from .resume import Resume
from .view import View

NEAR_BEATS = 1e-6  # what is so near is now: less than a microsecond, more than rounding
SPIN_S = 0.0005  # come back this soon when what is due waits for the clock
_CLOCK_BYTES = frozenset((TICK, START, CONTINUE, STOP, SONG_POSITION))
_RESTING = (Mode.IDLE, Mode.DONE)


class Stage:
    """See the module. ``to_brain`` takes records and must not block; ``on_answer`` is told of
    every answer once its turn is over; ``to_keeper`` takes what a recording needs, None
    records nothing. ``choices`` are those of another time, before the options.

    Raises ProgressionError when ``config.music.progression`` is not in the book.
    """

    def __init__(
        self,
        config: Config,
        book: Book,
        *,
        send: Send,
        to_brain: Callable[[Record], None],
        clock: Clock,
        on_answer: Callable[[Answer], None] = lambda _: None,
        to_keeper: Callable[[Record], None] | None = None,
        choices: Choices | None = None,
    ) -> None:
        self._config, choices = config, choices or Choices()
        self._send, self._to_brain = send, to_brain
        self.clock = clock
        self._tape = Tape(to_keeper)
        self.ledger = Ledger(self._tape.key if to_keeper else None)
        self.view = View(wants_model=config.brain.engine == "gru")
        to_synth = partial(send, "synth")
        self._human = Human(
            config, ledger=self.ledger, view=self.view, send=to_synth, to_brain=to_brain
        )
        self._metronome = Metronome(config.metronome)
        self._wishes = Wishes(config, book, choices)
        self._desk, self.keeper = self._wishes.desk, self._wishes.keeper
        self._controls = Controls(config.controls, tuple(range(1, LAST_SEAT + 1)))
        self._partner = Partner(
            config.brain,
            clock=clock,
            ledger=self.ledger,
            view=self.view,
            send=send,
            to_brain=to_brain,
            scene=self._wishes.scene,
            desk=self._desk,
            on_answer=on_answer,
        )
        offset_ms = choices.offset_ms
        self._move_out(config.clock.output_offset_ms if offset_ms is None else offset_ms)
        self._turn: Turn | None = None  # the one that was announced
        self._planned: Turn | None = None  # the one the brain prepares
        self._greeted = False  # a brain was told of the dials
        self._resumed = False  # and the clock not found yet

    # --- what comes in

    def midi(self, time_s: float, source: str, message: bytes, port: str = "") -> None:
        """A whole MIDI message from ``source`` "keyboard" or "clock"."""
        if message[0] in _CLOCK_BYTES:
            if source == "clock":
                if self._config.clock.forward:
                    self._send("synth", message)
                self._moved(time_s, self.clock.message(time_s, message))
                self.wake(time_s)
                if message[0] == TICK and self.clock.sync is Sync.LOCKED:
                    self.view.measures.jitter.add(abs(self.clock.off_s))
        elif source == "keyboard" and message[0] < 0xF0:
            self._keyboard(time_s, message)

    def record(self, time_s: float, record: Record) -> None:
        """A record from the brain; anything else is ignored."""
        if isinstance(record, AnswerNote | AnswerEnd):
            if isinstance(record, AnswerNote):
                self._partner.schedule.note(record)
            else:
                self._partner.schedule.end(record)
            if self._partner.next_s(time_s, self._called()) > time_s:
                return  # as nearly always; an answer comes as dozens of records
        elif isinstance(record, BrainReady):
            if not (self.view.brain_alive and self._greeted):  # else its model gave up
                self._partner.greet()
                if self._turn is not None and self._turn.seat == HUMAN:
                    self._human.retell(self._turn)
            self._greeted = self.view.brain_alive = True
            self.view.brain_engine = EngineId(record.engine)
            self._planned = None  # ask again: a new brain knows of no turn
        else:
            return
        self.wake(time_s)

    def brain_lost(self, time_s: float) -> None:
        """The brain died; the fallback plays until it says it is ready again."""
        self.view.brain_alive = False
        self.wake(time_s)

    def dial(self, time_s: float, dial: Dial) -> None:
        """A control of a seat was turned: heard from the next answer to begin."""
        self.wake(time_s)  # a line that is here already is past
        for seat in (dial.seat,) if dial.seat != STEERED else self._controls.steered:
            self._turn_dial(replace(dial, seat=seat))
        self.wake(time_s)

    def set_ports(self, time_s: float, keyboard: str, clock: str, synth: str) -> None:
        """Names of the ports open now, '' for none. A lost keyboard ends its notes."""
        if self.view.ports and self.view.ports[0] and not keyboard:
            self._human.lost(self.clock.beat_at(time_s))
        self.view.ports = (keyboard, clock, synth)

    def set_book(self, time_s: float, book: Book, message: str = "") -> None:
        """New progressions, from the next line on. ``message`` tells of a bad file."""
        self.say(message, Warning.BAD_FILE if message else Warning.NONE)
        self._wishes.set_book(book)

    def say(self, message: str, warning: Warning) -> None:
        """Show a line and a warning until the next one."""
        self.view.message, self.view.warning = message, warning

    def command(self, time_s: float, command: Command) -> None:
        """A wish of the player's; an unknown one is ignored."""
        beat, keeper, value = self.clock.beat_at(time_s), self.keeper, command.value
        match command.command:
            case CommandId.START_STOP:
                self._start_stop(time_s, beat)
            case CommandId.ARM:
                keeper.arm(beat)
            case CommandId.STOP:
                keeper.idle()
            case CommandId.RESET:
                keeper.reset(beat)
                self._partner.forget()
                self._to_brain(Forget())
            case CommandId.PANIC:
                self.panic(time_s)
            case CommandId.LINE_HERE:
                keeper.wake_up()
                self._moved(time_s, self.clock.line_is_here(time_s), joined=True)
            case CommandId.HAND_OVER:
                keeper.hand_over(beat)
            case CommandId.TEMPO:
                self.clock.set_bpm(time_s, value)
            case CommandId.OUTPUT_OFFSET:
                self._move_out(value)
            case CommandId.LINE_UP:
                self._sit(line_up_of(value))
            case wish:
                self._wishes.command(wish, value)
        self._follow_keeper()
        self.wake(time_s)

    # --- when the process dies

    def place(self, time_s: float) -> Resume:
        """Where we are, for :meth:`resume` of another stage."""
        return Resume.of(
            self.keeper.left,
            time_s=time_s,
            clock=self.clock.place(),
            chosen=self._wishes.chosen,
            dials={seat: self._desk.asked(seat) for seat in self._desk.seats},
            engines=self._partner.engines,
            offset_s=self._partner.offset_s,
        )

    def resume(self, time_s: float, place: Resume, lost_s: float) -> None:
        """Go on where a stage was that ended at ``lost_s``; before anything comes in. Once ticks
        say the place, a turn of the box that runs is played to its end."""
        if not self._wishes.resume(place):
            return
        self._partner.engines.update(place.engines)
        self._partner.offset_s = place.offset_s
        self._resumed = True
        self._moved(time_s, self.clock.resume(time_s, place.clock, lost_s))

    # --- what is due

    def wake(self, time_s: float) -> None:
        """Do everything that is due by ``time_s``."""
        self._moved(time_s, self.clock.poll(time_s))
        for status in self.clock.take_output(time_s):
            self._send("clock", bytes((status,)))
        if not self.clock.running:
            return
        beat = self.clock.beat_at(time_s) + NEAR_BEATS
        self._tape.beats = out_beat = self._out_beat(time_s) + NEAR_BEATS
        self._out(self.ledger.due(out_beat))
        self._partner.settle(out_beat)
        for turn in self.keeper.advance(beat, self.clock.bpm):
            if turn is None:
                self._leave_turn()
            else:
                self._begin_turn(turn)
        self._tape.follow(beat, self.keeper, self.clock.bpm)
        self._prepare(beat)
        self._partner.play(time_s, out_beat, self._called())
        self._click(out_beat)
        self._partner.learn()

    def next_wake_s(self, time_s: float) -> float:
        """When ``wake`` is next needed if nothing comes in; infinity if never."""
        soonest = self.clock.next_poll_s()
        if self.clock.running:
            soonest = min(soonest, self._next_due_s(time_s))
        return soonest if soonest > time_s else time_s + SPIN_S

    def next_shots(self, time_s: float, within_s: float = 0.0) -> list[Shot]:
        """What ``wake`` will send next and when, as known now, and what it will within ``within_s``
        after that; none where a line, a late answer or nothing at all decides. Changes nothing."""
        if not self.clock.running:
            return []
        called, ledger = self._called(), self.ledger.copy()
        here, offset_s = self._out_beat(time_s), self._partner.offset_s
        grid, metre = self.keeper.grid, self.keeper.grid.tune.progression.metre
        shots: list[Shot] = []
        done, until_s = -inf, inf
        while True:
            beat = min(ledger.next_end_beats(), self._partner.next_onset_beats(called, done))
            beat = min(beat, self._next_click_beats(max(here, done)))
            if beat == inf or (shot_s := self.clock.time_of(beat) + offset_s) > until_s:
                return shots
            mode = self.keeper.mode
            line = self.keeper.next_line_beats()
            if beat >= line - self._offset_beats() - NEAR_BEATS:
                if not self._is_planned(line) or self.keeper.pending:
                    return shots
                mode = Mode.TRADING
            near = beat + NEAR_BEATS
            messages = ledger.due(near) + self._partner.strikes(ledger, near, called, done)
            if self._metronome.wanted(self.keeper.mode) and self._metronome.wanted(mode):
                click = self._metronome.coming(near, grid.origin_beats, metre)
                if click is not None and click.beat > done:
                    messages += self._metronome.strike(ledger, click)
            shots.append(Shot(shot_s, tuple(messages)))
            done, until_s = near, min(until_s, shot_s + within_s, self.clock.next_poll_s())

    def close(self, time_s: float) -> None:
        """End every note, pedal and answer: the box stops."""
        self._all_off()
        self._tape.stop()

    def panic(self, time_s: float) -> None:
        """Every note off, by the ledger and by the synth's own panic messages."""
        self._all_off()
        for channel in range(16):
            self._send("synth", control(channel, ALL_NOTES_OFF_CC, 0))
            self._send("synth", control(channel, ALL_SOUND_OFF_CC, 0))

    def snapshot(self, time_s: float) -> Snapshot:
        self.view.figures.choices = self._wishes.text(self._partner.offset_s)
        return self.view.fill(time_s, self.clock, self.keeper, self.ledger, self._desk)

    # --- inside: transport and turns

    def _moved(self, time_s: float, events: tuple[Transport, ...], joined: bool = False) -> None:
        """Follow the clock's transport. ``joined``: its beat 0 is the first line."""
        for event in events:
            self._tape.stop()
            beat = self.clock.beat_at(time_s)
            self._metronome.rewind()
            if event in (Transport.STOPPED, Transport.LOST):
                self.keeper.stopped()
            elif joined or event is Transport.STARTED:
                self.keeper.started(count_in=not joined)
            elif event is Transport.LOCATED:
                self.keeper.located()
                if self.clock.running:
                    self.keeper.continued(beat)
            else:
                self.keeper.continued(beat)
            self._follow_keeper()
            turn, resumed = self._turn, self._resumed
            self._resumed = False
            if resumed and event is Transport.FOUND and turn is not None and turn.seat != HUMAN:
                self._partner.ask(turn, time_s)

    def _follow_keeper(self) -> None:
        """What the keeper did outside ``advance``: a turn joined, cut or ended."""
        turn = self.keeper.turn
        if turn is None or (self._turn and self._turn.serial != turn.serial):
            self._leave_turn()
        if turn is not None and (self._turn is None or self._turn.serial != turn.serial):
            self._begin_turn(turn, joined=True)
        self._turn = turn

    def _begin_turn(self, turn: Turn, joined: bool = False) -> None:
        self._end_call(turn.start_beats)
        self._desk.land(turn.serial)
        self._turn = turn
        self.view.figures.turns += 1
        self._to_brain(TurnBegan(turn))
        self._tape.turn(turn)
        if turn.seat == HUMAN:
            self._human.begin(turn)
        elif not joined and turn.serial not in self._partner.schedule.answers:
            self._partner.ask(turn)

    def _leave_turn(self) -> None:
        """No turn: the transport stopped, the set is over, or the player said stop."""
        if self._turn is not None:
            self._end_call(self._turn.end_beats)
            answer = self._partner.schedule.answers.get(self._turn.serial)
            if answer is not None and answer.started:  # cut short, but it had begun
                self._partner.account(answer)
        self._turn = self._planned = None
        if not self.keeper.waits:
            self._desk.land()
        self._silence()

    def _end_call(self, line_beats: float) -> None:
        call = self._human.end(line_beats)
        if self._turn is not None and call:
            self._partner.hear(call, self._turn)

    def _prepare(self, beat: float) -> None:
        """Have the brain answer the coming turn, a little before its line."""
        if beat < self.keeper.next_line_beats() - self._lead_beats():
            return
        turn = self.keeper.plan(self.clock.bpm)
        if turn is not None and turn is not self._planned:
            self._planned = turn
            if turn.seat != HUMAN:
                self._partner.ask(turn)

    def _lead_beats(self) -> float:
        return self._config.brain.prepare_ms / 1000 * self.clock.bpm / 60

    def _called(self) -> int:
        """How many notes the call had that is answered now; 0 after another box seat."""
        line_up, turn = self.keeper.grid.seats, self._turn
        if turn is None or turn.seat == HUMAN:
            return self._human.count
        return self._human.count if line_up[(turn.loop - 1) % len(line_up)] == HUMAN else 0

    def _is_planned(self, line_beats: float) -> bool:
        return self._planned is not None and self._planned.start_beats == line_beats

    def _next_due_s(self, time_s: float) -> float:
        line = self.keeper.next_line_beats()
        beat = line
        if line < inf and not self._is_planned(line):
            beat = line - self._lead_beats()
        here = self._out_beat(time_s)
        out_beat = min(self.ledger.next_end_beats(), self._next_click_beats(here))
        times = [self._partner.next_s(time_s, self._called())]
        if beat < inf:
            times.append(self.clock.time_of(beat))
        if out_beat < inf:
            times.append(self.clock.time_of(out_beat) + self._partner.offset_s)
        return min(times)

    # --- inside: wires

    def _out_beat(self, time_s: float) -> float:
        """The beat that is on the wire now, the output offset taken off."""
        return self.clock.beat_at(time_s) - self._offset_beats()

    def _offset_beats(self) -> float:
        return self._partner.offset_s * self.clock.bpm / 60

    def _out(self, messages: list[bytes]) -> None:
        for message in messages:
            self._send("synth", message)

    def _all_off(self) -> None:
        self._human.release()
        self._silence()

    def _silence(self) -> None:
        self._partner.clear()
        self._out(self.ledger.close(Owner.CLICK))

    def _keyboard(self, time_s: float, message: bytes) -> None:
        if is_note_on(message) and self._partner.echoes(time_s, message[1]):
            return
        if self._human.is_pedal(message):
            if self._human.presses_pedal(message):
                self.command(time_s, Command(CommandId.HAND_OVER))
            return
        dials = self._controls.dials(message)
        if dials is None:
            beat = self.clock.beat_at(time_s)
            self._human.message(time_s, beat, message)
            self._tape.human(beat, message)
        for dial in dials or ():
            self.dial(time_s, dial)

    def _click(self, out_beat: float) -> None:
        if not self._metronome.wanted(self.keeper.mode):
            return
        grid = self.keeper.grid
        click = self._metronome.due(out_beat, grid.origin_beats, grid.tune.progression.metre)
        if click is not None:
            self._out(self._metronome.strike(self.ledger, click))

    def _next_click_beats(self, out_beat: float) -> float:
        """The next one not sounded yet, at or after ``out_beat``; infinity if there is none."""
        if not self._metronome.wanted(self.keeper.mode):
            return inf
        grid = self.keeper.grid
        return self._metronome.next_beat(out_beat, grid.origin_beats, grid.tune.progression.metre)

    # --- inside: wishes

    def _turn_dial(self, dial: Dial) -> None:
        if dial.dial == DialId.ENGINE:
            self._partner.choose_engine(dial)
            return
        coming = self._planned
        if coming is not None and coming.seat == dial.seat and self._partner.begun(coming):
            self._desk.land(coming.serial)  # it sounds: this change is for the one after it
            coming = None
        if not self._desk.turn(dial):
            return
        if dial.seat in self.keeper.line_up:
            self.view.show_dial(dial, self.keeper)
        if not self.keeper.waits:
            self._desk.land()
        elif coming is not None and coming.seat == dial.seat:
            self.keeper.replan()

    def _sit(self, line_up: tuple[int, ...]) -> None:
        """Wish for a line-up; a seat that is new is told of early, so that it has a model."""
        for seat in self._wishes.sit(line_up):
            self._partner.tell_dials(seat)

    def _move_out(self, offset_ms: float) -> None:
        if isfinite(offset_ms):
            self._partner.offset_s = min(max(offset_ms, -50.0), 50.0) / 1000

    def _start_stop(self, time_s: float, beat: float) -> None:
        master = self.clock.sync is Sync.INTERNAL
        if self.keeper.mode in _RESTING or (master and not self.clock.running):
            self.keeper.arm(beat)
            if master and not self.clock.running:
                self._moved(time_s, self.clock.message(time_s, bytes((START,))))
            return
        self.keeper.idle()
        if master:
            self._moved(time_s, self.clock.message(time_s, bytes((STOP,))))
