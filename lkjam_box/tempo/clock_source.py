"""One machine as its clock messages show it: does it run, where is it, is it another's twin. Pure.

A machine may reach the box by two wires, USB and DIN: two sources that tick the same ticks. They
are told from two machines by their Starts, which come together, and by the phase between their
ticks, which stays what it was.
"""

from __future__ import annotations

from math import inf

from ..midi.messages import (
    CONTINUE,
    SONG_POSITION,
    START,
    STOP,
    TICKS_PER_SIXTEENTH,
    Message,
)
from .external_clock import LEAST_SILENCE_S, LEAST_SILENCE_TICKS
from .tick_filter import LONGEST_S

TOGETHER_S = 0.1  # two wires bring the same Start within so long; a Start's own tick comes as soon
_JUMP_S, _JUMP_TICKS = 0.05, 2.0  # from Stop to the next Start: a cycle's jump, nobody's hand
_OVERDUE_S = 0.1
_PERIOD_GAIN = 1 / 48
_BURST_TICKS = 0.25  # a gap below this: ticks that were held back
_WINDOW_S = 1.0  # over which the phase is averaged: what comes by Bluetooth comes in bunches
_PHASE_TICKS = 0.25  # another phase than this is not the same,
_APART = 3  # and with so many more windows of it than without it is another machine's,
_TOGETHER = 8  # until so many in a row have one phase


class Phase:
    """Whether two sources tick the same ticks. ``apart``: they do not, and that is sure."""

    __slots__ = ("_count", "_doubts", "_lead_ticks", "_since_s", "_sum_ticks", "apart")

    def __init__(self) -> None:
        self.apart = False
        self._lead_ticks: float | None = None  # of one count before the other
        self._sum_ticks = self._since_s = 0.0
        self._count = self._doubts = 0

    def pause(self) -> None:
        """Ticks are missing, or come in a burst: they tell nothing."""
        self._sum_ticks, self._count = 0.0, 0

    def see(self, time_s: float, lead_ticks: float) -> None:
        """At each tick of one: how many more ticks it has sent than the other by now."""
        if not self._count:
            self._since_s = time_s
        self._sum_ticks += lead_ticks
        self._count += 1
        if time_s - self._since_s < _WINDOW_S:
            return
        mean = self._sum_ticks / self._count
        self.pause()
        if self._lead_ticks is None:
            self._lead_ticks = mean
            return
        moved = mean - self._lead_ticks
        slipped = round(moved)  # a lost tick moves it once by a whole one, another tempo each time
        if not slipped and abs(moved) < _PHASE_TICKS:
            self._doubts = max(self._doubts - 1, 0)
            self.apart = self.apart and self._doubts > 0
            return
        self._doubts += 1
        if self.apart or self._doubts >= _APART:
            self.apart, self._doubts, self._lead_ticks = True, _TOGETHER, mean
        elif abs(moved - slipped) < _PHASE_TICKS:
            self._lead_ticks += slipped

    def lead(self) -> int | None:
        """The whole ticks that one count is before the other; None while that is not known."""
        return None if self._doubts or self._lead_ticks is None else round(self._lead_ticks)


