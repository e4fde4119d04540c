"""Whose turn it is: the scheduler followed, the human, the brain and the recorder told. Pure."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from ..protocol.records import HUMAN, Record, Turn, TurnBegan
from ..tempo.clock import Clock, Transport
from ..turns.scheduler import TurnScheduler
from .human import Human
from .metronome import Metronome
from .recorder_feed import RecorderFeed
from .responder import Responder
from .view import View


class TurnTaking:
    """``land`` puts in force what waits for a line: ``land(turn)`` where it begins, ``land(None)``
    where no turn follows."""

    def __init__(
        self,
        scheduler: TurnScheduler,
        clock: Clock,
        *,
        human: Human,
        responder: Responder,
        metronome: Metronome,
        recorder_feed: RecorderFeed,
        view: View,
        to_brain: Callable[[Record], bool],
        land: Callable[[Turn | None], None],
    ) -> None:
        self.turn: Turn | None = None  # the one that was announced
        self.planned: Turn | None = None  # the one the brain prepares
        self._scheduler, self._clock = scheduler, clock
        self._human, self._responder, self._metronome = human, responder, metronome
        self._recorder_feed, self._view = recorder_feed, view
        self._to_brain, self._land = to_brain, land

    # --- the transport

    def moved(self, time_s: float, event: Transport, jump: str, *, joined: bool = False) -> None:
        """Follow the clock's transport. ``jump`` as the option ``clock.jump``; ``joined``: the
        clock's beat 0 is the first line."""
        scheduler, clock, trades = self._scheduler, self._clock, jump == "trade"
        if event is Transport.JUMPED and trades:
            scheduler.jumped(clock.beat_at(time_s), clock.ahead_beats)
            if scheduler.turn is not None:
                self.follow(time_s)
            return
        self._recorder_feed.stop()
        self._metronome.rewind()
        if event in (Transport.STOPPED, Transport.LOST):
            scheduler.stopped()
        elif joined or event is Transport.STARTED:
            scheduler.started(count_in=not joined)
        elif event is Transport.LOCATED:
            scheduler.located()
        elif event is Transport.JUMPED:
            clock.go_to_song()
            scheduler.followed(clock.beat_at(time_s))
        else:
            first = trades and event is Transport.CONTINUED
            scheduler.continued(clock.beat_at(time_s), human_first=first)
        self.follow(time_s)

    # --- turns

    def follow(self, time_s: float) -> None:
        """Catch up with the scheduler after it joined, cut or ended a turn outside ``cross``."""
        turn, before = self._scheduler.turn, self.turn
        same = turn is not None and before is not None and turn.serial == before.serial
        if turn is None or (before is not None and not same):
            self._leave()
        if turn is not None and not same:
            self._begin(turn, time_s)
        elif turn is not None and turn != before:
            self._responder.end_at(turn)
        self.turn = turn

    def cross(self, time_s: float, beat: float, bpm: float) -> None:
        """Cross the lines up to ``beat``."""
        for turn in self._scheduler.advance(beat, bpm):
            if turn is None:
                self._leave()
            else:
                self._begin(turn, time_s)

    def ask(self, bpm: float) -> None:
        """Have the brain answer the coming turn, a little before its line."""
        turn = self._scheduler.plan(bpm)
        if turn is not None and turn is not self.planned:
            self.planned = turn
            if self._responder.begun(turn):  # and the song jumped meanwhile
                self._responder.end_at(turn)
            elif turn.seat != HUMAN:
                self._responder.ask(turn)

    def ask_again(self) -> None:
        """A new brain knows of no turn."""
        self.planned = None

    def next_ask_beats(self) -> float:
        """The line of a turn that the brain was not asked for; infinity for none."""
        return inf if self._asked else self._scheduler.next_turn_beats()

    def clear(self, line_beats: float) -> bool:
        """Whether the line at ``line_beats`` changes nothing but whose turn it is."""
        asked, scheduler = self._asked, self._scheduler
        return asked and not scheduler.pending and scheduler.next_turn_beats() == line_beats

    @property
    def early(self) -> bool:
        """Whether the answer to the coming turn sounds before its line."""
        return self._responder.begun(self.planned)

    @property
    def called(self) -> int:
        """Notes of the call that is answered now; 0 where a box seat played before."""
        line_up, turn = self._scheduler.grid.seats, self.turn
        if turn is None or turn.seat == HUMAN:
            return self._human.count
        return self._human.count if line_up[(turn.loop - 1) % len(line_up)] == HUMAN else 0

    # --- inside

    @property
    def _asked(self) -> bool:
        """Whether the brain was asked for the turn that is planned now."""
        return self.planned is not None and self.planned is self._scheduler.planned

    def _begin(self, turn: Turn, time_s: float) -> None:
        self._end_call(turn.start_beats)
        self._land(turn)
        self.turn = turn
        self._view.figures.turns += 1
        self._to_brain(TurnBegan(turn))
        self._recorder_feed.turn(turn)
        if turn.seat == HUMAN:
            self._human.begin(turn)
        elif turn.serial not in self._responder.schedule.answers:
            self._responder.ask(turn, time_s)

    def _leave(self) -> None:
        """End the turn, none follows: transport stopped, set over, or the player said stop."""
        if self.turn is not None:
            self._end_call(self.turn.end_beats)
            self._responder.cut(self.turn)
        self.turn = self.planned = None
        self._land(None)

    def _end_call(self, line_beats: float) -> None:
        call = self._human.end(line_beats)
        if self.turn is not None and call:
            self._responder.hear(call, self.turn)
