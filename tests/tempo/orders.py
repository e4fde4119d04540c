"""Two machines that people switch on, start and stop in any order, and which one the box is with.

:class:`Machine` makes what a machine sends and knows its true beat; :class:`Box` is the gate with
the clock behind it; :func:`truth` says from the hands alone, and from no message, which machine was
started last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import merge
from itertools import accumulate
from math import inf
from random import Random
from typing import NamedTuple

from lkjam_box.midi.messages import (
    CONTINUE,
    START,
    STOP,
    TICK,
    Message,
    real_time,
    song_position,
)
from lkjam_box.play.clock_jitter import MODELS, Late
from lkjam_box.protocol.shared_state import Sync
from lkjam_box.tempo.clock import Transport
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.gate import ClockGate

F8, FA, FB, FC = map(real_time, (TICK, START, CONTINUE, STOP))
BAR_BEATS = 4.0
CHANGES_S = 0.35  # before the end of a bar: the box goes over to the machine that waits
Sent = tuple[float, str, Message]


@dataclass(frozen=True, slots=True)
class Hand:
    """What a person does at a machine, or what befalls it ("stall", for ``length_s``)."""

    time_s: float
    machine: str
    what: str  # start, stop, stall; stray: a Start without ticks, Continue, Stop or Song Position
    length_s: float = 0.0


@dataclass(slots=True)
class Machine:
    """``idles``: it ticks from power-on; else only while it runs. While its cable is out (a stall)
    its ticks go on, unheard."""

    name: str
    bpm: float
    idles: bool
    on_s: float
    wire: Late = MODELS["DIN"]
    random: Random = field(default_factory=lambda: Random(1))
    lead_s: float = 0.003  # from Start to its tick, where it does not tick before
    starts: list[tuple[float, float]] = field(default_factory=list)  # (first tick, Stop)

    @property
    def period_s(self) -> float:
        return 60 / self.bpm / 24

    @property
    def bar_s(self) -> float:
        return BAR_BEATS * 60 / self.bpm

    def beat(self, time_s: float) -> float | None:
        """Where it truly is; None unless it runs."""
        for first_s, stop_s in reversed(self.starts):
            if first_s <= time_s < stop_s:
                return (time_s - first_s) / self.period_s / 24
        return None

    def sends(self, hands: Iterable[Hand], end_s: float) -> list[Sent]:
        """All that arrives from it until ``end_s``."""
        mine = [hand for hand in hands if hand.machine == self.name]
        self._run(mine)
        sent = [(hand.time_s, m) for hand in mine for m in self._transport(hand)]
        sent += self._ticks(end_s)
        sent.sort(key=lambda one: one[0])  # a Start before its tick: it comes first in the list
        out = [h for h in mine if h.what == "stall"]
        heard = [
            (t, m)
            for t, m in sent
            if not any(h.time_s <= t < h.time_s + h.length_s for h in out) and t < end_s
        ]
        times = accumulate((t + self.wire(t, self.random) for t, _ in heard), max)
        return [(t, self.name, m) for t, (_, m) in zip(times, heard, strict=True)]

    def _run(self, hands: list[Hand]) -> None:
        for hand in hands:
            if hand.what in ("start", "stop") and self.starts and self.starts[-1][1] == inf:
                self.starts[-1] = self.starts[-1][0], hand.time_s
            if hand.what == "start":
                grid = (hand.time_s - self.on_s) // self.period_s + 1
                first_s = self.on_s + grid * self.period_s
                self.starts.append((first_s if self.idles else hand.time_s + self.lead_s, inf))

    def _transport(self, hand: Hand) -> tuple[Message, ...]:
        if hand.what == "stray":
            return self.random.choice(((FB,), (FC,), (song_position(32),), (FB, FC)))
        return {"start": (FA,), "stop": (FC,)}.get(hand.what, ())

    def _ticks(self, end_s: float) -> list[tuple[float, Message]]:
        spans = [(self.on_s, inf)] if self.idles else self.starts
        return [
            (first_s + n * self.period_s, F8)
            for first_s, stop_s in spans
            for n in range(max(int((min(stop_s, end_s) - first_s) / self.period_s) + 1, 0))
            if first_s + n * self.period_s < stop_s
        ]


class Box:
    """The gate, and the real clock behind it."""

    def __init__(self) -> None:
        self.gate, self.clock = ClockGate(), ExternalClock()
        self.events: list[tuple[float, Transport]] = []
        self.passed: list[Sent] = []

    def hear(self, *streams: Iterable[Sent]) -> None:
        for time_s, source, message in merge(*streams, key=lambda sent: sent[0]):
            self.put(time_s, source, message)

    def put(self, time_s: float, source: str, message: Message) -> None:
        self._follow(time_s, self.clock.poll(time_s))
        for passed in self.gate.pass_on(time_s, source, message):
            self.passed.append((time_s, source, passed))
            self._follow(time_s, self.clock.message(time_s, passed))

    def look(self, time_s: float) -> tuple[str, Sync, float]:
        """Who is the master, what the screen says, and the beat."""
        self._follow(time_s, self.clock.poll(time_s))
        ahead_beats = getattr(self.clock, "ahead_beats", 0.0)  # of the song, after a jump
        return self.gate.master, self.clock.sync, self.clock.beat_at(time_s) - ahead_beats

    def _follow(self, time_s: float, events: tuple[Transport, ...]) -> None:
        self.events += [(time_s, event) for event in events]


def order(random: Random) -> tuple[dict[str, Machine], list[Hand]]:
    """Two machines, and what people do with them."""
    machines = {
        name: Machine(
            name,
            random.uniform(60, 200),
            idles=random.random() < 0.6,
            on_s=random.uniform(0, 8),
            wire=MODELS[random.choice(("DIN", "USB"))],
            random=random,
            lead_s=random.uniform(0.0005, 0.005),
        )
        for name in ("drums", "keys")
    }
    hands: list[Hand] = []
    time_s, runs = 2.0, set[str]()
    free_s = {name: machine.on_s + 0.2 for name, machine in machines.items()}
    for _ in range(random.randint(1, 8)):
        time_s += random.choice((random.uniform(0.3, 2), random.uniform(2, 8)))
        name = random.choice(("drums", "keys"))
        true = truth(hands, time_s, machines)
        if time_s < free_s[name] or true.since_s == inf:
            continue
        what = random.choice(
            ("start", "start", "stop" if name in runs else "start", "stall", "stray")
        )
        if what == "stray" and (name in runs or not true.runs):
            continue
        length_s = random.uniform(0.3, 5) if what == "stall" else 0.0
        hands.append(Hand(time_s, name, what, length_s))
        free_s[name] = time_s + length_s + 0.6
        if what in ("start", "stop"):
            (runs.add if what == "start" else runs.discard)(name)
    return machines, hands


class Truth(NamedTuple):
    """``box`` is the machine that the box is with, '' for none; sure from ``since_s`` on."""

    box: str
    runs: bool
    since_s: float


def truth(hands: list[Hand], time_s: float, machines: dict[str, Machine]) -> Truth:
    """The machine started last by a person: a bar after its Start where another one ran then, or
    once that one does not run any more; if not, the Start was a stray one."""
    box, waits, since_s, began_s = "", "", 0.0, 0.0
    runs, back_s = dict.fromkeys(machines, False), dict.fromkeys(machines, 0.0)
    done = [hand for hand in hands if hand.time_s <= time_s]
    ends_s = [hand.time_s for hand in done[1:]] + [time_s]
    for hand, follows_s in zip(done, ends_s, strict=False):
        name, before = hand.machine, (box, box and runs[box])
        if hand.what == "start":
            runs[name] = True
            waits, began_s = ("" if name == box else name), hand.time_s
        elif hand.what == "stop":
            runs[name], waits = False, "" if name == waits else waits
        elif hand.what == "stall":
            back_s[name] = hand.time_s + hand.length_s
        if waits and not (box and runs[box] and hand.time_s >= back_s[box]):
            box, waits = waits, ""
        if (box, box and runs[box]) != before or hand.machine == box:
            since_s = max(hand.time_s, back_s[name])
        if waits and follows_s >= began_s + machines[waits].bar_s:
            since_s = max(began_s + machines[waits].bar_s, back_s[waits])
            box, waits = waits, ""
    if waits and time_s > began_s + machines[waits].bar_s - CHANGES_S:
        since_s = inf
    return Truth(box, bool(box) and runs[box], since_s)
