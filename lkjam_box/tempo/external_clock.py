"""A drum machine's clock: where we are and when, by the rules of MIDI clock. Pure.

The count of ticks says where we are; the follower only says when ticks fall. A late tick
does not stop the music: beats go on as foretold, for ``freewheel_beats``; then the clock is
LOST. When ticks return after that, the place is where it would be had they never stopped
(a pulled cable does not stop the machine); Start, or Song Position and Continue, correct the
place in any other case.

A Stop that Start or Continue follows within two ticks is no stop: the song jumped, as a DAW's does
at the end of its cycle. So is a Start while the clock runs. Beats go on over a jump, and
``ahead_beats`` says how far they are ahead of the song's place.
"""

from __future__ import annotations

from dataclasses import dataclass
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
)
from ..protocol.shared_state import Sync
from .clock import Transport
from .follower import Follower
from .place import Following, Place, Rejoin
from .sticky import ShownTempo

LEAST_SILENCE_S, LEAST_SILENCE_TICKS = 0.25, 4.0
_OVERDUE_S = 0.1  # without a tick, and four periods: FREEWHEEL is shown
_JOIN_TICKS = 4  # that must have come before a line can be set by hand
_BEHIND_TICKS = 1.0  # the beat is never further behind the count than this
_ERROR_GAIN = 0.125
JUMP_TICKS, JUMP_S = 2.0, 0.005  # from Stop to Start or Continue, at most, where the song jumps:
# about a tick, and the next tick, with which a gate may hand them on
QUIET_S = 0.018  # from Stop until nothing sounds, be it a jump or not

_TICK_BPM = 60.0 / TICKS_PER_BEAT

NOTHING: tuple[Transport, ...] = ()


@dataclass(slots=True)
class _Halt:
    """A Stop that may turn out to be a jump."""

    quiet_s: float  # when nothing may sound any more
    until_s: float  # when it is a stop
    ticks: int = 0  # since Stop: the song does not count them
    located: int | None = None  # Song Position since Stop


