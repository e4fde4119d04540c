"""What a strategy makes of the call, for the Markov engine. Pure.

Imitation repeats the player's last phrase, inversion turns its intervals round; continuation
goes on from the last note; contrast avoids register, pace and steps of the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from ..protocol.engine import Strategy
from .suffixes import Step

_EIGHTH = 6  # twelfths of a beat; a call whose mean step is longer is not busy
_SPARSE, _BUSY = 1, 5

# By density: how often a step is doubled, how often halved, and how long rests are.
_PACES = {
    0: (0.0, 0.0, 1.0),
    1: (0.9, 0.0, 1.8),
    2: (0.45, 0.0, 1.3),
    3: (0.0, 0.0, 1.0),
    4: (0.0, 0.45, 0.7),
    5: (0.0, 0.9, 0.5),
}


@dataclass(frozen=True, slots=True)
class Motif:
    """A phrase of the player's: its steps, its first pitch and where in the bar that fell."""

    steps: tuple[Step, ...] = ()
    pitch: int = 0
    place_beats: float = 0.0

    @property
    def offsets(self) -> tuple[int, ...]:
        """Semitones of every note over the first one."""
        return tuple(accumulate((interval for interval, _, _ in self.steps), initial=0))

    @property
    def twelfths(self) -> int:
        """From the first onset to the last, in twelfths of a beat."""
        return sum(step[1] for step in self.steps)

    def inverted(self) -> Motif:
        """Every interval turned round; lowest and highest pitch stay the same."""
        lowest, highest = min(self.offsets), max(self.offsets)
        steps = tuple((-interval, twelfths, share) for interval, twelfths, share in self.steps)
        return Motif(steps, self.pitch + lowest + highest, self.place_beats)

    def first_pitch(self, low: int, high: int, pitch: int) -> int:
        """A first pitch that keeps the phrase in the window, if it fits: ``pitch`` by octaves."""
        lowest, highest = low - min(self.offsets), high - max(self.offsets)
        if lowest > highest:
            return (lowest + highest) // 2
        while pitch < lowest and pitch + 12 <= highest:
            pitch += 12
        while pitch > highest and pitch - 12 >= lowest:
            pitch -= 12
        return max(lowest, min(highest, pitch))


@dataclass(frozen=True, slots=True)
class Pace:
    """How rhythms change with density: chance of doubling a step, of halving, factor on rests."""

    doubled: float
    halved: float
    rests: float

    def step(self, twelfths: int, random: Random) -> int:
        """Twelfths to the next note, doubled or halved by chance; no draw if neither may be."""
        if self.doubled:
            return twelfths * 2 if random.random() < self.doubled else twelfths
        if self.halved and random.random() < self.halved:
            return max(3, twelfths // 2)
        return twelfths


def said_again(strategy: Strategy, motif: Motif) -> Motif:
    """The motif to repeat; empty when the strategy repeats none, or none was heard."""
    if strategy is Strategy.IMITATION:
        return motif
    return motif.inverted() if strategy is Strategy.INVERSION else Motif()


def pace_of(strategy: Strategy, density: int, heard: Sequence[Step]) -> Pace:
    """The pace of ``density``; at 0 a contrast to a busy call is sparse, to a sparse one busy."""
    if density == 0 and strategy is Strategy.CONTRAST and heard:
        mean = sum(step[1] for step in heard) / len(heard)
        density = _SPARSE if mean <= _EIGHTH else _BUSY
    return Pace(*_PACES[density])


def centre_of(strategy: Strategy, pitch: float, low: int, high: int) -> float:
    """The pitch an answer stays near: ``pitch``; for a contrast the window's other end."""
    if strategy is not Strategy.CONTRAST:
        return pitch
    third = (high - low) / 6
    return high - third if pitch < (low + high) / 2 else low + third
