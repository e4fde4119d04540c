"""A gig in virtual time: the real stage and brain, and a heap of events in place of instruments.

Time jumps from event to event, so a set takes as long as it takes to compute. Nothing is random
unless the caller makes it so.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from ..brain.brain import Brain
from ..config.options import Config
from ..midi.messages import TICK, Message, note_off, note_on, real_time
from ..music.library import Libraries, Library
from ..music.note import Note
from ..protocol.engine import Engine
from ..protocol.records import Command, EngineId, Record, TurnBegan
from ..protocol.shared_state import Snapshot
from ..stage.answer_schedule import Answer
from ..stage.lookahead import DueBatch, SentAhead
from ..stage.stage import Stage
from ..tempo.clock import Clock
from .sent_notes import Sent, sounding
from .tempo_map import TempoMap


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the brain takes, in seconds; the defaults are a laptop's."""

    hop_s: float = 0.0001  # one way through the link
    first_note_s: float = 0.0003
    note_s: float = 0.00003


LAPTOP = Delays()


class Gig:
    """Add events (``at``, ``ticks``, ``play``), then ``run``; read ``sent`` and ``turns``."""

    def __init__(
        self,
        config: Config,
        library: Library,
        clock: Clock,
        make_engine: Callable[[EngineId], Engine],
        *,
        seed: int = 1,
        delays: Delays = LAPTOP,
    ) -> None:
        self.now_s = 0.0
        self.sent: list[Sent] = []
        self.told: list[tuple[float, Record]] = []  # what the stage told the brain
        self.answers: list[Answer] = []
        self.brain_alive = True
        self.batches: list[DueBatch] = []  # sent ahead of the stage, as the process does
        self.ahead_s = 0.0  # notes this soon after a note are sent ahead with it
        self.regretted: list[Message] = []  # note-offs for those the stage then did not want
        self.delays = delays
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake_s = inf
        self._sent_ahead = SentAhead()
        self._config, self._library = config, library
        self.brain = Brain(config, Libraries(library), make_engine, seed)
        self.stage = self._new_stage(clock)
        self.at(0.0, lambda: self.stage.record(self.now_s, self.brain.ready()))

    # --- events

    def at(self, time_s: float, do: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (time_s, next(self._order), do))

    def clock_byte(self, time_s: float, *messages: Message) -> None:
        for message in messages:
            self.at(time_s, lambda m=message: self.stage.midi(self.now_s, "clock", m))  # type: ignore[misc]

    def ticks(
        self,
        tempo: TempoMap,
        first: int,
        last: int,
        late_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Clock ticks ``first`` up to ``last`` of ``tempo``, each late by ``late_s``."""
        for tick in range(first, last):
            self.clock_byte(tempo.time_of(tick / 24) + late_s(), real_time(TICK))

    def key(self, time_s: float, message: Message) -> None:
        self.at(time_s, lambda: self.stage.midi(self.now_s, "keyboard", message))

    def play(self, notes: Iterable[Note], tempo: TempoMap, channel: int = 0) -> None:
        """Play ``notes``, in beats of the timeline, on the keyboard."""
        for note in notes:
            self.key(tempo.time_of(note.onset_beats), note_on(channel, note.pitch, note.velocity))
            self.key(tempo.time_of(note.end_beats), note_off(channel, note.pitch))

    def command(self, time_s: float, command: Command) -> None:
        self.at(time_s, lambda: self.stage.command(self.now_s, command))

    def watch(
        self, every_s: float, until_s: float, look: Callable[[float, Snapshot], None]
    ) -> None:
        """Call ``look`` at a steady rate, as a screen would."""
        for frame in range(int(until_s / every_s)):
            self.at(frame * every_s, lambda: look(self.now_s, self.stage.snapshot(self.now_s)))

    # --- running

    def run(self, until_s: float, progress: Callable[[float], None] | None = None) -> None:
        """Let everything happen until ``until_s``."""
        while True:
            next_s = min(self._heap[0][0] if self._heap else inf, self._wake_s)
            if next_s > until_s:
                break
            before_s, self.now_s = self.now_s, max(self.now_s, next_s)
            if self._heap and self._heap[0][0] <= self.now_s:
                heapq.heappop(self._heap)[2]()
            else:
                self._fire(before_s)
                self.stage.wake(self.now_s)
                ends = self._sent_ahead.settle()
                self.regretted += ends
                for message in ends:
                    self.sent.append(Sent(self.now_s, "synth", message))
            self._wake_s = self.stage.next_wake_s(self.now_s)
            if progress:
                progress(self.now_s)
        self.now_s = until_s

    @property
    def turns(self) -> list[TurnBegan]:
        return [record for _, record in self.told if isinstance(record, TurnBegan)]

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of notes that were begun and never ended."""
        return sounding(self.sent)

    # --- inside

    def _new_stage(self, clock: Clock) -> Stage:
        return Stage(
            self._config,
            self._library,
            send=self._send,
            to_brain=self._to_brain,
            clock=clock,
            on_answer=self.answers.append,
        )

    def _fire(self, before_s: float) -> None:
        """Send what is due, as the process does before it wakes the stage (``_send_ahead``)."""
        batches = self.stage.look_ahead(before_s, self.ahead_s)
        for batch in batches if batches and batches[0].time_s <= self.now_s else ():
            self.now_s = max(self.now_s, batch.time_s)
            self.batches.append(batch)
            for message in batch.messages:
                self.sent.append(Sent(self.now_s, "synth", message))
                self._sent_ahead.add(message, self.now_s)

    def _send(self, output: str, message: Message) -> float:
        left_s = self._sent_ahead.left_s(message) if output == "synth" else None
        if left_s is None:
            self.sent.append(Sent(self.now_s, output, message))
        return self.now_s if left_s is None else left_s

    def _to_brain(self, record: Record) -> None:
        self.told.append((self.now_s, record))
        if self.brain_alive:
            self.at(self.now_s + self.delays.hop_s, lambda: self._think(record))

    def _think(self, record: Record) -> None:
        if not self.brain_alive:
            return
        self.brain.handle(record)
        back_s = self.now_s + self.delays.hop_s + self.delays.first_note_s
        for answer in self.brain.think():
            if answer is not None:
                self.at(back_s, lambda a=answer: self.stage.record(self.now_s, a))  # type: ignore[misc]
            back_s += self.delays.note_s
