"""The clock and the pattern of a drum machine, groovebox, arranger or DAW, manners and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..midi.messages import (
    CONTINUE,
    START,
    STOP,
    TICK,
    TICKS_PER_BEAT,
    TICKS_PER_SIXTEENTH,
    Message,
    note_off,
    note_on,
    real_time,
    song_position,
)
from .rig_ear import LOCAL
from .rig_instruments import Instrument, none_s

FIRST_TICK_S = 0.002  # after Start


@dataclass(frozen=True, slots=True)
class Pattern:
    """What it plays over and over: (tick, pitch) within ``ticks``, on ``channel`` (0..15)."""

    hits: Sequence[tuple[int, int]] = ((0, 36), (24, 38), (48, 36), (72, 38))
    channel: int = 9
    ticks: int = 96
    gate_ticks: int = 6


class Sequencer:
    """``idle``: it ticks from power-on, not only while it plays. ``ports`` get its clock.

    ``truth`` are the times of the ticks since the last Start or jump, by song position in ticks.
    ``swing`` moves every second sixteenth's ticks: 0.5 is even, 0.58 swings in the clock itself.
    ``send`` stands for how it leaves (a cable pulled in the middle loses it).
    """

    def __init__(
        self,
        instrument: Instrument,
        bpm: float = 120.0,
        *,
        idle: bool = False,
        ticks: bool = True,
        ports: Sequence[int] = (0,),
        pattern: Pattern | None = None,
        swing: float = 0.5,
        late_s: Callable[[], float] = none_s,
    ) -> None:
        self.instrument, self.bpm, self.idle, self.ticks = instrument, bpm, idle, ticks
        self.pattern, self.running, self.on = pattern, False, False
        self.stalled_until_s = 0.0
        self.cycle: tuple[int, int] | None = None  # ticks: at the second, ``jump`` to the first
        self.jump: Callable[[Sequencer, int], None] | None = None
        self.position = 0  # tick of the song that comes next
        self.truth: dict[int, float] = {}
        self._ports, self._swing, self._late_s = tuple(ports), swing, late_s
        self._run = 0  # which train of ticks is the living one

    # --- the player's fingers

    def power(self, time_s: float) -> None:
        """Switch it on: it ticks from now on if it idles so."""
        self._at(time_s, self._power)

    def off(self, time_s: float) -> None:
        """Switch it off: it ends as it is, without a Stop."""
        self._at(time_s, self._off)

    def start(self, time_s: float) -> None:
        self._at(time_s, self.start_now)

    def stop(self, time_s: float) -> None:
        self._at(time_s, self.stop_now)

    def go_on(self, time_s: float, sixteenths: int | None = None) -> None:
        """Continue, from a place if one is given."""
        self._at(time_s, lambda: self.continue_now(sixteenths))

    def stall(self, time_s: float, seconds: float) -> None:
        """Send nothing for a while, as a computer that is busy; ticks due meanwhile are lost."""
        self._at(time_s, lambda: setattr(self, "stalled_until_s", time_s + seconds))

    def say(self, time_s: float, *messages: Message) -> None:
        """Send transport by hand, the sequencer itself going on as it was."""
        for message in messages:
            self._at(time_s, partial(self._say, message))

    # --- now

    def start_now(self) -> None:
        self.position, self.truth = 0, {}
        self._say(real_time(START))
        self._roll()

    def stop_now(self) -> None:
        if self.running:
            self.running = False
            self._say(real_time(STOP))
            self._end_notes()
            if not self.idle:
                self._run += 1

    def continue_now(self, sixteenths: int | None = None) -> None:
        if sixteenths is not None:
            self.locate_now(sixteenths)
        self._say(real_time(CONTINUE))
        self._roll()

    def locate_now(self, sixteenths: int) -> None:
        self.position, self.truth = sixteenths * TICKS_PER_SIXTEENTH, {}
        self._say(song_position(sixteenths))

    def beat_at(self, time_s: float) -> float:
        """The song's true place in beats, from the last tick before ``time_s``."""
        ticks = [tick for tick, at_s in self.truth.items() if at_s <= time_s]
        if not ticks:
            return 0.0
        last = max(ticks)
        return (last + (time_s - self.truth[last]) / self.period_s) / TICKS_PER_BEAT

    def time_of(self, beat: float) -> float:
        """When that beat of the song fell since the last Start or jump."""
        return self.truth[round(beat * TICKS_PER_BEAT)]

    @property
    def period_s(self) -> float:
        return 60 / self.bpm / TICKS_PER_BEAT

    # --- inside

    def _at(self, time_s: float, do: Callable[[], object]) -> None:
        self.instrument.gig.at(time_s, lambda: (do(), None)[1])

    def _power(self) -> None:
        self.on = True
        if self.idle and not self.running:
            self._run += 1
            self._tick(self._run, self._now_s)

    def _off(self) -> None:
        self.on = self.running = False
        self._run += 1

    def _roll(self) -> None:
        self.running = self.on = True
        self._run += 1
        if self.ticks:
            run, due_s = self._run, self._now_s + FIRST_TICK_S
            self.instrument.gig.at(due_s, lambda: self._tick(run, due_s))

    def _tick(self, run: int, due_s: float) -> None:
        """One tick, and the next one after it."""
        if run != self._run:
            return
        if self.running and self.cycle and self.jump and self.position == self.cycle[1]:
            self.jump(self, self.cycle[0])
            if run != self._run:
                return
        if self.running:
            self.truth[self.position] = due_s
        late_s = self._late_s()
        if late_s > 0:
            self.instrument.gig.at(due_s + late_s, lambda: self._say(real_time(TICK)))
        else:
            self._say(real_time(TICK))
        if self.running:
            self._play_pattern()
            self.position += 1
        next_s = due_s + self.period_s * self._stretch()
        self.instrument.gig.at(next_s, lambda: self._tick(run, next_s))

    def _stretch(self) -> float:
        """How long the tick that has begun lasts: swing makes first sixteenths longer."""
        first = (self.position - 1) // TICKS_PER_SIXTEENTH % 2 == 0
        return 2 * (self._swing if first else 1 - self._swing)

    def _play_pattern(self) -> None:
        pattern = self.pattern
        if pattern is None or self._now_s < self.stalled_until_s:
            return
        place = self.position % pattern.ticks
        for tick, pitch in pattern.hits:
            if place == tick:
                self._note(note_on(pattern.channel, pitch, 100))
            if place == (tick + pattern.gate_ticks) % pattern.ticks:
                self._note(note_off(pattern.channel, pitch))

    def _end_notes(self) -> None:
        if self.pattern is not None:
            for pitch in dict.fromkeys(pitch for _, pitch in self.pattern.hits):
                self._note(note_off(self.pattern.channel, pitch))

    def _note(self, message: Message) -> None:
        if self.instrument.sounds:
            self.instrument.ear.hear(self._now_s, message, LOCAL)
        self.instrument.send(message)

    def _say(self, message: Message) -> None:
        if self._now_s >= self.stalled_until_s:
            for port in self._ports:
                self.instrument.send(message, port)

    @property
    def _now_s(self) -> float:
        return self.instrument.gig.now_s


# --- how a DAW's cycle jumps


def stop_locate_continue(sequencer: Sequencer, tick: int) -> None:
    """Logic: Stop, Song Position, Continue."""
    sequencer._say(real_time(STOP))
    sequencer.continue_now(tick // TICKS_PER_SIXTEENTH)


def locate_only(sequencer: Sequencer, tick: int) -> None:
    """Song Position alone, the ticks going on (Logic; Live at a loop's rollover)."""
    sequencer.locate_now(tick // TICKS_PER_SIXTEENTH)


def start_again(sequencer: Sequencer, tick: int) -> None:
    """A Start at the jump; the song's place is the beginning."""
    sequencer.start_now()


def continue_again(sequencer: Sequencer, tick: int) -> None:
    """A Continue at every loop's start, nothing else."""
    sequencer._say(real_time(CONTINUE))
    sequencer.position, sequencer.truth = tick, {}


JUMPS = {
    "stop": stop_locate_continue,
    "locate": locate_only,
    "start": start_again,
    "continue": continue_again,
}
