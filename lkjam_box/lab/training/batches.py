"""Streams side by side in lanes, cut into windows for truncated back-propagation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...brain import features as f
from .streams import TARGETS, Stream


@dataclass(frozen=True, slots=True)
class Window:
    """``steps`` notes of every lane: ids [lanes, steps, IDS], floats [lanes, steps, FLOATS].

    ``carried`` [lanes, 1] multiplies the state: 0 where a stream begins, else 1. ``live`` [n]:
    which of lanes x steps hold a note, not padding; live_ids, last, root and targets have a
    row for each. ``counts`` [TARGETS]: targets in this window, over all processes.
    """

    ids: Tensor
    floats: Tensor
    carried: Tensor
    live: Tensor
    live_ids: Tensor
    last: Tensor
    root: Tensor
    targets: Tensor
    counts: Tensor


class Windows(Sequence[Window]):
    """All streams once, in ``lanes`` lanes; process ``rank`` of ``ranks`` holds its share of them.
    Each stream begins at a window's start, so state is reset only there. All processes have
    the same number of windows; some windows may be without notes.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        lanes: int,
        steps: int,
        rng: random.Random,
        device: torch.device | str = "cpu",
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        rows = _laid_out(streams, lanes, steps, rng)
        self._steps = steps
        self._count = max(sum(-(-len(s) // steps) for s in row) for row in rows)
        counts = np.zeros((self._count, TARGETS), np.int64)
        for row in rows:
            for number, stream in _placed(row, steps):
                there = stream.targets >= 0
                sums = np.add.reduceat(there, np.arange(0, len(there), steps), 0, np.int64)
                counts[number : number + len(sums)] += sums
        self._counts = torch.from_numpy(counts).to(device)
        rows = rows[rank::ranks]
        self.lanes = len(rows)
        total = self._count * steps
        ids = np.zeros((self.lanes, total, f.IDS), np.int32)
        floats = np.zeros((self.lanes, total, f.FLOATS), np.float32)
        rest = np.full((self.lanes, total, 2 + TARGETS), -1, np.int32)  # last, root, targets
        carried = np.ones((self._count, self.lanes, 1), np.float32)
        for lane, row in enumerate(rows):
            for number, stream in _placed(row, steps):
                here = slice(number * steps, number * steps + len(stream))
                ids[lane, here], floats[lane, here] = stream.ids, stream.floats
                rest[lane, here, 0], rest[lane, here, 1] = stream.last, stream.root
                rest[lane, here, 2:] = stream.targets
                carried[number, lane] = 0.0
        arrays = [torch.from_numpy(a).to(device) for a in (ids, floats, rest, carried)]
        self._ids, self._floats, self._rest, self._carried = arrays

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> Window:  # type: ignore[override]
        if not 0 <= number < self._count:
            raise IndexError(number)
        cut = slice(number * self._steps, (number + 1) * self._steps)
        ids = self._ids[:, cut].long()
        rest = self._rest[:, cut].flatten(0, 1)
        live = (rest[:, 2] >= 0).nonzero().squeeze(1)
        rest = rest[live].long()
        return Window(
            ids=ids,
            floats=self._floats[:, cut],
            carried=self._carried[number],
            live=live,
            live_ids=ids.flatten(0, 1)[live],
            last=rest[:, 0],
            root=rest[:, 1],
            targets=rest[:, 2:],
            counts=self._counts[number],
        )


def _laid_out(
    streams: Sequence[Stream], lanes: int, steps: int, rng: random.Random
) -> list[list[Stream]]:
    """The streams of each lane: lanes of about equal length, streams in random order."""
    rows: list[list[Stream]] = [[] for _ in range(lanes)]
    length = [0] * lanes
    for stream in sorted(streams, key=len, reverse=True):
        lane = min(range(lanes), key=length.__getitem__)
        rows[lane].append(stream)
        length[lane] += -(-len(stream) // steps)
    for row in rows:
        rng.shuffle(row)
    return rows


def _placed(row: Sequence[Stream], steps: int) -> Iterator[tuple[int, Stream]]:
    """(number of its first window, stream) for each stream of a lane."""
    at = 0
    for stream in row:
        yield at, stream
        at += -(-len(stream) // steps)
