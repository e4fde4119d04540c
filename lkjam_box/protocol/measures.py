"""All that the stage measures, in one block of numbers that others may look at. Pure.

The block lies behind the snapshot in the shared state and is counted up in place: showing it costs
nothing, and it outlives the stage, so that a stage started again goes on counting.
"""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence, Sequence

from .histogram import SLOTS as _SLOTS
from .histogram import Figures, Histogram

HISTOGRAMS = {
    "lateness": "notes on the wire, after their time",
    "thru": "keyboard in to synth out",
    "jitter": "clock ticks off the foretold time, while locked",
    "brain_first": "brain asked to first note",
    "brain_whole": "brain asked to whole answer",
    "lag": "stage awake after its time",
}
COUNTERS = {  # room for so many
    "sync_ms": 16,  # time spent in each Sync
    "sync_times": 16,  # how often it was entered
    "warning_times": 32,  # how often each WarningId came on
}
SLOTS = {**dict.fromkeys(HISTOGRAMS, _SLOTS), **COUNTERS}
_BYTES, _LARGEST = 8, 2**64 - 1  # of a number
SIZE = _BYTES * sum(SLOTS.values())  # bytes of the block


class Measures:
    """Counts in ``block``, :data:`SIZE` writable bytes; without one, in memory of its own."""

    def __init__(self, block: memoryview | None = None) -> None:
        if block is None:
            block = memoryview(array("Q", bytes(SIZE))).cast("B")
        parts = split(block)
        self.lateness = Histogram(parts["lateness"])
        self.thru = Histogram(parts["thru"])
        self.jitter = Histogram(parts["jitter"])
        self.brain_first = Histogram(parts["brain_first"])
        self.brain_whole = Histogram(parts["brain_whole"])
        self.lag = Histogram(parts["lag"])
        self.sync_ms = parts["sync_ms"]
        self.sync_times = parts["sync_times"]
        self.warning_times = parts["warning_times"]


def split(block: memoryview) -> dict[str, memoryview]:
    """The block's parts by name, as unsigned numbers."""
    parts, start = {}, 0
    for name, slots in SLOTS.items():
        parts[name] = block[start : start + _BYTES * slots].cast("Q")
        start += _BYTES * slots
    return parts


def count(counts: MutableSequence[int] | memoryview, which: int, by: int = 1) -> None:
    """Add ``by`` to one of ``counts``; one that is full stays as it is."""
    counts[which] = min(counts[which] + by, _LARGEST)


def figures(block: bytes, name: str) -> Figures:
    """A histogram of a block that was read; all 0 where the block is empty."""
    return Figures(counts(block, name))


def counts(block: bytes, name: str) -> Sequence[int]:
    """A counter, or the bare slots of a histogram, of a block that was read."""
    if len(block) != SIZE:
        return (0,) * SLOTS[name]
    return split(memoryview(block))[name].tolist()
