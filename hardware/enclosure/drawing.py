"""Drawings with their measures: edges as they are seen, and how far each stands from the corner.

Ordinate dimensions (ISO 129-1): every line tells its distance from the lower left corner of the
part as drawn, in mm.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from build123d import Align, Edge, ExportSVG, LineType, Part, Pos, Rot, Text

from .shape import Shape

GAP, TICK, LETTER = 2.0, 9.0, 2.6
BLUE = 0x2850A0
ROOM = 3.6  # between two figures


@dataclass(frozen=True)
class View:
    """From where, and what is measured in it (mm, as the part stands)."""

    name: str
    eye: tuple[int, int, int]  # towards the eye
    up: tuple[int, int, int]
    across: tuple[float, ...]
    high: tuple[float, ...]
    note: str


def base_views(s: Shape) -> list[View]:
    """Of the base: what a drill or a file would need."""
    left, front, right, rear = s.outer
    pi = s.params["models"]["pi4"]
    stands = [(pi["at"][0] + x, pi["at"][1] + y) for x, y in pi["holes"]]
    board = [(x, s.y(y)) for x, y in s.board["holes"]["at"]]
    places = [*stands, *board]
    rear_jacks = s.jacks()
    kinds = s.board["rear"]
    power = pi["power"]
    power_z = s.floor + s.params["pi"]["stand"] + s.params["pi"]["thickness"] + power["z"]
    top = View(
        "top",
        (0, 0, 1),
        (0, 1, 0),
        (left, right, *(x for x, _ in places)),
        (front, rear, *(y for _, y in places)),
        f"walls {s.side:g}, floor {s.floor:g}; pillars of the board "
        f"{s.params['pillars']['screw']:g}, of the Pi {s.params['pi']['screw']:g} in diameter",
    )
    rear_view = View(
        "rear",
        (0, 1, 0),
        (0, 0, 1),
        (left, right, pi["at"][0] + power["x"], *(x for _, _, x in rear_jacks)),
        (0.0, s.rear_z, s.front_z, power_z, *(s.top + kind["axis"] for _, kind, _ in rear_jacks)),
        f"holes: MIDI {kinds['din']['hole']:g}, TRS {kinds['trs']['hole']:g} (11.2 sunk 1.0 deep), "
        f"foot {kinds['foot']['hole']:g} in diameter",
    )
    return [top, rear_view]


def lid_views(s: Shape, window: tuple[float, float]) -> list[View]:
    """Of the lid; the lower left corner is the player's."""
    left, front, right, rear = s.outer
    buttons, lights, knob = (s.board[name] for name in ("buttons", "lights", "encoder"))
    glass = (s.board["oled"]["glass"][0], s.y(s.board["oled"]["glass"][1]))
    posts = s.params["posts"]["at"]
    across = (glass[0], knob["x"], *buttons["at"].values(), *lights["at"].values())
    across += tuple(x for x, _ in posts)
    high = (s.step_y, glass[1], *(s.y(row["y"]) for row in (buttons, lights, knob)))
    high += tuple(y for _, y in posts)
    thick = s.params["walls"]["lid"]
    top = View(
        "top",
        (0, 0, 1),
        (0, 1, 0),
        (left, right, *across),
        (front, rear, *high),
        f"window {window[0]:g} x {window[1]:g}, lights {lights['diameter']:g} in diameter, "
        f"screws {s.params['posts']['screw']:g}; knob, if wanted, {knob['hole']:g} from below",
    )
    levels = (s.front_z, s.front_z + thick, s.rear_z, s.rear_z + thick)
    rear_view = View("rear", (0, 1, 0), (0, 0, 1), (left, right), levels, "")
    return [top, rear_view]


def draw(part: Part, view: View, folder: Path, name: str) -> None:
    """``name``.svg and .png: visible edges black, hidden ones dashed, measures blue."""
    middle = part.bounding_box().center()
    eye = tuple(m + 500 * e for m, e in zip(middle, view.eye, strict=True))
    seen, hidden = part.project_to_viewport(eye, view.up, middle)
    svg = ExportSVG(scale=1.0, margin=6)
    svg.add_layer("hidden", line_color="gray", line_type=LineType.ISO_DASH_SPACE)
    svg.add_layer("seen", line_weight=0.35)
    svg.add_layer("lines", line_color=BLUE, line_weight=0.12)
    svg.add_layer("figures", fill_color=BLUE, line_weight=0.0)
    svg.add_shape(hidden, "hidden")
    svg.add_shape(seen, "seen")
    boxes = [edge.bounding_box() for edge in seen]
    low_x, low_y = min(b.min.X for b in boxes), min(b.min.Y for b in boxes)
    high_y = max(b.max.Y for b in boxes)
    mirrored = view.eye == (0, 1, 0)
    across = [middle.X - x if mirrored else x - middle.X for x in view.across]
    over = middle.Z if mirrored else middle.Y
    for at, where in _spread(across):
        _mark(svg, at, where, low_y, f"{at - low_x:.1f}", upright=True)
    for at, where in _spread([value - over for value in view.high]):
        _mark(svg, at, where, low_x, f"{at - low_y:.1f}", upright=False)
    note = f"{view.note}; mm" if view.note else "mm"
    left = (Align.MIN, Align.CENTER)
    svg.add_shape(Pos(low_x, high_y + 5) * Text(note, LETTER, align=left), "figures")
    svg.write(str(folder / f"{name}.svg"))
    picture = (folder / f"{name}.svg", "-b", "white", "-w", "1400", "-o", folder / f"{name}.png")
    subprocess.run(["rsvg-convert", *map(str, picture)], check=True)


def _spread(values: list[float]) -> list[tuple[float, float]]:
    """(place, where its figure stands): in order, none over the next."""
    found: list[tuple[float, float]] = []
    for at in sorted({round(value, 2) for value in values}):
        found.append((at, max(at, found[-1][1] + ROOM) if found else at))
    return found


def _mark(svg: ExportSVG, at: float, where: float, edge: float, text: str, upright: bool) -> None:
    """A line out of the part at ``at``, bent to ``where`` its figure stands."""
    ways = [(at, edge - GAP), (at, edge - GAP - 2), (where, edge - TICK + 2), (where, edge - TICK)]
    points = ways if upright else [(b, a) for a, b in ways]
    for start, end in pairwise(points):
        svg.add_shape(Edge.make_line((*start, 0), (*end, 0)), "lines")
    figure = Text(text, LETTER, align=(Align.MAX, Align.CENTER))
    place = Pos(where, edge - TICK - 1) * Rot(0, 0, 90) if upright else Pos(edge - TICK - 1, where)
    svg.add_shape(place * figure, "figures")
