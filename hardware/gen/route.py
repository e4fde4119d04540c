"""Finds ways for tracks on two layers: A* on a grid, one net after the other. Pure.

A cell knows whose copper is near: nobody's, one net's, or forbidden. So a track may pass
where all that is near is its own, and clearances hold by construction.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

STEP_MM = 0.25
VIA_COST, TURN_COST = 24, 2
FREE, NOBODY = 0, -1
Cell = tuple[int, int, int]  # layer, row, column
Grid = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Shape:
    """Copper of ``net`` (0: none may touch it), a rectangle in mm on one layer, or both (-1)."""

    net: int
    layer: int
    x1: float
    y1: float
    x2: float
    y2: float
    gap_mm: float = 0.0  # that it wants beyond the usual


@dataclass(frozen=True)
class Rules:
    track_mm: float
    gap_mm: float
    via_mm: float


@dataclass
class Maze:
    """The board as one class of nets sees it."""

    width_mm: float
    height_mm: float
    rules: Rules
    track: Grid = field(init=False)
    via: Grid = field(init=False)

    def __post_init__(self) -> None:
        rows, columns = (round(side / STEP_MM) + 1 for side in (self.height_mm, self.width_mm))
        self.track = np.zeros((2, rows, columns), np.int32)
        self.via = np.zeros((2, rows, columns), np.int32)
        for grid, half in (
            (self.track, self.rules.track_mm / 2),
            (self.via, self.rules.via_mm / 2),
        ):
            edge = int(np.ceil((0.5 + half) / STEP_MM))
            grid[:, :edge], grid[:, -edge:] = NOBODY, NOBODY
            grid[:, :, :edge], grid[:, :, -edge:] = NOBODY, NOBODY

    def add(self, shape: Shape) -> None:
        """Mark what is near that copper."""
        for grid, half in (
            (self.track, self.rules.track_mm / 2),
            (self.via, self.rules.via_mm / 2),
        ):
            reach = self.rules.gap_mm + half + shape.gap_mm
            rows = _span(shape.y1 - reach, shape.y2 + reach, grid.shape[1])
            columns = _span(shape.x1 - reach, shape.x2 + reach, grid.shape[2])
            layers = (0, 1) if shape.layer < 0 else (shape.layer,)
            for layer in layers:
                part = grid[layer, rows, columns]
                own = shape.net or NOBODY
                part[...] = np.where((part == FREE) | (part == own), own, NOBODY)

    def may_pass(self, net: int) -> npt.NDArray[np.bool_]:
        return (self.track == FREE) | (self.track == net)

    def may_drill(self, net: int) -> npt.NDArray[np.bool_]:
        both = (self.via == FREE) | (self.via == net)
        return both[0] & both[1]


def _span(low_mm: float, high_mm: float, count: int) -> slice:
    """Cells strictly inside; on the very edge the clearance is just kept."""
    first = int(np.floor(low_mm / STEP_MM + 1e-6)) + 1
    last = int(np.ceil(high_mm / STEP_MM - 1e-6)) - 1
    return slice(max(first, 0), min(last, count - 1) + 1)


def find(maze: Maze, net: int, sources: set[Cell], targets: set[Cell]) -> list[Cell] | None:
    """The cheapest way from any source to any target; None where there is none."""
    passable, drillable = maze.may_pass(net), maze.may_drill(net)
    low = (min(t[1] for t in targets), min(t[2] for t in targets))
    high = (max(t[1] for t in targets), max(t[2] for t in targets))

    def left(cell: Cell) -> int:
        dy = max(low[0] - cell[1], 0, cell[1] - high[0])
        dx = max(low[1] - cell[2], 0, cell[2] - high[1])
        return 10 * max(dx, dy) + 4 * min(dx, dy)

    best: dict[Cell, int] = dict.fromkeys(sources, 0)
    came: dict[Cell, Cell] = {}
    heap = [(left(cell), 0, cell, (0, 0)) for cell in sorted(sources)]
    heapq.heapify(heap)
    rows, columns = passable.shape[1:]
    while heap:
        _, cost, cell, way = heapq.heappop(heap)
        if cell in targets:
            path = [cell]
            while path[-1] in came:
                path.append(came[path[-1]])
            return path[::-1]
        if cost > best[cell]:
            continue
        layer, row, column = cell
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            y, x = row + dy, column + dx
            if not (0 <= y < rows and 0 <= x < columns) or not passable[layer, y, x]:
                continue
            along = (dx if layer else dy) != 0  # one layer prefers rows, the other columns
            step = (14 if dy and dx else 10) + (2 if along else 0)
            step += TURN_COST if way not in ((0, 0), (dy, dx)) else 0
            other = (layer, y, x)
            if cost + step < best.get(other, 1 << 30):
                best[other], came[other] = cost + step, cell
                heapq.heappush(heap, (cost + step + left(other), cost + step, other, (dy, dx)))
        if drillable[row, column]:
            other = (1 - layer, row, column)
            if cost + VIA_COST * 4 < best.get(other, 1 << 30):
                best[other], came[other] = cost + VIA_COST * 4, cell
                heapq.heappush(
                    heap, (cost + VIA_COST * 4 + left(other), cost + VIA_COST * 4, other, (0, 0))
                )
    return None


def straight(path: list[Cell]) -> list[Cell]:
    """Only the corners of a way."""
    kept = [path[0]]
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        if tuple(b - a for a, b in zip(before, here, strict=True)) != tuple(
            b - a for a, b in zip(here, after, strict=True)
        ):
            kept.append(here)
    return [*kept, path[-1]] if len(path) > 1 else kept