class ClockSource:
    """Feed it the transport and the ticks of one device.

    ``place_ticks`` is the number of the next tick in the song, as the machine counts; ``count`` of
    all ticks heard. ``started_s`` is when it was last set going, -inf for never; ``claims``:
    that is a reason to follow it.
    """

    __slots__ = (
        "_missed",
        "_stopped_s",
        "armed",
        "armed_s",
        "claims",
        "count",
        "first_count",
        "label",
        "last_s",
        "one_s",
        "period_s",
        "phase",
        "place_ticks",
        "running",
        "started_s",
    )

    def __init__(self, label: str, time_s: float) -> None:
        self.label = label
        self.running = self.claims = False
        self.armed = 0  # START or CONTINUE, until its first tick
        self.armed_s = self.started_s = self.last_s = self._stopped_s = -inf
        self.period_s = LONGEST_S / 2
        self.place_ticks = self.count = self.first_count = 0
        self._missed = 0  # ticks, taken to be lost in the last silence
        self.phase = Phase()  # to the master's ticks
        self.one_s = time_s  # when it was last taken for one machine with the master

    @property
    def ran_ticks(self) -> int:
        """Ticks since it was set going."""
        return self.count - self.first_count

    @property
    def was_started(self) -> bool:
        """Whether it runs or ever sent Start or Continue."""
        return self.running or self.started_s > -inf

    @property
    def catches_up(self) -> bool:
        """Whether ticks that were held back may be coming in a burst."""
        return self._missed > 0

    def overdue(self, time_s: float) -> bool:
        """Whether ticks are missing."""
        return time_s - self.last_s > max(_OVERDUE_S, LEAST_SILENCE_TICKS * self.period_s)

    def silent(self, time_s: float) -> bool:
        """Whether ticks stay away."""
        return time_s - self.last_s > max(LEAST_SILENCE_S, LEAST_SILENCE_TICKS * self.period_s)

    def runs(self, time_s: float) -> bool:
        """Whether it runs, and ticks; a Start counts for as long as its tick may still come."""
        if self.armed and time_s - self.armed_s <= TOGETHER_S:
            return True
        return self.running and not self.silent(time_s)

    def twin_of(self, master: ClockSource, time_s: float) -> bool:
        """At each tick: whether this is the master's machine on another wire, for all we know."""
        if self.catches_up or master.catches_up or master.overdue(time_s):
            self.phase.pause()
        else:
            since_ticks = (time_s - master.last_s) / master.period_s
            self.phase.see(time_s, self.count - master.count - since_ticks)
        apart_s = self.started_s - master.started_s  # not a number where neither was ever started
        return not self.phase.apart and not abs(apart_s) > TOGETHER_S

    def tick(self, time_s: float, armed_s: float) -> int:
        """Take a tick; returns START or CONTINUE where it is the first after one, ``armed_s`` ago
        at most."""
        gap_s, ticks = time_s - self.last_s, 1
        overdue = gap_s > _OVERDUE_S and self.overdue(time_s)
        self.last_s = time_s
        if overdue:
            if self.running and not self.armed:  # a pulled cable does not stop the machine
                self._missed = max(round(gap_s / self.period_s) - 1, 0)
                ticks += self._missed
        elif self._missed and gap_s < _BURST_TICKS * self.period_s:
            self._missed -= 1  # was not lost but late
            return 0
        elif gap_s < LONGEST_S:
            self._missed = 0
            self.period_s += (gap_s - self.period_s) * max(_PERIOD_GAIN, 1 / (self.count or 1))
        self.count += ticks
        begun, self.armed = self.armed, 0
        if begun and time_s - self.armed_s > armed_s:
            begun = 0
        elif begun:
            self.running, ticks = True, 1
        if self.running:
            self.place_ticks += ticks
        return begun

    def transport(self, time_s: float, message: Message, claims: bool) -> None:
        """Take Start, Stop, Continue or Song Position. ``claims``: a Continue is a claim."""
        kind = message.kind
        if kind == START:
            self.place_ticks = 0
            self._set_going(time_s, kind, True)
        elif kind == CONTINUE:
            if not self.running and not self.armed:
                self._set_going(time_s, kind, claims)
        elif kind == STOP:
            self.running, self.armed, self._stopped_s = False, 0, time_s
        elif kind == SONG_POSITION and not self.running and self.armed != START:
            self.place_ticks = TICKS_PER_SIXTEENTH * message.sixteenths

    def _set_going(self, time_s: float, kind: int, claims: bool) -> None:
        self.armed, self.armed_s, self._missed = kind, time_s, 0
        if time_s - self._stopped_s > max(_JUMP_S, _JUMP_TICKS * self.period_s):
            self.started_s, self.claims, self.first_count = time_s, claims, self.count
