"""Streams side by side in lanes, cut into windows for truncated back-propagation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..brain import features as f
from .streams import TARGETS, Stream


@dataclass(frozen=True, slots=True)
class Window:
    """[lanes, steps, ...] of each; ``fresh`` [lanes] marks lanes where a new solo begins,
    ``live`` [lanes, steps] the notes that are there."""

    ids: Tensor
    floats: Tensor
    last: Tensor
    root: Tensor
    targets: Tensor
    live: Tensor
    fresh: Tensor


def windows(
    streams: Sequence[Stream], lanes: int, steps: int, rng: random.Random
) -> Iterator[Window]:
    """All streams once. Each begins at a window's start, so state is reset only there."""
    rows: list[list[Stream]] = [[] for _ in range(lanes)]
    length = [0] * lanes
    for stream in sorted(streams, key=len, reverse=True):
        lane = min(range(lanes), key=length.__getitem__)
        rows[lane].append(stream)
        length[lane] += -(-len(stream) // steps)
    total = max(length) * steps
    ids = np.zeros((lanes, total, f.IDS), np.int64)
    floats = np.zeros((lanes, total, f.FLOATS), np.float32)
    last = np.zeros((lanes, total), np.int64)
    root = np.zeros((lanes, total), np.int64)
    targets = np.full((lanes, total, TARGETS), -1, np.int64)
    fresh = np.zeros((lanes, max(length)), bool)
    for lane, row in enumerate(rows):
        rng.shuffle(row)
        at = 0
        for stream in row:
            here = slice(at, at + len(stream))
            ids[lane, here], floats[lane, here] = stream.ids, stream.floats
            last[lane, here], root[lane, here] = stream.last, stream.root
            targets[lane, here] = stream.targets
            fresh[lane, at // steps] = True
            at += -(-len(stream) // steps) * steps
    arrays = [torch.from_numpy(a) for a in (ids, floats, last, root, targets)]
    live = arrays[4][:, :, 0] >= 0
    for number in range(max(length)):
        cut = slice(number * steps, (number + 1) * steps)
        a, b, c, d, e = (array[:, cut] for array in arrays)
        yield Window(a, b, c, d, e, live[:, cut], torch.from_numpy(fresh[:, number]))
