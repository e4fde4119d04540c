"""Where the stage is, kept so that one started again goes on from there.

Written as often as the shared state, beside it. The clock's place is its last tick and tempo; the
rest is what no later message would tell: loops, tune, pending changes, controls.
"""

from __future__ import annotations

import msgspec

from ..music.library import Library
from ..protocol.engine import ControlValues
from ..protocol.records import EngineId, Turn
from ..protocol.shared_state import Mode
from ..tempo.place import Place
from ..turns.grid import Grid, Tune
from ..turns.scheduler import SchedulerPlace


class SavedGrid(msgspec.Struct, frozen=True):
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
        """Raises ProgressionError when its progression is gone."""
        index = library.find(self.progression)
        return Grid(
            Tune(library.get(index, self.transpose), index, self.transpose, library.number),
            self.seats,
            self.turn_bars,
            self.start_beats,
            self.first_loop,
            self.origin_beats,
        )


class Resume(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a new stage needs. ``controls`` and ``engines`` by seat."""

    time_s: float  # monotonic, when it was so
    clock: Place
    mode: Mode
    running: bool
    line_up: tuple[int, ...]
    grid: SavedGrid
    pending: SavedGrid | None = None
    new_form: bool = False
    turn: Turn | None = None
    serial: int = 0
    arm_at: float = 0.0
    bpm: float = 120.0
    chosen: tuple[str, int, int]  # as `turns.chooser.Chooser.recall` takes it
    controls: dict[int, ControlValues] = {}
    engines: dict[int, EngineId] = {}
    offset_s: float = 0.0

    @classmethod
    def of(
        cls,
        left: SchedulerPlace,
        *,
        time_s: float,
        clock: Place,
        chosen: tuple[str, int, int],
        controls: dict[int, ControlValues],
        engines: dict[int, EngineId],
        offset_s: float,
    ) -> Resume:
        """Of a scheduler and what stands round it."""
        return cls(
            time_s=time_s,
            clock=clock,
            mode=left.mode,
            running=left.running,
            line_up=left.line_up,
            grid=SavedGrid.of(left.grid),
            pending=SavedGrid.of(left.pending) if left.pending else None,
            new_form=left.new_form,
            turn=left.turn,
            serial=left.serial,
            arm_at=left.arm_at,
            bpm=left.bpm,
            chosen=chosen,
            controls=controls,
            engines=engines,
            offset_s=offset_s,
        )

    def left(self, library: Library) -> SchedulerPlace:
        """As the scheduler takes it up. Raises ProgressionError when its progression is gone."""
        return SchedulerPlace(
            self.mode,
            self.running,
            self.line_up,
            self.grid.grid(library),
            self.pending.grid(library) if self.pending else None,
            self.new_form,
            self.turn,
            self.serial,
            self.arm_at,
            self.bpm,
        )
