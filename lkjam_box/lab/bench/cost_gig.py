"""A gig in virtual time round a stage whose every call is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...brain.engines import make_engine
from ...midi.messages import NOTE_ON, TICK, Message
from ...play.plan import Plan
from ...play.virtual_gig import Gig
from ...protocol.link import Link
from ...protocol.records import Prepare, Record, TurnBegan
from ...tempo.external_clock import ExternalClock
from .cost_clock import Stopwatch


@dataclass(slots=True)
class Moment:
    """All that the stage did between two events of the gig."""

    ns: int = 0
    came: list[Message] = field(default_factory=list)
    told: list[Record] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)


class Counted:
    """A stage whose every call is counted, in moments: one ends when it says when to come back."""

    def __init__(self, stage: Any, watch: Stopwatch) -> None:
        self.stage, self.moments, self.moment = stage, list[Moment](), Moment()
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.stage, name)
        if not callable(value) or not hasattr(value, "__func__"):
            return value

        def call(*arguments: Any) -> Any:
            if name == "midi":
                self.moment.came.append(arguments[2])
            took_ns, found = self._watch.count(partial(value, *arguments))
            self.moment.ns += took_ns
            if name == "next_wake_s":
                self.moments.append(self.moment)
                self.moment = Moment()
            return found

        self.__dict__[name] = call
        return call


class CountedGig(Gig):
    """A gig round a :class:`Counted` stage."""

    def __init__(self, plan: Plan, watch: Stopwatch) -> None:
        self._watch, self._links = watch, Link.pair()
        clock = ExternalClock(freewheel_beats=plan.config.clock.freewheel_beats)
        engines = partial(make_engine, options=plan.config.brain)
        super().__init__(plan.config, plan.library, clock, engines)

    @property
    def counted(self) -> Counted:
        found: Any = self.stage
        assert isinstance(found, Counted)
        return found

    def _new_stage(self, *arguments: Any) -> Any:
        return Counted(super()._new_stage(*arguments), self._watch)

    def _send(self, output: str, message: Message) -> float:
        with self._watch.left_out():
            if output == "synth" and hasattr(self, "stage"):
                self.counted.moment.sent.append(message)
            return super()._send(output, message)

    def _to_brain(self, record: Record) -> bool:
        self._links[0].send(record)
        with self._watch.left_out():
            if hasattr(self, "stage"):
                self.counted.moment.told.append(record)
            for _ in self._links[1].drain():
                pass
            return super()._to_brain(record)


def kind_of(moment: Moment) -> str:
    """What the moment is an example of; '' for none. What decides is what is rare."""
    told = {type(record) for record in moment.told}
    came = {message.kind for message in moment.came}
    if Prepare in told:
        return "stage: prepare before a line"
    if TurnBegan in told:
        return "stage: line"
    if NOTE_ON in came:
        return "stage: thru note"
    if any(message.kind == NOTE_ON for message in moment.sent):
        return "stage: scheduled note"
    if came == {TICK} and not moment.sent and not told:
        return "stage: tick"
    return ""
