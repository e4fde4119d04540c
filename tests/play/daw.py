"""A DAW as drum machine: its song goes round a cycle, and it tells of every jump in its own way."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from lkjam_box.midi.messages import CONTINUE, START, STOP, TICK, Message, real_time, song_position
from lkjam_box.play.virtual_gig import Gig

F8, FA, FB, FC = map(real_time, (TICK, START, CONTINUE, STOP))
MANNERS: dict[str, Callable[[int], tuple[Message, ...]]] = {
    "nothing": lambda _: (),
    "stop, position, continue": lambda at: (FC, song_position(at), FB),
    "stop, continue, position": lambda at: (FC, FB, song_position(at)),
    "position": lambda at: (song_position(at),),
    "continue": lambda _: (FB,),
    "position, continue": lambda at: (song_position(at), FB),
}
FROM_0 = {
    "start": (FA,),
    "stop, start": (FC, FA),
    "stop, position, start": (FC, song_position(0), FA),
}
"""What some say instead where the cycle begins with the song."""
BAR_TICKS = 96


class Daw:
    """Sends the clock of a song into a gig. ``spread`` is how much of the time before a jump's tick
    its messages take; with ``between`` a tick falls after the first of them."""

    def __init__(self, gig: Gig, bpm: float, at_s: float = 0.1, late_s: float = 0.0, seed: int = 1):
        self.gig, self.now_s, self.period_s = gig, at_s, 60 / bpm / 24
        self.ticks_s: list[float] = []  # when they truly fell
        self._random, self._late_s = Random(seed), late_s

    def say(self, messages: tuple[Message, ...], before_s: float = 0.002) -> None:
        """Send ``messages`` in the ``before_s`` before the next tick."""
        for number, message in enumerate(messages):
            share = 1 - number / len(messages)
            self.gig.clock_byte(self.now_s - share * before_s, message)

    def tick(self, ticks: int) -> None:
        for _ in range(ticks):
            self.gig.clock_byte(self.now_s + self._random.uniform(0, self._late_s), F8)
            self.ticks_s.append(self.now_s)
            self.now_s += self.period_s

    def cycle(
        self, jump: tuple[Message, ...], first: int, ticks: int, times: int, spread: float = 0.1
    ) -> None:
        """Start, play ``first`` ticks; then jump and play ``ticks``, ``times`` times."""
        self.say((FA,))
        self.tick(first)
        for _ in range(times):
            self.say(jump, spread * self.period_s)
            self.tick(ticks)

    def time_of(self, beat: float) -> float:
        """When ``beat`` fell, counted from the first Start."""
        number = round(beat * 24)
        if number < len(self.ticks_s):
            return self.ticks_s[number]
        return self.now_s + (number - len(self.ticks_s)) * self.period_s
