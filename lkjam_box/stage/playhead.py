"""What is due, done in its order: lines crossed, brains asked, notes and clicks sent. Pure.

Everything that falls due is foretold in one place (:class:`.due.Due`) and done from there, whether
the process takes it early, to send it exactly at its time, or a wake finds it due.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from ..midi.messages import Message
from ..protocol.shared_state import Mode
from ..tempo.clock import Clock
from ..turns.scheduler import TurnScheduler
from .changes import Changes
from .due import NEAR_BEATS, Batch, Due, Kind
from .ledger import Owner
from .metronome import Metronome
from .moment import Moment
from .recorder_feed import RecorderFeed
from .responder import CLEAR_S, Responder
from .turn_taking import TurnTaking
from .wire import Wire

TEST_CLICK_S = 30.0  # the test click ends by itself: whoever asked for it may be gone
TOO_LATE_S = 0.01  # what is later than this is not taken early: a wake finds it
_RESTING = (Mode.IDLE, Mode.DONE)
_SOUNDING = (Kind.END, Kind.NOTE, Kind.CLICK)
_LINE = (Kind.OVER, Kind.LINE, Kind.PACE)  # where a line changes nothing, notes may pass it
_WIRE = (*_SOUNDING, Kind.OVER, Kind.CHOOSE)


class Playhead:
    """Call ``touch`` whenever something changed that may change what is due."""

    def __init__(
        self,
        clock: Clock,
        wire: Wire,
        scheduler: TurnScheduler,
        *,
        turns: TurnTaking,
        changes: Changes,
        responder: Responder,
        metronome: Metronome,
        recorder_feed: RecorderFeed,
    ) -> None:
        self._clock, self._wire, self._scheduler = clock, wire, scheduler
        self._turns, self._changes, self._responder = turns, changes, responder
        self._metronome, self._recorder_feed = metronome, recorder_feed
        self._due = Due()
        self._soonest_beats = inf  # when the next of it is due, as of the last look
        self._touched = True
        self._ran = False
        self._test_click_until_s = -inf

    def touch(self) -> None:
        """What was foretold may hold no more."""
        self._touched = True

    def test_click(self, time_s: float, on: bool) -> None:
        """Click while nothing plays, to be compared with the drum machine."""
        self._test_click_until_s = time_s + TEST_CLICK_S if on else -inf

    # --- time

    def run(self, time_s: float) -> None:
        """Do all that is due by ``time_s``."""
        clock, due = self._clock, self._due
        if not clock.running:
            if self._touched or self._ran:
                self._touched = self._ran = False
                self._hush()
            return
        if not self._ran:
            self._touched = self._ran = True
        bpm = clock.bpm
        beat = clock.beat_at(time_s) + NEAR_BEATS
        if not self._touched:
            self._soonest_beats = due.soonest_beats(bpm)
            if beat < self._soonest_beats and time_s < due.at_s:
                return
        now = Moment(time_s, beat, beat - self._wire.offset_s * (bpm / 60), bpm)
        while True:
            if self._touched:
                self._foretell(now)
            self._soonest_beats, kind = due.first(bpm)
            if self._soonest_beats <= beat:
                self._do(kind, now)
            elif time_s < due.at_s:
                return
            if not clock.running:
                return
            self._touched = True

    def next_s(self, time_s: float) -> float:
        """When something is due next; infinity for never."""
        if not self._clock.running:
            return inf
        if self._touched:
            bpm, beat = self._clock.bpm, self._clock.beat_at(time_s)
            self._foretell(Moment(time_s, beat, beat - self._wire.offset_s * (bpm / 60), bpm))
            self._soonest_beats = self._due.soonest_beats(bpm)
        return min(self._clock.time_of(self._soonest_beats), self._due.at_s)

    def take(self, time_s: float, until_s: float, within_s: float) -> list[Batch]:
        """What sounds next, if that is due from ``time_s`` until ``until_s``, and ``within_s``
        after it: it is in the books now, to be sent at its time. Empty where something has to be
        done first that takes longer, or may change what sounds."""
        if not self._clock.running:
            return []
        clock, offset_s = self._clock, self._wire.offset_s
        bpm, batches = clock.bpm, list[Batch]()
        offset_beats = offset_s * (bpm / 60)
        soonest_s = time_s - TOO_LATE_S
        while True:
            if self._touched:
                beat = clock.beat_at(time_s)
                self._foretell(Moment(time_s, beat, beat - offset_beats, bpm))
            sounds = min(self._due.beats[kind] for kind in _SOUNDING)
            due_s = clock.time_of(sounds) + offset_s
            if not soonest_s < due_s <= until_s or self._waits(sounds + offset_beats, bpm):
                return batches
            if not batches:
                until_s = min(due_s + within_s, clock.next_poll_s(), self._due.at_s)
            batches.append(self._book(sounds, sounds))
            self._touched = True

    def left(self, batch: Batch, left_s: Sequence[float]) -> None:
        """``batch`` was sent; ``left_s`` is when each of its messages left."""
        for place, answer in batch.notes:
            pitch = batch.messages[place].pitch
            self._responder.left(answer, pitch, batch.time_s, left_s[place])

    # --- inside: what is due

    def _foretell(self, now: Moment) -> None:
        """Bring up to date when everything is due."""
        self._touched = False
        due, responder, called = self._due, self._responder, self._turns.called
        beats, offset_s = due.beats, self._wire.offset_s
        due.move(_WIRE, offset_s)
        due.move((Kind.CLEAR,), offset_s - CLEAR_S)
        due.move((Kind.ASK,), -self._changes.options.brain.prepare_ms / 1000)
        beats[Kind.END] = self._wire.ledger.next_end_beats()
        beats[Kind.OVER] = responder.next_over_beats()
        beats[Kind.LINE] = self._scheduler.next_line_beats()
        beats[Kind.PACE] = self._recorder_feed.next_beats(self._scheduler.mode)
        beats[Kind.ASK] = self._turns.next_ask_beats()
        beats[Kind.CLEAR] = responder.next_begin_beats()
        beats[Kind.CHOOSE], due.at_s = responder.next_choice(now.time_s, called)
        beats[Kind.NOTE] = responder.next_note_beats(called)
        beats[Kind.CLICK] = self._next_click_beats(now)

    def _next_click_beats(self, now: Moment) -> float:
        mode, metronome = self._scheduler.mode, self._metronome
        metronome.tests = mode in _RESTING and now.time_s < self._test_click_until_s
        if metronome.tests:
            self._due.at_s = min(self._due.at_s, self._test_click_until_s)
        elif mode not in _RESTING:
            self._test_click_until_s = -inf
        if not metronome.wanted(mode):
            return inf
        grid = self._scheduler.grid
        return metronome.next_beats(now.out_beat, grid.origin_beats, grid.tune.progression.metre)

    def _waits(self, beat: float, bpm: float) -> bool:
        """Whether something else has to be done before what sounds at ``beat`` of the timeline."""
        line = self._due.beats[Kind.LINE]
        passing = _LINE if beat >= line - NEAR_BEATS and self._passes(line) else ()
        soonest, kind = self._due.first(bpm, passing)
        return soonest < beat or kind not in _SOUNDING

    def _passes(self, line: float) -> bool:
        """Whether what sounds from ``line`` on is what would sound had it been crossed."""
        mode, wanted = self._scheduler.mode, self._metronome.wanted
        same = wanted(mode) == wanted(Mode.TRADING)
        return same and not self._changes.wait and self._turns.clear(line)

    # --- inside: doing it

    def _do(self, kind: Kind, now: Moment) -> None:
        """Do what is due; it is due by the beat foretold, however that compares with ``now``."""
        due_beats = self._due.beats[kind]
        match kind:
            case Kind.END | Kind.NOTE | Kind.CLICK:
                self._responder.drop_late(now.time_s, self._turns.called)
                batch = self._book(due_beats, now.out_beat)
                self.left(batch, self._wire.send(now.time_s, batch.messages))
            case Kind.LINE:
                self._turns.cross(now.time_s, due_beats, now.bpm)
            case Kind.ASK:
                self._turns.ask(now.bpm)
            case Kind.CHOOSE:
                out_beat = max(now.out_beat, due_beats)
                self._responder.choose(now.time_s, out_beat, self._turns.called)
            case Kind.CLEAR:
                self._give_channels(due_beats)
            case Kind.OVER:
                self._responder.settle(due_beats)
                self._give_channels(-inf)
            case Kind.PACE:
                self._recorder_feed.follow(now.beat, self._scheduler, now.bpm)

    def _book(self, beat: float, here: float) -> Batch:
        """Take into the books all that begins or ends to sound at ``beat``, when the beat on the
        wire is ``here``."""
        near = beat + NEAR_BEATS
        self._recorder_feed.beats = near
        messages = self._wire.ledger.due(near)
        struck, places = self._responder.strike(near, self._turns.called)
        notes = [(place + len(messages), answer) for place, answer in places]
        messages += struck
        if self._due.beats[Kind.CLICK] <= near:
            messages += self._click(self._due.beats[Kind.CLICK], here)
        if notes and self._turns.early:
            self._scheduler.keep_plan()
        time_s = self._clock.time_of(beat) + self._wire.offset_s
        return Batch(time_s, tuple(messages), tuple(notes))

    def _click(self, beat: float, here: float) -> list[Message]:
        grid = self._scheduler.grid
        click = self._metronome.click(beat, here, grid.origin_beats, grid.tune.progression.metre)
        return self._metronome.strike(self._wire.ledger, click) if click is not None else []

    def _give_channels(self, begin_beats: float) -> None:
        """Make neutral the channels of answers that begin by ``begin_beats``, give others back."""
        self._wire.give_channels(self._responder.take_channels(begin_beats))

    def _hush(self) -> None:
        """End what sounds of the box; its answer goes on if the song does."""
        ledger = self._wire.ledger
        self._wire.out(ledger.close(Owner.BOX) + ledger.close(Owner.CLICK))