class ExternalClock:
    """Implements :class:`.clock.Clock`. ``freewheel_beats`` as in the options.

    ``position_ticks`` is the song position: while running, the number of the tick that the last F8
    was; before Start or after Song Position, the number of the next one.
    """

    def __init__(self, freewheel_beats: float = 2.0) -> None:
        self.follower = Follower()
        self.running = False
        self.sync = Sync.WAITING
        self.error_ms = 0.0
        self.position_ticks = 0
        self._patience_ticks = max(freewheel_beats * TICKS_PER_BEAT, LEAST_SILENCE_TICKS)
        self._shown = ShownTempo()
        self._armed = 0  # START or CONTINUE, until the next tick
        self._jumps = False  # which goes on after a jump
        self._halt: _Halt | None = None  # while a Stop may be a jump
        self._stopped = False  # by Stop; sticky
        self._lost = False  # was running when the clock went
        self._next_tick = 0  # number of the next F8, on the timeline of beats
        self._ahead_ticks = 0  # of the song position
        self._held_beats = 0.0  # the last beat told; no smaller one is told after it
        self._now_s = self._last_s = -inf
        self._overdue_at_s = self._silent_at_s = -inf  # when the next tick is overdue, given up
        self._unheard = False  # ticks may have passed unheard since the last one
        self._rejoin: Rejoin | None = None  # while the first ticks after that come

    # --- as in the protocol

    @property
    def bpm(self) -> float:
        return _TICK_BPM / self.follower.state[1]

    @property
    def display_bpm(self) -> float:
        return self._shown.bpm

    @property
    def off_s(self) -> float:
        return self.follower.error_s

    def message(self, time_s: float, message: Message) -> tuple[Transport, ...]:
        events = self.poll(time_s)
        time_s = self._now_s
        kind = message.kind
        if kind == TICK:
            return events + self._tick(time_s)
        if kind in (START, STOP) and self._rejoin is not None and self._rejoin.times_s:
            self._give_up(time_s)  # it ran when we were cut off, and ticks: it runs
            self.running = True
        if kind == START:
            self._rejoin = None
            self._arm(START)
        elif kind == CONTINUE:
            if self._halt is not None or not (self.running or self._armed):
                self._give_up(time_s)
                self._arm(CONTINUE)
        elif kind == STOP:
            self._stop(time_s)
        elif kind == SONG_POSITION:
            events += self._locate(TICKS_PER_SIXTEENTH * message.sixteenths)
        self._show()
        return events

    def poll(self, time_s: float) -> tuple[Transport, ...]:
        """Notice a Stop that is no jump, and ticks that did not come: FREEWHEEL, later LOST."""
        if time_s > self._now_s:
            self._now_s = time_s
        events = self._halted() if self._halt is not None else NOTHING
        if self._now_s < self._overdue_at_s:
            return events
        if self.running and self._now_s >= self._silent_at_s:
            self._hold(self._now_s)
            self.running, self._lost, self._armed, self._jumps = False, True, 0, False
            events += (Transport.LOST,)
        self._show()
        return events

    def next_poll_s(self) -> float:
        """When a Stop has to be silent, later STOPPED, or it is FREEWHEEL, later NO CLOCK, if
        nothing comes; infinity after that."""
        if self._halt is None and self._now_s < self._overdue_at_s < self._silent_at_s:
            return self._overdue_at_s
        dues_s = [self._overdue_at_s, self._silent_at_s]
        if self._halt is not None:
            dues_s += [self._halt.quiet_s, self._halt.until_s]
        return min((due_s for due_s in dues_s if due_s > self._now_s), default=inf)

    def line_is_here(self, time_s: float) -> tuple[Transport, ...]:
        """The tick nearest to now is beat 0, and we run; nothing happens without a clock."""
        events = self.poll(time_s)
        time_s, follower = self._now_s, self.follower
        self._give_up(time_s)
        if self._now_s >= self._silent_at_s or follower.count < _JOIN_TICKS:
            return events
        follower.forget()
        ahead_ticks = (follower.next_s - time_s) / follower.period_s
        self._next_tick, self._ahead_ticks = round(ahead_ticks), 0
        self.position_ticks = self._next_tick - 1
        self.running, self._stopped, self._lost, self._armed = True, False, False, 0
        self._halt, self._jumps = None, False
        self._held_beats = min(self._filtered_beats(time_s), 0.0)
        self._show()
        return (*events, Transport.LOCATED)

    def beat_at(self, time_s: float) -> float:
        if self.running:
            next_s, period_s, *_ = self.follower.state
            beat = (self._next_tick + (time_s - next_s) / period_s) / TICKS_PER_BEAT
            if beat > self._held_beats:
                self._held_beats = beat
        return self._held_beats

    def time_of(self, beat: float) -> float:
        if not self.running:
            return inf
        next_s, period_s, *_ = self.follower.state
        return next_s + (beat * TICKS_PER_BEAT - self._next_tick) * period_s

    @property
    def ahead_beats(self) -> float:
        return self._ahead_ticks / TICKS_PER_BEAT

    def go_to_song(self) -> None:
        self._next_tick -= self._ahead_ticks
        self._ahead_ticks = 0
        self._held_beats = self.position_ticks / TICKS_PER_BEAT

    def set_bpm(self, time_s: float, bpm: float) -> None:
        """Does nothing: the drum machine sets the tempo."""

    def take_output(self, time_s: float) -> bytes:
        return b""

    def place(self) -> Place:
        follower = self.follower
        return Following(
            runs=self.running or self._lost or self._halt is not None,
            stopped=self._stopped,
            armed=0 if self._jumps else self._armed,
            next_tick=self._next_tick,
            ahead_ticks=self._ahead_ticks,
            held_beats=self._held_beats,
            last_s=self._last_s if self._last_s > -inf else 0.0,
            known=follower.known,
            filter=follower.state,
            noise_s=follower.noise_s,
        )

    def resume(self, time_s: float, place: Place, lost_s: float) -> tuple[Transport, ...]:
        """Go on from ``place`` of a clock that ended: once ticks come, the count is what it would
        be had that clock heard them all. Start, Stop or Song Position sent meanwhile are missed."""
        if not isinstance(place, Following) or place.known < 2:
            return NOTHING
        self.follower.resume(place.filter, place.known, place.noise_s)
        self._now_s, self._last_s = time_s, min(place.last_s, time_s)
        self._next_tick, self._held_beats = place.next_tick, place.held_beats
        self._ahead_ticks = place.ahead_ticks
        self._stopped, self._unheard = place.stopped, True
        self._expect()
        ticked = time_s < self._silent_at_s
        if place.armed and not ticked:
            self._armed = place.armed
        elif place.runs or place.armed:  # armed while it ticked: the next tick was the first
            if place.armed == START:
                self._next_tick, self._ahead_ticks, self._held_beats = 0, 0, 0.0
            self._lost, self._rejoin = True, Rejoin(place.filter)
        self.position_ticks = self._next_tick - self._ahead_ticks
        self._show()
        return NOTHING

    # --- inside

    def _rejoined(self, time_s: float) -> tuple[Transport, ...]:
        """Take one of the first ticks after nobody listened; FOUND once they tell the place."""
        rejoin, self._last_s = self._rejoin, time_s
        self._expect()
        missed = rejoin.tick(time_s) if rejoin is not None else None
        if rejoin is None or missed is None:
            self._show()
            return NOTHING
        self._rejoin, self._unheard = None, False
        self.follower.skip(missed)
        self._next_tick += missed + len(rejoin.times_s)
        for number, heard_s in enumerate(rejoin.times_s):
            self._next_tick += self.follower.tick(heard_s, fresh=not number)
        self.position_ticks = self._next_tick - 1 - self._ahead_ticks
        self.running, self._lost = True, False
        self._held_beats = max(self._held_beats, (self._next_tick - 1) / TICKS_PER_BEAT)
        self._show()
        return (Transport.FOUND,)

    def _give_up(self, time_s: float) -> None:
        """Stop waiting for ticks that tell the place; take the foretold one."""
        if self._rejoin is not None:
            self._rejoin, self._unheard, self._lost = None, False, False
            self._next_tick += self._skip(time_s)

    def _skip(self, time_s: float) -> int:
        """Skip the ticks foretold between the last one heard and ``time_s``; returns how many."""
        follower = self.follower
        missed = max(round((time_s - follower.next_s) / follower.period_s), 0)
        follower.skip(missed)
        return missed

    def _tick(self, time_s: float) -> tuple[Transport, ...]:
        if self._rejoin is not None:
            return self._rejoined(time_s)
        follower = self.follower
        silent = self._now_s >= self._silent_at_s or self._unheard
        returning = self._lost and not self._armed
        self._unheard = False
        if silent and follower.count:
            missed = self._skip(time_s)
            if returning:
                self._next_tick += missed
        fresh = silent or bool(self._armed)
        lost = follower.tick(time_s, fresh=fresh)
        self._last_s = time_s
        self._expect()
        self.error_ms += _ERROR_GAIN * (1000.0 * follower.error_s - self.error_ms)
        self._shown.tick(time_s, follower, bool(fresh or lost))
        events = NOTHING
        if self._armed:
            events = self._begin()
        elif returning:
            self.running, self._lost = True, False
            events = (Transport.FOUND,)
        elif self.running or self._halt is not None:
            self._next_tick += lost
        if self._halt is not None:  # the song stands still, beats do not
            self._halt.ticks += lost + 1
            self._ahead_ticks += lost + 1
        elif self.running:
            self.position_ticks = self._next_tick - self._ahead_ticks
        if self.running or self._halt is not None:
            self._next_tick += 1
        if self.running:
            least_beats = (self._next_tick - 1 - _BEHIND_TICKS) / TICKS_PER_BEAT
            self._held_beats = max(self._held_beats, least_beats)
        self._show()
        return events

    def _arm(self, kind: int) -> None:
        """Wait for the tick with which the song begins, goes on or, if it plays, has jumped."""
        halt, self._halt = self._halt, None
        ticks_come = self._now_s < self._overdue_at_s
        self._jumps = halt is not None or (self.running and ticks_come)
        if halt is not None:
            self.running = True
            if halt.located is not None:
                self._ahead_ticks = self._next_tick - halt.located
        self._armed, self._stopped, self._lost = kind, False, False

    def _begin(self) -> tuple[Transport, ...]:
        """Run from the first tick after Start or Continue."""
        started, jumped = self._armed == START, self._jumps
        self._armed, self._jumps, self.running = 0, False, True
        if started:
            self._ahead_ticks = self._next_tick if jumped else 0
        if jumped:
            return (Transport.JUMPED,)
        if started:
            self._next_tick = 0
        beat = self._next_tick / TICKS_PER_BEAT
        self._held_beats = beat if started else min(self._held_beats, beat)
        return (Transport.STARTED if started else Transport.CONTINUED,)

    def _stop(self, time_s: float) -> None:
        self._armed, self._jumps = 0, False
        if self._halt is not None:
            return
        if self.running:
            wait_s = JUMP_TICKS * self.follower.period_s + JUMP_S
            self._halt = _Halt(time_s + min(QUIET_S, wait_s), time_s + wait_s)
            return
        self._give_up(time_s)
        self.running, self._stopped, self._lost = False, True, False

    def _halted(self) -> tuple[Transport, ...]:
        """Notice that a Stop was no jump."""
        halt, events = self._halt, NOTHING
        assert halt is not None
        if self.running and self._now_s >= halt.quiet_s:
            self._hold(halt.quiet_s)
            self.running = False
        if self._now_s >= halt.until_s:
            self._halt, self._stopped = None, True
            self._next_tick -= halt.ticks
            self._ahead_ticks -= halt.ticks
            events = (Transport.STOPPED,)
            if halt.located is not None:
                events += self._locate(halt.located)
            self._show()
        return events

    def _locate(self, tick: int) -> tuple[Transport, ...]:
        """Song Position: honoured while stopped; Start begins at 0 whatever it says."""
        if self._armed == START or (self._rejoin and self._rejoin.times_s):
            return NOTHING
        if self._halt is not None:
            self._halt.located = tick
            return NOTHING
        if self.running:
            if self._jumps:
                self._ahead_ticks = self._next_tick - tick
            return NOTHING
        self._rejoin = None
        self._lost = False
        self.position_ticks = tick
        if abs(tick + self._ahead_ticks - self._next_tick) < TICKS_PER_SIXTEENTH:
            self._next_tick = tick + self._ahead_ticks  # where it is, as exactly as it can be said
            return NOTHING
        self._next_tick, self._ahead_ticks = tick, 0
        self._held_beats = tick / TICKS_PER_BEAT
        return (Transport.LOCATED,)

    def _filtered_beats(self, time_s: float) -> float:
        follower = self.follower
        ticks = self._next_tick + (time_s - follower.next_s) / follower.period_s
        return ticks / TICKS_PER_BEAT

    def _hold(self, time_s: float) -> None:
        self._held_beats = max(self._held_beats, self._filtered_beats(time_s))

    def _expect(self) -> None:
        """A tick has come: foretell when the next is overdue, and when no more is expected."""
        period_s = self.follower.state[1]
        self._overdue_at_s = self._last_s + max(_OVERDUE_S, LEAST_SILENCE_TICKS * period_s)
        self._silent_at_s = self._last_s + max(LEAST_SILENCE_S, self._patience_ticks * period_s)

    def _show(self) -> None:
        """Put the state in the words of the screen."""
        if self._now_s >= self._silent_at_s:
            self.sync = Sync.NO_CLOCK if self._lost else Sync.WAITING
        elif self._stopped:
            self.sync = Sync.STOPPED
        elif self.running and self._now_s >= self._overdue_at_s:
            self.sync = Sync.FREEWHEEL
        else:
            self.sync = Sync.LOCKED if self.follower.settled else Sync.LOCKING
