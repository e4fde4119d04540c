"""From instructions to time on the computers the box is made for, and what has to be done by when.

Nobody has run the box on them: these are estimates, and this is what they rest on. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Board:
    """G instructions/s of one core: with all in its caches, and with this box's misses."""

    name: str
    core: str
    hot: float
    cold: float
    basis: str

    def seconds(self, instructions: float) -> tuple[float, float]:
        """The least and the most that so many take."""
        return instructions / self.hot / 1e9, instructions / self.cold / 1e9


_TABLE = "a public Python benchmark's time on a 3B+ over its instructions, counted: 263 G"
BOARDS = (
    Board("Zero 2 W", "A53 at 1.0 GHz", 0.85, 0.39, "the 3B+, per clock"),
    Board("3B+", "A53 at 1.4 GHz", 1.1, 0.49, _TABLE),
    Board("Pi 4", "A72 at 1.5-1.8 GHz", 2.5, 1.07, "the same table"),
    Board("Pi 5", "A76 at 2.4 GHz", 6.2, 2.9, "pyperformance of CPython on a Pi 5"),
)
SLOWEST = BOARDS[0]
MISSES = (
    "Cache misses in 1000 instructions of this box: 23 of level 1 for instructions, 12 for data; "
    "of level 2 6.3 (512 KB), 3.5 (1 MB), 0.7 (2 MB)."
)
DEADLINES_MS = {  # and what sets it
    "tick": (8.3, "the next tick at 300 BPM"),
    "thru note": (3.0, "felt as at once"),
    "stage: longest work": (3.0, "a thru note waits for it"),
    "panel: frame": (33.3, "the next frame"),
    "brain: heard note": (100.0, "the next note"),
    "last note to the answer's first": (4.0, "the grace at a line"),
    "brain: answer of 32 notes": (120.0, "asked again by every note"),
}
