"""Where a stepper takes its inputs from and leaves its outputs: arrays that callers fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import features as f


@dataclass(slots=True, eq=False)
class Port:
    """Inputs of one note and what comes out of it: fill, :attr:`run`, read. Keeps nothing
    from one run to the next."""

    ids: f.I32  # [IDS]
    floats: f.F32  # [1, FLOATS]
    state: f.F32  # [1, hidden]
    out: f.F32  # the memory [1, hidden + input layer], for a note to draw the new state [1, hidden]
    run: Callable[[], None]


@dataclass(slots=True, eq=False)
class NotePort(Port):
    """Of a note to be drawn."""

    outputs: f.F32  # [1, OUTPUTS]
    # Bytes of further inputs and outputs, where a graph draws (see lkjam_box.brain.draw).
    draws: dict[str, memoryview] = field(default_factory=dict)
    user: object = None  # who filled them last
