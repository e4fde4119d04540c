"""A variable-order Markov memory: which steps followed the last one, two, three, four. Pure.

After Pachet's Continuator (2003) and prediction by partial matching (Cleary and Witten,
1984): the longest known context is tried first, and left for a shorter one (an escape) the
more often, the less it has been heard. The oldest steps are forgotten one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from random import Random

ORDER = 4
MAX_STEPS = 2048  # older ones are forgotten
START = 1000  # stands for the beginning of a phrase

Step = tuple[int, int, float]  # semitones, twelfths of a beat, share of them that sounds

_ESCAPE = 1.5
_RHYTHM = tuple(sum(t > edge for edge in (2, 4, 7, 10, 14)) for t in range(49))


def symbol(interval: int, twelfths: int) -> int:
    """A step as one number for contexts: its interval, and its length in one of six classes."""
    return 1 + (max(-12, min(12, interval)) + 12) * 6 + _RHYTHM[max(0, min(48, twelfths))]


class Suffixes:
    """Steps by the symbols before them, newest last."""

    def __init__(self, max_steps: int = MAX_STEPS) -> None:
        self._max_steps = max_steps
        self._next: dict[int, list[Step]] = {}
        self._learned: deque[list[int]] = deque()

    def __len__(self) -> int:
        return len(self._learned)

    def learn(self, context: Sequence[int], step: Step) -> None:
        codes = _codes(context)
        for code in codes:
            self._next.setdefault(code, []).append(step)
        self._learned.append(codes)
        if len(self._learned) > self._max_steps:
            for code in self._learned.popleft():
                steps = self._next[code]
                del steps[0]
                if not steps:
                    del self._next[code]

    def followers(self, context: Sequence[int], random: Random) -> list[Step]:
        """Steps that followed the context's end, oldest first; empty if none did or all escaped."""
        if not self._next:
            return []
        for code in reversed(_codes(context)):
            steps = self._next.get(code)
            if steps and random.random() < len(steps) / (len(steps) + _ESCAPE):
                return steps
        return []

    def clear(self) -> None:
        self._next.clear()
        self._learned.clear()


def _codes(context: Sequence[int]) -> list[int]:
    """One number for each of the last 1 .. ORDER symbols."""
    codes = []
    code = 0
    for index in range(1, min(ORDER, len(context)) + 1):
        code = code * 1024 + context[-index]
        codes.append(code)
    return codes
