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
_ARMED_S = 2.0  # a Start or Continue whose first tick comes later than this was none
_JUMP_S, _JUMP_TICKS = 0.05, 2.0  # from Stop to the next Start: a cycle's jump, nobody's hand
_PERIOD_GAIN = 1 / 24
_WINDOW_TICKS = 48  # over which the phase is averaged: what comes by Bluetooth comes in bunches
_PHASE_TICKS = 0.25  # another phase than this is not the same,
_APART = 3  # and with more windows so than not by this many it is another machine's


class Phase:
    """Whether two sources tick the same ticks. ``apart``: no, and that is sure."""

    __slots__ = ("_count", "_doubts", "_lead_ticks", "_sum_ticks", "apart")

    def __init__(self) -> None:
        self.apart = False
        self._lead_ticks: float | None = None  # of one count before the other
        self._sum_ticks = 0.0
        self._count = self._doubts = 0

    def see(self, lead_ticks: float) -> None:
        """At each tick of one: how many more ticks it has sent than the other by now."""
        self._sum_ticks += lead_ticks
        self._count += 1
        if self._count < _WINDOW_TICKS:
            return
        mean, self._count, self._sum_ticks = self._sum_ticks / self._count, 0, 0.0
        if self._lead_ticks is None:
            self._lead_ticks = mean
            return
        moved = mean - self._lead_ticks
        slipped = round(moved)  # a lost tick moves it once by a whole one, another tempo each time
        same = not slipped and abs(moved) < _PHASE_TICKS
        if slipped and abs(moved - slipped) < _PHASE_TICKS:
            self._lead_ticks += slipped
        self._doubts = min(max(self._doubts + (-1 if same else 1), 0), _APART)
        if self._doubts in (0, _APART):
            self.apart = self._doubts > 0

    def lead(self) -> int | None:
        """The whole ticks that one count is before the other; None while that is not known."""
        return None if self.apart or self._lead_ticks is None else round(self._lead_ticks)


class ClockSource:
    """Feed it the transport and the ticks of one device.

    ``place_ticks`` is the number of the next tick in the song, as the machine counts; ``count`` of
    all ticks heard. ``started_s`` is when it was last set going, -inf for never; ``claims``:
    that is a reason to follow it.
    """

    __slots__ = (
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

    def silent(self, time_s: float) -> bool:
        """Whether ticks stay away."""
        return time_s - self.last_s > max(LEAST_SILENCE_S, LEAST_SILENCE_TICKS * self.period_s)

    def runs(self, time_s: float) -> bool:
        """Whether it runs, and ticks; a Start counts for as long as its tick may still come."""
        if self.armed and time_s - self.armed_s <= TOGETHER_S:
            return True
        return self.running and not self.silent(time_s)

    def same_start(self, other: ClockSource) -> bool:
        """Whether both were set going at once, or neither ever was."""
        return abs(self.started_s - other.started_s) <= TOGETHER_S or (
            self.started_s == other.started_s
        )

    def tick(self, time_s: float) -> int:
        """Take a tick; returns START or CONTINUE where it is the first after one."""
        gap_s, self.last_s = time_s - self.last_s, time_s
        if gap_s < LONGEST_S:
            self.period_s += (gap_s - self.period_s) * (_PERIOD_GAIN if self.count > 1 else 1.0)
        self.count += 1
        begun, self.armed = self.armed, 0
        if begun and time_s - self.armed_s > _ARMED_S:
            begun = 0
        if begun:
            self.running = True
        if self.running:
            self.place_ticks += 1
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
        self.armed, self.armed_s = kind, time_s
        if time_s - self._stopped_s > max(_JUMP_S, _JUMP_TICKS * self.period_s):
            self.started_s, self.claims, self.first_count = time_s, claims, self.count
