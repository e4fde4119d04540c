"""The stage: clock, keyboard and answers in, notes out. Pure.

``midi``, ``record`` and ``command`` take what came, with its time; ``wake`` does all
that is due by now; ``next_wake_s`` says when to come back. Nothing here reads a clock,
sleeps or opens anything, so a whole gig runs in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    Answered,
    BrainReady,
    Command,
    CommandId,
    ControlSetting,
    EngineId,
    Forget,
    Record,
    Setting,
    Turn,
)
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from ..tempo.clock import Clock, Transport
from ..turns.grid import line_up_of
from .answer_schedule import Answer
from .box_channels import BoxChannels
from .changes import Changes
from .channel_guard import ChannelGuard
from .due import Batch
from .human import Human
from .learner import Learner
from .ledger import Ledger, Owner
from .metronome import Metronome
from .mpe import Zones
from .player_choices import PlayerChoices
from .playhead import Playhead
from .recorder_feed import RecorderFeed
from .responder import Responder
from .resume import Resume, SavedGrid
from .settings import Settings
from .turn_taking import TurnTaking
from .view import View
from .wire import Send, Wire

SPIN_S = 0.0005  # next wake where something is due that the last wake could not do yet
_CLOCK_KINDS = frozenset((TICK, START, CONTINUE, STOP, SONG_POSITION))
_LOCKED = Sync.LOCKED  # a member of an enum takes ten times as long to look up as this
_RESTING = (Mode.IDLE, Mode.DONE)


class Stage:
    """See the module. ``to_brain`` takes records, must not block and returns whether it took one;
    ``on_answer`` is told of every answer once its turn is over; ``to_recorder`` takes what a
    recording needs, None records nothing. ``choices`` were made before the box last stopped and
    win over the options.

    Raises ProgressionError when ``config.music.progression`` is not in the library.
    """

    def __init__(
        self,
        config: Config,
        library: Library,
        *,
        send: Send,
        to_brain: Callable[[Record], bool],
        clock: Clock,
        on_answer: Callable[[Answer], None] = lambda _: None,
        to_recorder: Callable[[Record], None] | None = None,
        choices: Choices | None = None,
    ) -> None:
        choices = choices or Choices()
        self._settings, self._learner = Settings(config, choices.settings), Learner()
        config = self._settings.options
        self._send, self._to_brain = send, to_brain
        self.clock = clock
        self._recorder_feed = RecorderFeed(to_recorder)
        self.ledger = Ledger(self._recorder_feed.key if to_recorder else None)
        self.view = View(wants_model=config.brain.engine == "gru")
        guard, self._zones = ChannelGuard(), Zones()
        self._wire = Wire(send, self.ledger, guard)
        offset_ms = choices.offset_ms
        self._wire.move_out(config.clock.output_offset_ms if offset_ms is None else offset_ms)
        self._human = Human(
            config,
            ledger=self.ledger,
            guard=guard,
            zones=self._zones,
            view=self.view,
            send=lambda message: send("synth", message),
            to_brain=to_brain,
        )
        metronome = Metronome(config.metronome)
        self._choices = PlayerChoices(config, library, choices)
        self._seat_controls, self.scheduler = self._choices.seat_controls, self._choices.scheduler
        channels = BoxChannels(config.brain.channel, config.metronome.channel, self._zones)
        self._responder = Responder(
            config.brain,
            clock=clock,
            wire=self._wire,
            view=self.view,
            to_brain=to_brain,
            scene=self._choices.scene,
            seat_controls=self._seat_controls,
            channel_of=channels.of_seat,
            on_answer=on_answer,
        )
        self._turns = TurnTaking(
            self.scheduler,
            clock,
            human=self._human,
            responder=self._responder,
            metronome=metronome,
            recorder_feed=self._recorder_feed,
            view=self.view,
            to_brain=to_brain,
            land=self._land,
        )
        self._changes = Changes(
            self._settings,
            self._choices,
            channels=channels,
            human=self._human,
            metronome=metronome,
            responder=self._responder,
            view=self.view,
            planned=lambda: self._turns.planned,
        )
        self._playhead = Playhead(
            clock,
            self._wire,
            self.scheduler,
            turns=self._turns,
            changes=self._changes,
            responder=self._responder,
            metronome=metronome,
            recorder_feed=self._recorder_feed,
        )
        self._greeted = False  # a brain was told of the controls

    # --- what comes in

    def midi(self, time_s: float, source: str, message: Message, device: str = "") -> None:
        """A message from ``source`` "keyboard" or "clock"; ``device`` is the label of the
        instrument that sent it, '' where none is known."""
        if message.kind in _CLOCK_KINDS:
            if source == "clock":
                self._clock_message(time_s, message)
        elif source == "keyboard" and message.channel >= 0:
            self._keyboard(time_s, message, device)
            self._playhead.touch()

    def record(self, time_s: float, record: Record) -> None:
        """A record from the brain; anything else is ignored."""
        if isinstance(record, Answered):
            if not self._responder.take(record):
                return
        elif isinstance(record, BrainReady):
            if not (self.view.brain_alive and self._greeted):  # else a known brain's model gave up
                self._responder.greet()
                turn = self._turns.turn
                if turn is not None and turn.seat == HUMAN:
                    self._human.retell(turn)
            self._greeted = self.view.brain_alive = True
            self.view.brain_engine = EngineId(record.engine)
            self._turns.ask_again()
        else:
            return
        self._do_due(time_s)

    def brain_lost(self, time_s: float) -> None:
        """The brain died: the fallback plays until a new one says that it is ready."""
        self.view.brain_alive = False
        self._do_due(time_s)

    def control(self, time_s: float, setting: ControlSetting) -> None:
        """Set a control of a seat, in force from the next answer that begins."""
        self.wake(time_s)  # first cross a line that is due by now
        self._changes.control(setting)
        self._do_due(time_s)

    def setting(self, time_s: float, setting: Setting) -> None:
        """Set an option that the menu sets, in force from the next line on; which controllers turn
        controls, at once, as that disturbs no turn."""
        self.wake(time_s)  # first cross a line that is due by now
        self._changes.ask(setting)
        self._do_due(time_s)

    @property
    def options(self) -> Config:
        """The options in force, settings included."""
        return self._settings.options

    def set_ports(self, time_s: float, keyboard: str, clock: str, synth: str) -> None:
        """Names of the ports open now, '' for none. A lost keyboard ends its notes."""
        if self.view.ports and self.view.ports[0] and not keyboard:
            self._human.lost(self.clock.beat_at(time_s))
            self._playhead.touch()
        self.view.ports = (keyboard, clock, synth)

    def set_library(self, time_s: float, library: Library, message: str = "") -> None:
        """New progressions, from the next line on. ``message`` tells of a bad file."""
        self.say(message, WarningId.BAD_FILE if message else WarningId.NONE)
        self._choices.set_library(library)
        self._playhead.touch()

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
                self._wire.move_out(value)
            case CommandId.LINE_UP:
                self._changes.sit(line_up_of(value))
            case CommandId.LEARN:
                self._learner.begin(time_s, value)
            case CommandId.TEST_CLICK:
                self._playhead.test_click(time_s, bool(value))
            case other:
                self._choices.command(other, value)
        self._turns.follow(time_s)
        self._do_due(time_s)

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
            offset_s=self._wire.offset_s,
            settings=self._settings.chosen,
            zones=self._zones.told_members,
        )

    def resume(self, time_s: float, place: Resume, lost_s: float) -> None:
        """Go on from ``place`` of a stage that ended at ``lost_s``; call it before anything comes
        in. Once ticks tell where the clock is, a box turn cut off there is played to its end."""
        if not self._choices.resume(place):
            return
        self._settings.recall(place.settings)
        self._changes.resume()
        self._responder.engines.update(place.engines)
        self._wire.offset_s = place.offset_s
        self._zones.tell(*place.zones)
        self._moved(time_s, self.clock.resume(time_s, place.clock, lost_s))

    # --- what is due

    def wake(self, time_s: float) -> None:
        """Do everything that is due by ``time_s``."""
        if events := self.clock.poll(time_s):
            self._moved(time_s, events)
        for status in self.clock.take_output(time_s):
            self._send("clock", real_time(status))
        self._playhead.run(time_s)
        if self._responder.unlearned:
            self._responder.learn()

    def next_wake_s(self, time_s: float) -> float:
        """When ``wake`` is next needed if nothing comes in; infinity if never."""
        soonest = min(self.clock.next_poll_s(), self._playhead.next_s(time_s))
        return soonest if soonest > time_s else time_s + SPIN_S

    def take_due(self, time_s: float, until_s: float, within_s: float = 0.0) -> list[Batch]:
        """What sounds next, if that is due by ``until_s``, and what does ``within_s`` after it. It
        counts as played: send each batch at its time, then tell :meth:`left`."""
        return self._playhead.take(time_s, until_s, within_s)

    def left(self, batch: Batch, left_s: Sequence[float]) -> None:
        """When each message of a batch that was taken has left."""
        self._playhead.left(batch, left_s)

    def close(self, time_s: float) -> None:
        """End every note, pedal and answer: the box stops."""
        self._all_off()
        self._recorder_feed.stop()

    def panic(self, time_s: float) -> None:
        """Every note off, by the ledger and by the synth's own panic messages; all that was moved
        back to neutral."""
        self._all_off(every=True)
        for channel in range(16):
            self._wire.out([control_change(channel, number, 0) for number in SILENCING_CCS])

    def snapshot(self, time_s: float) -> Snapshot:
        show, settings, offset_s = self.view.figures, self._settings, self._wire.offset_s
        show.choices = self._choices.text(offset_s, settings.chosen)
        show.settings, show.settings_wait = settings.numbers, settings.waiting
        show.offset_ms = round(1000 * offset_s, 3)
        show.learning = self._learner.control(time_s)
        return self.view.fill(time_s, self.clock, self.scheduler, self.ledger, self._seat_controls)

    # --- inside

    def _do_due(self, time_s: float) -> None:
        """Something changed: foretell anew, and do what is due now."""
        self._playhead.touch()
        self.wake(time_s)

    def _clock_message(self, time_s: float, message: Message) -> None:
        if self._settings.options.clock.forward:
            self._send("synth", message)
        if events := self.clock.message(time_s, message):
            self._moved(time_s, events)
        if message.kind == TICK:
            self._playhead.run(time_s)
            if self._responder.unlearned:
                self._responder.learn()
            if self.clock.sync is _LOCKED:
                self.view.measures.jitter.add(abs(self.clock.off_s))
        else:
            self._do_due(time_s)

    def _moved(self, time_s: float, events: tuple[Transport, ...], joined: bool = False) -> None:
        for event in events:
            self._turns.moved(time_s, event, self.options.clock.jump, joined=joined)
            self._playhead.touch()

    def _keyboard(self, time_s: float, message: Message, device: str) -> None:
        if self._human.is_pedal(message):
            if self._human.presses_pedal(message):
                self.command(time_s, Command(CommandId.HAND_OVER))
            return
        control_map = self._changes.control_map
        if control_map.hears(message.channel):
            learnt = self._learner.hear(time_s, message, device)
            if learnt is not None:
                self.setting(time_s, learnt)
                return
        settings = control_map.settings(message)
        if settings is None:
            beat = self.clock.beat_at(time_s)
            for plain in self._human.plain(message, device):
                self._human.message(time_s, beat, plain, device)
                self._recorder_feed.human(beat, plain)
            if self._turns.turn is None:
                self._changes.place_click()
        for setting in settings or ():
            self.control(time_s, setting)

    def _land(self, turn: Turn | None) -> None:
        self._changes.land(turn)
        if turn is None:
            self._silence()

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

    def _all_off(self, *, every: bool = False) -> None:
        self._human.release(every=every)
        self._silence()

    def _silence(self) -> None:
        self._responder.clear()
        self._wire.give_channels(())
        self._wire.out(self.ledger.close(Owner.CLICK))
        self._playhead.touch()
