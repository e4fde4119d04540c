"""The stage: clock, keyboard and answers in, notes out. Pure.

``midi``, ``record`` and ``command`` take what came, with its time; ``wake`` does all
that is due by now; ``next_wake_s`` says when to come back. Nothing here reads a clock,
sleeps or opens anything, so a whole gig runs in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, isfinite

from msgspec import structs

from ..config.options import Config
from ..midi.messages import (
    CONTINUE,
    SILENCING_CCS,
    SONG_POSITION,
    START,
    STOP,
    TICK,
    Message,
    control_change,
    real_time,
)
from ..music.library import Library
from ..protocol.choices import Choices
from ..protocol.records import (
    HUMAN,
    LAST_SEAT,
    STEERED,
    Answered,
    BrainReady,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    EngineId,
    Forget,
    Record,
    Setting,
    Turn,
    TurnBegan,
)
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from ..tempo.clock import Clock, Transport
from ..turns.grid import line_up_of
from .answer_schedule import Answer
from .box_channels import BoxChannels
from .channel_guard import ChannelGuard
from .control_map import ControlMap
from .human import Human
from .learner import Learner
from .ledger import Ledger, Owner
from .lookahead import DueBatch
from .metronome import Metronome
from .mpe import Zones
from .player_choices import PlayerChoices
from .recorder_feed import RecorderFeed
from .responder import Responder, Send
from .resume import Resume, SavedGrid
from .settings import Settings
from .view import View

NEAR_BEATS = 1e-6  # due this soon counts as due now: under a microsecond, more than rounding
TEST_CLICK_S = 30.0  # the test click ends by itself: whoever asked for it may be gone
SPIN_S = 0.0005  # next wake where something is due that the last wake could not do yet
_CLOCK_KINDS = frozenset((TICK, START, CONTINUE, STOP, SONG_POSITION))
_RESTING = (Mode.IDLE, Mode.DONE)


class Stage:
    """See the module. ``to_brain`` takes records and must not block; ``on_answer`` is told of
    every answer once its turn is over; ``to_recorder`` takes what a recording needs, None records
    nothing. ``choices`` were made before the box last stopped and win over the options.

    Raises ProgressionError when ``config.music.progression`` is not in the library.
    """

    def __init__(
        self,
        config: Config,
        library: Library,
        *,
        send: Send,
        to_brain: Callable[[Record], None],
        clock: Clock,
        on_answer: Callable[[Answer], None] = lambda _: None,
        to_recorder: Callable[[Record], None] | None = None,
        choices: Choices | None = None,
    ) -> None:
        choices = choices or Choices()
        self._settings, self._learner = Settings(config, choices.settings), Learner()
        self._config = config = self._settings.options
        self._send, self._to_brain = send, to_brain
        self.clock = clock
        self._recorder_feed = RecorderFeed(to_recorder)
        self.ledger = Ledger(self._recorder_feed.key if to_recorder else None)
        self.view = View(wants_model=config.brain.engine == "gru")
        to_synth = partial(send, "synth")
        self._guard, self._zones = ChannelGuard(), Zones()
        self._channels = BoxChannels(config.brain.channel, config.metronome.channel, self._zones)
        self._human = Human(
            config,
            ledger=self.ledger,
            guard=self._guard,
            zones=self._zones,
            view=self.view,
            send=to_synth,
            to_brain=to_brain,
        )
        self._metronome = Metronome(config.metronome)
        self._choices = PlayerChoices(config, library, choices)
        self._seat_controls, self.scheduler = self._choices.seat_controls, self._choices.scheduler
        self._use_controllers()
        self._responder = Responder(
            config.brain,
            clock=clock,
            ledger=self.ledger,
            view=self.view,
            send=send,
            to_brain=to_brain,
            scene=self._choices.scene,
            seat_controls=self._seat_controls,
            channel_of=self._channels.of_seat,
            on_answer=on_answer,
        )
        offset_ms = choices.offset_ms
        self._move_out(config.clock.output_offset_ms if offset_ms is None else offset_ms)
        self._turn: Turn | None = None  # the one that was announced
        self._planned: Turn | None = None  # the one the brain prepares
        self._test_click_until_s = -inf
        self._greeted = False  # a brain was told of the controls

    # --- what comes in

    def midi(self, time_s: float, source: str, message: Message, device: str = "") -> None:
        """A message from ``source`` "keyboard" or "clock"; ``device`` is the label of the
        instrument that sent it, '' where none is known."""
        if message.kind in _CLOCK_KINDS:
            if source == "clock":
                if self._config.clock.forward:
                    self._send("synth", message)
                self._moved(time_s, self.clock.message(time_s, message))
                self.wake(time_s)
                if message.kind == TICK and self.clock.sync is Sync.LOCKED:
                    self.view.measures.jitter.add(abs(self.clock.off_s))
        elif source == "keyboard" and message.channel >= 0:
            self._keyboard(time_s, message, device)

    def record(self, time_s: float, record: Record) -> None:
        """A record from the brain; anything else is ignored."""
        if isinstance(record, Answered):
            self._responder.schedule.take(record)
            if self._responder.next_s(time_s, self._called()) > time_s:
                return  # nothing is due
        elif isinstance(record, BrainReady):
            if not (self.view.brain_alive and self._greeted):  # else a known brain's model gave up
                self._responder.greet()
                if self._turn is not None and self._turn.seat == HUMAN:
                    self._human.retell(self._turn)
            self._greeted = self.view.brain_alive = True
            self.view.brain_engine = EngineId(record.engine)
            self._planned = None  # ask again: a new brain knows of no turn
        else:
            return
        self.wake(time_s)

    def brain_lost(self, time_s: float) -> None:
        """The brain died: the fallback plays until a new one says that it is ready."""
        self.view.brain_alive = False
        self.wake(time_s)

    def control(self, time_s: float, setting: ControlSetting) -> None:
        """Set a control of a seat, in force from the next answer that begins."""
        self.wake(time_s)  # first cross a line that is due by now
        for seat in (setting.seat,) if setting.seat != STEERED else self._control_map.steered:
            self._set_control(structs.replace(setting, seat=seat))
        self.wake(time_s)

    def setting(self, time_s: float, setting: Setting) -> None:
        """Set an option that the menu sets, in force from the next line on; which controllers turn
        controls, at once, as that disturbs no turn."""
        self.wake(time_s)  # first cross a line that is due by now
        if self._settings.ask(setting):
            self._use_controllers()
            if not self.scheduler.waits:
                self._land_settings()
        self.wake(time_s)

    @property
    def options(self) -> Config:
        """The options in force, settings included."""
        return self._config

    def set_ports(self, time_s: float, keyboard: str, clock: str, synth: str) -> None:
        """Names of the ports open now, '' for none. A lost keyboard ends its notes."""
        if self.view.ports and self.view.ports[0] and not keyboard:
            self._human.lost(self.clock.beat_at(time_s))
        self.view.ports = (keyboard, clock, synth)

    def set_library(self, time_s: float, library: Library, message: str = "") -> None:
        """New progressions, from the next line on. ``message`` tells of a bad file."""
        self.say(message, WarningId.BAD_FILE if message else WarningId.NONE)
        self._choices.set_library(library)

    def say(self, message: str, warning: WarningId) -> None:
        """Show a message and a warning, in place of the last ones."""
        self.view.message, self.view.warning = message, warning

    def command(self, time_s: float, command: Command) -> None:
        """What the player asks for; an unknown command is ignored."""
        beat, scheduler, value = self.clock.beat_at(time_s), self.scheduler, command.value
        match command.command:
            case CommandId.START_STOP:
                self._start_stop(time_s, beat)
            case CommandId.ARM:
                scheduler.arm(beat)
            case CommandId.STOP:
                scheduler.idle()
            case CommandId.RESET:
                scheduler.reset(beat)
                self._responder.forget()
                self._to_brain(Forget())
            case CommandId.PANIC:
                self.panic(time_s)
            case CommandId.LINE_HERE:
                scheduler.wake_up()
                self._moved(time_s, self.clock.line_is_here(time_s), joined=True)
            case CommandId.HAND_OVER:
                scheduler.hand_over(beat)
            case CommandId.TEMPO:
                self.clock.set_bpm(time_s, value)
            case CommandId.OUTPUT_OFFSET:
                self._move_out(value)
            case CommandId.LINE_UP:
                self._sit(line_up_of(value))
            case CommandId.LEARN:
                self._learner.begin(time_s, value)
            case CommandId.TEST_CLICK:
                self._test_click_until_s = time_s + TEST_CLICK_S if value else -inf
            case other:
                self._choices.command(other, value)
        self._follow_scheduler(time_s)
        self.wake(time_s)

    # --- when the process dies

    def place(self, time_s: float, master: str = "") -> Resume:
        """Where we are, for :meth:`resume` of another stage; ``master``: whose clock it is."""
        return Resume(
            time_s=time_s,
            clock=self.clock.place(),
            master=master,
            scheduler=self.scheduler.place.written(SavedGrid.of),
            chosen=self._choices.chosen,
            controls=self._seat_controls.all_pending,
            engines=self._responder.engines,
            offset_s=self._responder.offset_s,
            settings=self._settings.chosen,
            zones=self._zones.told_members,
        )

    def resume(self, time_s: float, place: Resume, lost_s: float) -> None:
        """Go on from ``place`` of a stage that ended at ``lost_s``; call it before anything comes
        in. Once ticks tell where the clock is, a box turn cut off there is played to its end."""
        if not self._choices.resume(place):
            return
        self._settings.recall(place.settings)
        self._use_controllers()
        self._use_options()
        self._responder.engines.update(place.engines)
        self._responder.offset_s = place.offset_s
        self._zones.tell(*place.zones)
        self._moved(time_s, self.clock.resume(time_s, place.clock, lost_s))

    # --- what is due

    def wake(self, time_s: float) -> None:
        """Do everything that is due by ``time_s``."""
        self._moved(time_s, self.clock.poll(time_s))
        for status in self.clock.take_output(time_s):
            self._send("clock", real_time(status))
        if not self.clock.running:
            self._hush()
            return
        if self.scheduler.mode not in _RESTING:
            self._test_click_until_s = -inf
        self._metronome.tests = time_s < self._test_click_until_s
        beat = self.clock.beat_at(time_s) + NEAR_BEATS
        self._recorder_feed.beats = out_beat = self._out_beat(time_s) + NEAR_BEATS
        self._out(self.ledger.due(out_beat))
        self._responder.settle(out_beat)
        for turn in self.scheduler.advance(beat, self.clock.bpm):
            if turn is None:
                self._leave_turn()
            else:
                self._begin_turn(turn)
        self._recorder_feed.follow(beat, self.scheduler, self.clock.bpm)
        self._prepare(beat)
        self._out(self._guard.guard(self._responder.take_channels(out_beat)))
        self._responder.play(time_s, out_beat, self._called())
        self._click(out_beat)
        self._responder.learn()

    def next_wake_s(self, time_s: float) -> float:
        """When ``wake`` is next needed if nothing comes in; infinity if never."""
        soonest = self.clock.next_poll_s()
        if self.clock.running:
            soonest = min(soonest, self._next_due_s(time_s))
        return soonest if soonest > time_s else time_s + SPIN_S

    def look_ahead(self, time_s: float, within_s: float = 0.0) -> list[DueBatch]:
        """What ``wake`` will send next, and within ``within_s`` after that, with its times. Empty
        where nothing is due, or a line or a late answer may change it. Changes nothing."""
        if not self.clock.running:
            return []
        called, ledger = self._called(), self.ledger.copy()
        here, offset_s = self._out_beat(time_s), self._responder.offset_s
        grid, metre = self.scheduler.grid, self.scheduler.grid.tune.progression.metre
        clear = self._responder.next_clear_beats()
        batches: list[DueBatch] = []
        done, until_s = -inf, inf
        while True:
            beat = min(ledger.next_end_beats(), self._responder.next_onset_beats(called, done))
            beat = min(beat, self._next_click_beats(max(here, done)))
            if beat == inf or (due_s := self.clock.time_of(beat) + offset_s) > until_s:
                return batches
            if beat >= clear:  # a channel has to be made neutral first
                return batches
            mode = self.scheduler.mode
            line = self.scheduler.next_line_beats()
            if beat >= line - self._offset_beats() - NEAR_BEATS:
                if not self._is_planned(line) or self.scheduler.pending or self._settings.wait:
                    return batches
                if self._metronome.channel != self._channels.of_click():
                    return batches
                mode = Mode.TRADING
            near = beat + NEAR_BEATS
            messages = ledger.due(near) + self._responder.strikes(ledger, near, called, done)
            if self._metronome.wanted(self.scheduler.mode) and self._metronome.wanted(mode):
                click = self._metronome.coming(near, grid.origin_beats, metre)
                if click is not None and click.beat > done:
                    messages += self._metronome.strike(ledger, click)
            batches.append(DueBatch(due_s, tuple(messages)))
            done, until_s = near, min(until_s, due_s + within_s, self.clock.next_poll_s())

    def close(self, time_s: float) -> None:
        """End every note, pedal and answer: the box stops."""
        self._all_off()
        self._recorder_feed.stop()

    def panic(self, time_s: float) -> None:
        """Every note off, by the ledger and by the synth's own panic messages; all that was moved
        back to neutral."""
        self._all_off(every=True)
        for channel in range(16):
            self._out([control_change(channel, number, 0) for number in SILENCING_CCS])

    def snapshot(self, time_s: float) -> Snapshot:
        show, settings, offset_s = self.view.figures, self._settings, self._responder.offset_s
        show.choices = self._choices.text(offset_s, settings.chosen)
        show.settings, show.settings_wait = settings.numbers, settings.waiting
        show.offset_ms = round(1000 * offset_s, 3)
        show.learning = self._learner.control(time_s)
        return self.view.fill(time_s, self.clock, self.scheduler, self.ledger, self._seat_controls)

    # --- inside: transport and turns

    def _moved(self, time_s: float, events: tuple[Transport, ...], joined: bool = False) -> None:
        """Follow the clock's transport. ``joined``: its beat 0 is the first line."""
        trades = self._config.clock.jump == "trade"
        for event in events:
            if event is Transport.JUMPED and trades:
                self.scheduler.jumped(self.clock.beat_at(time_s), self.clock.ahead_beats)
                if self.scheduler.turn is not None:
                    self._follow_scheduler(time_s)
                continue
            self._recorder_feed.stop()
            self._metronome.rewind()
            if event in (Transport.STOPPED, Transport.LOST):
                self.scheduler.stopped()
            elif joined or event is Transport.STARTED:
                self.scheduler.started(count_in=not joined)
            elif event is Transport.LOCATED:
                self.scheduler.located()
            elif event is Transport.JUMPED:
                self.clock.go_to_song()
                self.scheduler.followed(self.clock.beat_at(time_s))
            else:
                first = trades and event is Transport.CONTINUED
                self.scheduler.continued(self.clock.beat_at(time_s), human_first=first)
            self._follow_scheduler(time_s)

    def _follow_scheduler(self, time_s: float) -> None:
        """Catch up with the scheduler after it joined, cut or ended a turn outside ``advance``."""
        turn, before = self.scheduler.turn, self._turn
        same = turn is not None and before is not None and turn.serial == before.serial
        if turn is None or (before is not None and not same):
            self._leave_turn()
        if turn is not None and not same:
            self._begin_turn(turn, time_s)
        elif turn is not None and turn != before:
            self._responder.end_at(turn)
        self._turn = turn

    def _begin_turn(self, turn: Turn, joined_s: float = -inf) -> None:
        """``joined_s`` is when it was joined, if that was not on its line as foretold."""
        self._end_call(turn.start_beats)
        self._seat_controls.land(turn.serial)
        if not self._responder.begun(turn):  # else its answer keeps the channel that it began on
            self._land_settings()
        self._metronome.channel = self._channels.of_click()
        self._turn = turn
        self.view.figures.turns += 1
        self._to_brain(TurnBegan(turn))
        self._recorder_feed.turn(turn)
        if turn.seat == HUMAN:
            self._human.begin(turn)
        elif turn.serial not in self._responder.schedule.answers:
            self._responder.ask(turn, joined_s)

    def _leave_turn(self) -> None:
        """End the turn, none follows: transport stopped, set over, or the player said stop."""
        if self._turn is not None:
            self._end_call(self._turn.end_beats)
            answer = self._responder.schedule.answers.get(self._turn.serial)
            if answer is not None and answer.started:  # cut short, but it had begun
                self._responder.account(answer)
        self._turn = self._planned = None
        if not self.scheduler.waits:
            self._seat_controls.land()
            self._land_settings()
        self._silence()

    def _end_call(self, line_beats: float) -> None:
        call = self._human.end(line_beats)
        if self._turn is not None and call:
            self._responder.hear(call, self._turn)

    def _prepare(self, beat: float) -> None:
        """Have the brain answer the coming turn, a little before its line."""
        if beat < self.scheduler.next_line_beats() - self._lead_beats():
            return
        turn = self.scheduler.plan(self.clock.bpm)
        if turn is not None and turn is not self._planned:
            self._planned = turn
            if turn.seat != HUMAN:
                self._responder.ask(turn)

    def _lead_beats(self) -> float:
        return self._config.brain.prepare_ms / 1000 * self.clock.bpm / 60

    def _called(self) -> int:
        """Notes of the call that is answered now; 0 where a box seat played before."""
        line_up, turn = self.scheduler.grid.seats, self._turn
        if turn is None or turn.seat == HUMAN:
            return self._human.count
        return self._human.count if line_up[(turn.loop - 1) % len(line_up)] == HUMAN else 0

    def _is_planned(self, line_beats: float) -> bool:
        return self._planned is not None and self._planned.start_beats == line_beats

    def _next_due_s(self, time_s: float) -> float:
        line = self.scheduler.next_line_beats()
        beat = line
        if line < inf and not self._is_planned(line):
            beat = line - self._lead_beats()
        here = self._out_beat(time_s)
        out_beat = min(self.ledger.next_end_beats(), self._next_click_beats(here))
        out_beat = min(out_beat, self._responder.next_clear_beats())
        out_beat = min(out_beat, self._responder.next_end_beats())
        times = [self._responder.next_s(time_s, self._called())]
        if beat < inf:
            times.append(self.clock.time_of(beat))
        if out_beat < inf:
            times.append(self.clock.time_of(out_beat) + self._responder.offset_s)
        return min(times)

    # --- inside: wires

    def _out_beat(self, time_s: float) -> float:
        """The beat that is on the wire now, the output offset taken off."""
        return self.clock.beat_at(time_s) - self._offset_beats()

    def _offset_beats(self) -> float:
        return self._responder.offset_s * self.clock.bpm / 60

    def _out(self, messages: list[Message]) -> None:
        for message in messages:
            self._send("synth", message)

    def _all_off(self, *, every: bool = False) -> None:
        self._human.release(every=every)
        self._silence()

    def _hush(self) -> None:
        """End what sounds of the box; its answer goes on if the song does."""
        self._out(self.ledger.close(Owner.BOX) + self.ledger.close(Owner.CLICK))

    def _silence(self) -> None:
        self._responder.clear()
        self._out(self._guard.guard(()))
        self._out(self.ledger.close(Owner.CLICK))

    def _keyboard(self, time_s: float, message: Message, device: str) -> None:
        if self._human.is_pedal(message):
            if self._human.presses_pedal(message):
                self.command(time_s, Command(CommandId.HAND_OVER))
            return
        if self._control_map.hears(message.channel):
            learnt = self._learner.hear(time_s, message, device)
            if learnt is not None:
                self.setting(time_s, learnt)
                return
        settings = self._control_map.settings(message)
        if settings is None:
            beat = self.clock.beat_at(time_s)
            for plain in self._human.plain(message, device):
                self._human.message(time_s, beat, plain, device)
                self._recorder_feed.human(beat, plain)
            if self._turn is None:
                self._metronome.channel = self._channels.of_click()
        for setting in settings or ():
            self.control(time_s, setting)

    def _click(self, out_beat: float) -> None:
        if not self._metronome.wanted(self.scheduler.mode):
            return
        grid = self.scheduler.grid
        click = self._metronome.due(out_beat, grid.origin_beats, grid.tune.progression.metre)
        if click is not None:
            self._out(self._metronome.strike(self.ledger, click))

    def _next_click_beats(self, out_beat: float) -> float:
        """Beat of the next click not sounded yet, at or after ``out_beat``; infinity for none."""
        if not self._metronome.wanted(self.scheduler.mode):
            return inf
        grid = self.scheduler.grid
        return self._metronome.next_beat(out_beat, grid.origin_beats, grid.tune.progression.metre)

    # --- inside: changes

    def _use_controllers(self) -> None:
        seats = tuple(range(1, LAST_SEAT + 1))
        self._control_map = ControlMap(self._settings.asked.controls, seats)

    def _land_settings(self) -> None:
        if self._settings.land():
            self._use_options()

    def _use_options(self) -> None:
        """Hand the options now in force to all whose options the menu sets."""
        self._config = config = self._settings.options
        self._metronome.options = config.metronome
        self._channels.box, self._channels.click = config.brain.channel, config.metronome.channel
        self._metronome.channel = self._channels.of_click()
        self.scheduler.set_count_in(config.turns.preroll_bars)
        self._human.use(config)

    def _set_control(self, setting: ControlSetting) -> None:
        if setting.which == ControlId.ENGINE:
            self._responder.choose_engine(setting)
            return
        coming = self._planned
        if coming is not None and coming.seat == setting.seat and self._responder.begun(coming):
            self._seat_controls.land(coming.serial)  # it sounds already: set for the turn after it
            coming = None
        if not self._seat_controls.ask(setting):
            return
        if setting.seat in self.scheduler.line_up:
            self.view.show_control(setting, self.scheduler)
        if not self.scheduler.waits:
            self._seat_controls.land()
        elif coming is not None and coming.seat == setting.seat:
            self.scheduler.replan()

    def _sit(self, line_up: tuple[int, ...]) -> None:
        """Ask for a line-up; tells the brain of new seats now, so that it loads their models."""
        for seat in self._choices.sit(line_up):
            self._responder.tell_controls(seat)

    def _move_out(self, offset_ms: float) -> None:
        if isfinite(offset_ms):
            self._responder.offset_s = min(max(offset_ms, -50.0), 50.0) / 1000

    def _start_stop(self, time_s: float, beat: float) -> None:
        master = self.clock.sync is Sync.INTERNAL
        if self.scheduler.mode in _RESTING or (master and not self.clock.running):
            self.scheduler.arm(beat)
            if master and not self.clock.running:
                self._moved(time_s, self.clock.message(time_s, real_time(START)))
            return
        self.scheduler.idle()
        if master:
            self._moved(time_s, self.clock.message(time_s, real_time(STOP)))
