"""The box's own clock, as master: it ticks all the time, so that slaves keep the tempo. Pure.

After Start the next tick is beat 0, for us as for the slaves. Tick times are counted from an
anchor, never added up, so nothing drifts; a change of tempo moves the anchor to where we are.
"""

from __future__ import annotations

from math import ceil, inf

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
from .place import Leading, Place
from .tick_filter import FASTEST_BPM, SLOWEST_BPM


class InternalClock:
    """Implements :class:`.clock.Clock`. Time begins with the first call."""

    def __init__(self, bpm: float = 120.0) -> None:
        self.running = False
        self.sync = Sync.INTERNAL
        self.bpm = bpm
        self.error_ms = self.off_s = self.ahead_beats = 0.0
        self._anchor_s, self._anchor_ticks = -inf, 0.0  # a time, and how many ticks by then
        self._due_tick = 0  # the first that was not sent
        self._first_tick = 0  # the one that is beat 0
        self._armed = 0  # START or CONTINUE, until the next tick
        self._held_ticks = 0.0  # song position while not running
        self._now_s = -inf
        self._output = bytearray()
        self._events: tuple[Transport, ...] = ()

    @property
    def display_bpm(self) -> float:
        return round(self.bpm, 1)

    def message(self, time_s: float, message: Message) -> tuple[Transport, ...]:
        """Take Start, Continue, Stop and Song Position; we need no ticks."""
        events = self.poll(time_s)
        kind = message.kind
        if kind == START:
            self._arm(START)
        elif kind == CONTINUE and not self.running and not self._armed:
            self._arm(CONTINUE)
        elif kind == STOP:
            was_running, self._held_ticks = self.running, self._song_ticks(self._now_s)
            self.running, self._armed = False, 0
            self._output.append(STOP)
            if was_running:
                events += (Transport.STOPPED,)
        elif kind == SONG_POSITION and not self.running:
            self._held_ticks = float(TICKS_PER_SIXTEENTH * message.sixteenths)
            events += (Transport.LOCATED,)
        return events

    def poll(self, time_s: float) -> tuple[Transport, ...]:
        """Send due ticks; the first one after Start or Continue is STARTED or CONTINUED."""
        self._advance(time_s)
        events, self._events = self._events, ()
        return events

    def next_poll_s(self) -> float:
        return self._tick_s(self._due_tick) if self._now_s > -inf else 0.0

    def line_is_here(self, time_s: float) -> tuple[Transport, ...]:
        """The next tick is beat 0, and we run; our slaves are told by Start."""
        events = self.poll(time_s)
        self._output.append(START)
        self._first_tick = self._due_tick
        self.running, self._armed = True, 0
        return (*events, Transport.LOCATED)

    def beat_at(self, time_s: float) -> float:
        return self._song_ticks(max(time_s, self._now_s)) / TICKS_PER_BEAT

    def time_of(self, beat: float) -> float:
        if not self.running:
            return inf
        return self._tick_s(self._first_tick + beat * TICKS_PER_BEAT)

    def go_to_song(self) -> None:
        """Does nothing: our own song never jumps."""

    def set_bpm(self, time_s: float, bpm: float) -> None:
        """Set the tempo from ``time_s`` on, clamped to 20 to 310 BPM; the beat does not jump."""
        self._now_s = max(time_s, self._now_s)
        if self._anchor_s > -inf:
            self._anchor_ticks, self._anchor_s = self._ticks(self._now_s), self._now_s
        self.bpm = min(max(bpm, SLOWEST_BPM), FASTEST_BPM)

    def take_output(self, time_s: float) -> bytes:
        """Status bytes due by now, in order: F8, FA, FB, FC."""
        self._advance(time_s)
        output = bytes(self._output)
        self._output.clear()
        return output

    def place(self) -> Place:
        return Leading(
            runs=self.running,
            armed=self._armed,
            bpm=self.bpm,
            anchor_s=max(self._anchor_s, 0.0),
            anchor_ticks=self._anchor_ticks,
            first_tick=self._first_tick,
            due_tick=self._due_tick,
            held_ticks=self._held_ticks,
        )

    def resume(self, time_s: float, place: Place, lost_s: float) -> tuple[Transport, ...]:
        """Go on with the tick after the last one of the clock that ended at ``lost_s``: slaves
        have counted no further, and wait for it."""
        if not isinstance(place, Leading):
            return ()
        self.bpm = place.bpm
        self._anchor_s, self._anchor_ticks = place.anchor_s, place.anchor_ticks
        self._first_tick, self._held_ticks = place.first_tick, place.held_ticks
        self._due_tick = place.due_tick
        while self._tick_s(self._due_tick) <= lost_s:
            self._due_tick += 1
        self._anchor_s, self._anchor_ticks = time_s, float(self._due_tick)
        self._now_s, self._armed, self.running = time_s, place.armed, place.runs
        return (Transport.FOUND,) if self.running else ()

    # --- inside

    def _arm(self, status: int) -> None:
        self._armed = status
        self._output.append(status)

    def _advance(self, time_s: float) -> None:
        """Send every tick that is due; the first after Start is beat 0."""
        if self._anchor_s == -inf:
            self._anchor_s = time_s
        self._now_s = max(time_s, self._now_s)
        while self._tick_s(self._due_tick) <= self._now_s:
            if self._armed:
                started = self._armed == START
                self._first_tick = self._due_tick - (0 if started else ceil(self._held_ticks))
                self._armed, self.running = 0, True
                self._events += (Transport.STARTED if started else Transport.CONTINUED,)
            self._output.append(TICK)
            self._due_tick += 1

    def _ticks(self, time_s: float) -> float:
        if self._anchor_s == -inf:
            return 0.0
        return self._anchor_ticks + (time_s - self._anchor_s) * self.bpm * TICKS_PER_BEAT / 60.0

    def _tick_s(self, tick: float) -> float:
        return self._anchor_s + (tick - self._anchor_ticks) * 60.0 / TICKS_PER_BEAT / self.bpm

    def _song_ticks(self, time_s: float) -> float:
        if not self.running:
            return self._held_ticks
        return max(self._ticks(time_s), self._due_tick - 1.0) - self._first_tick
