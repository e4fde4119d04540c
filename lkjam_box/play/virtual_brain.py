"""The brain's process and its link to the stage in virtual time: note by note, as it really goes.

It takes in what waits, makes one note, takes in what came meanwhile, and so on; what it tells may
come late, or be lost, and it may be killed at any moment. What was sent by then still comes in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ..brain.brain import Brain
from ..protocol.records import Answered, BrainReady, Record


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the brain takes, in seconds; the defaults are a laptop's."""

    hop_s: float = 0.0001  # one way through the link
    first_note_s: float = 0.0003
    note_s: float = 0.00003


LAPTOP = Delays()
Thinking = Iterator[Answered | BrainReady | None]


class Events(Protocol):
    """What the brain needs of a gig."""

    now_s: float

    def at(self, time_s: float, do: Callable[[], None]) -> None: ...


class VirtualBrain:
    """``to_stage`` takes what comes in there. ``loses`` says whether a record finds a full queue,
    ``held_s`` how much later than usual it comes in: with it, all behind it."""

    def __init__(
        self, events: Events, delays: Delays, to_stage: Callable[[Record], None], brain: Brain
    ) -> None:
        self.delays, self.brain = delays, brain
        self.alive = True
        self.loses: Callable[[Record], bool] = lambda _: False
        self.held_s: Callable[[Record], float] = lambda _: 0.0
        self.made: list[tuple[float, Answered]] = []  # what the brain told, also if it was lost
        self._events, self._to_stage = events, to_stage
        self._waiting: deque[Record] = deque()  # on the link into the brain
        self._thinking: Thinking | None = None
        self._last_s = 0.0  # when the last record came in at the stage

    def begin(self, brain: Brain | None = None) -> None:
        """A process begins, with a new ``brain``: it throws away what waits, and is ready."""
        self.brain = brain or self.brain
        self.alive = True
        self._waiting.clear()
        self.greet()

    def greet(self) -> None:
        """Say what a stage is told first."""
        self._send(self.brain.ready())

    def kill(self) -> None:
        self.alive, self._thinking = False, None

    def tell(self, record: Record) -> bool:
        """Send the brain a record; False if it was lost."""
        if self.loses(record):
            return False
        self._events.at(self._events.now_s + self.delays.hop_s, lambda: self._came(record))
        return True

    # --- inside

    def _came(self, record: Record) -> None:
        if not self.alive:
            return  # the next brain would throw it away
        self._waiting.append(record)
        if self._thinking is None:
            self._listen()

    def _listen(self) -> None:
        """Take in all that waits; begin to think if an answer is owed then."""
        while self._waiting:
            self.brain.handle(self._waiting.popleft())
        if self._thinking is None and self.brain.owes:
            self._thinking = self.brain.think()
            self._think_for(self.delays.first_note_s)

    def _think_for(self, time_s: float) -> None:
        thinking = self._thinking
        self._events.at(self._events.now_s + time_s, lambda: self._thought(thinking))

    def _thought(self, thinking: Thinking | None) -> None:
        """A note is made."""
        if thinking is None or thinking is not self._thinking:
            return  # that brain was killed
        try:
            record = next(thinking)
        except StopIteration:
            self._thinking = None
            self._listen()
            return
        if record is not None:
            self._send(record)
        self._listen()
        self._think_for(self.delays.note_s)

    def _send(self, record: Answered | BrainReady) -> None:
        now_s = self._events.now_s
        if isinstance(record, Answered):
            self.made.append((now_s, record))
        if self.loses(record):
            return
        self._last_s = max(self._last_s, now_s + self.delays.hop_s + self.held_s(record))
        self._events.at(self._last_s, lambda: self._to_stage(record))
