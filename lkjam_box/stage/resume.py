"""Where the stage is, written down so that a stage started after a crash goes on from there.

Written as often as the shared state, beside it. The clock's place is its last tick and tempo; the
rest is what no later message would tell: loops, tune, pending changes, controls.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..music.library import Library
from ..protocol.engine import ControlValues
from ..protocol.records import EngineId
from ..tempo.place import Following, Leading, Place
from ..turns.grid import Grid, Tune
from ..turns.scheduler import SchedulerPlace


class SavedGrid(msgspec.Struct, frozen=True, array_like=True):
    """A :class:`Grid`, its progression by name."""

    progression: str
    transpose: int
    turn_bars: int
    seats: tuple[int, ...]
    start_beats: float
    first_loop: int
    origin_beats: float

    @classmethod
    def of(cls, grid: Grid) -> SavedGrid:
        return cls(
            grid.tune.progression.name,
            grid.tune.transpose,
            grid.turn_bars,
            grid.seats,
            grid.start_beats,
            grid.first_loop,
            grid.origin_beats,
        )

    def grid(self, library: Library) -> Grid:
        """The grid again. Raises ProgressionError when its progression is gone."""
        index = library.find(self.progression)
        tune = Tune(library.get(index, self.transpose), index, self.transpose, library.number)
        return Grid(
            tune, self.seats, self.turn_bars, self.start_beats, self.first_loop, self.origin_beats
        )


class Resume(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """All that a new stage needs. ``controls`` and ``engines`` by seat."""

    time_s: float  # monotonic, when the stage was there
    clock: Place
    master: str  # device whose clock it is, '' for none
    scheduler: SchedulerPlace[SavedGrid]
    chosen: tuple[str, int, int]  # as `turns.chooser.Chooser.recall` takes it
    controls: dict[int, ControlValues]
    engines: dict[int, EngineId]
    offset_s: float
    settings: dict[str, Any] = {}  # as `protocol.choices.Choices` has them
    zones: tuple[int, int] = (0, 0)  # members of the lower and the upper MPE zone


PARTS = (Resume, SavedGrid, SchedulerPlace, Following, Leading)
"""All that is written without names."""
