"""A gig in virtual time: the real stage and brain, and a heap of events in place of instruments.

Time jumps from event to event, so a set takes as long as it takes to compute. Nothing is random
unless the caller makes it so.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
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
from ..stage.due import Batch
from ..stage.stage import Stage
from ..tempo.clock import Clock
from .sent_notes import Sent, sounding
from .tempo_map import TempoMap
from .virtual_brain import LAPTOP, Delays, VirtualBrain


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
        self.batches: list[Batch] = []  # taken before their time, as the process does
        self.ahead_s = 0.0  # notes this soon after a note are taken with it
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._wake_s = inf
        self._config, self._library = config, library
        self._make_engine, self._seed = make_engine, seed
        self.brain_process = VirtualBrain(self, delays, self._from_brain, self._new_brain())
        self.stage = self._new_stage(clock)
        self.brain_process.greet()

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

    def kill_brain_at(self, time_s: float, seen_s: float = 0.005, away_s: float = inf) -> None:
        """The brain dies; the supervisor sees it, and tells the stage, ``seen_s`` later. Another
        begins ``away_s`` after that."""
        self.at(time_s, self.brain_process.kill)
        self.at(time_s + seen_s, lambda: self.stage.brain_lost(self.now_s))
        if away_s < inf:
            self.new_brain_at(time_s + seen_s + away_s)

    def new_brain_at(self, time_s: float) -> None:
        """A brain begins that has heard nothing and knows the options only."""
        self.at(time_s, lambda: self.brain_process.begin(self._new_brain()))

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
                self._send_due(before_s)
                self.stage.wake(self.now_s)
            self._wake_s = self.stage.next_wake_s(self.now_s)
            if progress:
                progress(self.now_s)
        self.now_s = until_s

    @property
    def brain(self) -> Brain:
        """The one that lives, or lived last."""
        return self.brain_process.brain

    @property
    def turns(self) -> list[TurnBegan]:
        return [record for _, record in self.told if isinstance(record, TurnBegan)]

    def sounding(self) -> list[tuple[int, int]]:
        """(channel, pitch) of notes that were begun and never ended."""
        return sounding(self.sent)

    # --- inside

    def _new_brain(self) -> Brain:
        return Brain(self._config, Libraries(self._library), self._make_engine, self._seed)

    def _from_brain(self, record: Record) -> None:
        self.stage.record(self.now_s, record)

    def _new_stage(self, clock: Clock) -> Stage:
        return Stage(
            self._config,
            self._library,
            send=self._send,
            to_brain=self._to_brain,
            clock=clock,
            on_answer=self.answers.append,
        )

    def _send_due(self, before_s: float) -> None:
        """Send what is due, as the process does before it wakes the stage."""
        for batch in self.stage.take_due(before_s, self.now_s, self.ahead_s):
            self.now_s = max(self.now_s, batch.time_s)
            self.batches.append(batch)
            for message in batch.messages:
                self._send("synth", message)
            self.stage.left(batch, [self.now_s] * len(batch.messages))

    def _send(self, output: str, message: Message) -> float:
        self.sent.append(Sent(self.now_s, output, message))
        return self.now_s

    def _to_brain(self, record: Record) -> bool:
        self.told.append((self.now_s, record))
        return self.brain_process.tell(record)
