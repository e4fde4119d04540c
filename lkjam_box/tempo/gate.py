"""Who is the clock: the box is with the machine that a person started last. Pure.

Transport outranks ticks. A Start takes the box at its first tick where no machine runs; beside a
running one the other has to run for a bar first, so that a stray Start does nothing. A machine
that stopped, or whose ticks stay away, keeps the box until another is started. Ticks alone hold
it only where nobody has been started yet, or where the master has long been gone.
"""

from __future__ import annotations

from math import inf

from ..midi.messages import (
    CONTINUE,
    SONG_POSITION,
    START,
    STOP,
    TICK,
    TICKS_PER_BEAT,
    TICKS_PER_SIXTEENTH,
    Message,
    real_time,
    song_position,
)
from .clock_source import TOGETHER_S, ClockSource, Phase

HOLD_S = 2.0  # a machine silent for longer is no second clock; one never started gives way
GONE_S = 10.0  # a master silent for longer may have to wait for its next Start
BAR_TICKS = 4 * TICKS_PER_BEAT  # to run beside a running master before the box follows
_ARMED_S = 2.0  # a Start beside a master, whose first tick comes later than this, was none
_PAUSE_TICKS = 3.0  # from Stop to the next machine; less would be a jump of one machine's song
_RIVAL_S = 0.5  # another machine for so long, before it is said
_TOLD_S = 20.0  # so long of one that nobody started: it ticks all night and does no harm
_MOST_MISSED = 2 * TICKS_PER_BEAT
_SONG_SIXTEENTHS = 1 << 14  # that Song Position can tell
_TRANSPORT = frozenset((START, CONTINUE, STOP, SONG_POSITION))
_START, _STOP, _CONTINUE = map(real_time, (START, STOP, CONTINUE))

NOTHING: tuple[Message, ...] = ()


class ClockGate:
    """Ask ``pass_on`` for every clock message of every device: it returns what to follow."""

    def __init__(self) -> None:
        self._sources: dict[str, ClockSource] = {}
        self._master: ClockSource | None = None
        self._waits = False  # the master runs, the clock does not yet know where
        self._free_s = -inf  # until then another machine does not start

    @property
    def master(self) -> str:
        """The device that holds the box, '' for none."""
        return self._master.label if self._master else ""

    def pass_on(self, time_s: float, source: str, message: Message) -> tuple[Message, ...]:
        """The messages for the clock to take now, in order.

        A Start or Continue of another than the master comes with its first tick.
        """
        one = self._sources.get(source)
        if one is None:
            one = self._sources[source] = ClockSource(source, time_s)
        master = self._master
        if message.kind == TICK:
            if one is master and not self._waits:  # nearly always
                one.tick(time_s, inf)
                return (message,)
            begun = one.tick(time_s, inf if master is None or one is master else _ARMED_S)
            if one is not master:
                return self._other(time_s, one, begun, message)
            return self._placed(time_s, one, message)
        if message.kind in _TRANSPORT:
            one.transport(time_s, message, claims=master is None or not master.runs(time_s))
            if one is master:
                self._waits = self._waits and message.kind == SONG_POSITION
                if message.kind == STOP:
                    self._pause(time_s)
        return (message,) if one is master else NOTHING

    def joined(self) -> None:
        """The master runs, without a Start: a player said where the line is."""
        if self._master:
            self._master.running = True

    def resume(self, time_s: float, master: str, running: bool) -> None:
        """Go on with the master of a gate that ended; call it before all else."""
        if master:
            self._master = one = self._sources[master] = ClockSource(master, time_s)
            one.last_s, one.running = time_s, running

    def rival(self, time_s: float) -> str:
        """A second machine that sends clock beside the master, or ''."""
        master = self._master
        if master is None or time_s - master.last_s > HOLD_S:
            return ""
        for one in self._sources.values():
            if one is master or time_s - one.last_s > HOLD_S:
                continue
            other_s, idles = one.last_s - one.one_s, master.was_started and not one.was_started
            if other_s > _RIVAL_S and not (idles and other_s > _TOLD_S):
                return one.label
        return ""

    # --- inside

    def _other(
        self, time_s: float, one: ClockSource, begun: int, tick: Message
    ) -> tuple[Message, ...]:
        """A tick of another than the master; ``begun`` by a Start or Continue."""
        master = self._master
        if master is not None and one.twin_of(master, time_s):
            one.one_s = time_s
        if one.catches_up:
            return NOTHING
        if self._claims(time_s, one):
            if begun == START and time_s >= self._free_s:
                self._take(time_s, one)
                return (_START, tick)
            stop = self._stop(time_s)
            self._take(time_s, one)
            self._waits = True
            return (*stop, *self._placed(time_s, one, tick))
        if master is None:
            self._take(time_s, one)
            return (tick,)
        lead = one.phase.lead() if one.one_s == time_s and master.overdue(time_s) else None
        if lead is not None:  # the same machine on another wire
            one.running = master.running
            missed = one.count - lead - master.count
            self._take(time_s, one)
            return (tick,) * min(max(missed, 1), _MOST_MISSED)
        return self._idle(time_s, master, one, tick)

    def _claims(self, time_s: float, one: ClockSource) -> bool:
        """Whether it is the machine started last, and is to be followed by now."""
        master = self._master
        if not (one.running and one.claims):
            return False
        if master is None:
            return True
        if one.started_s <= master.started_s + TOGETHER_S:
            return False
        pause_ticks = _PAUSE_TICKS * master.period_s / one.period_s + 1.0
        return one.ran_ticks > BAR_TICKS - pause_ticks or not master.runs(time_s)

    def _placed(self, time_s: float, one: ClockSource, tick: Message) -> tuple[Message, ...]:
        """A tick of the new master's, with its place once that can be told in sixteenths."""
        number = one.place_ticks - 1
        if time_s < self._free_s or number % TICKS_PER_SIXTEENTH:
            return (tick,)
        self._waits = False
        place = song_position(number // TICKS_PER_SIXTEENTH % _SONG_SIXTEENTHS)
        return (place, _CONTINUE, tick)

    def _stop(self, time_s: float) -> tuple[Message, ...]:
        """What ends the master's run."""
        master = self._master
        if master is None or not (master.running or master.armed):
            return NOTHING
        self._pause(time_s)
        return (_STOP,)

    def _pause(self, time_s: float) -> None:
        """The master is stopped now: one that is started too soon would be a jump of its song."""
        if self._master:
            self._free_s = time_s + _PAUSE_TICKS * self._master.period_s

    def _idle(
        self, time_s: float, master: ClockSource, one: ClockSource, tick: Message
    ) -> tuple[Message, ...]:
        """A tick of a machine that was not started last."""
        away_s = time_s - master.last_s
        outranked = not master.was_started and (one.was_started or away_s > HOLD_S)
        if not outranked and away_s <= GONE_S:
            return NOTHING
        stop = self._stop(time_s)
        for other in self._sources.values():
            other.running = other.claims = False
        self._take(time_s, one)
        return (*stop, tick)

    def _take(self, time_s: float, one: ClockSource) -> None:
        """Give the box to ``one``."""
        self._master, self._waits = one, False
        for other in self._sources.values():
            other.phase, other.one_s = Phase(), time_s
