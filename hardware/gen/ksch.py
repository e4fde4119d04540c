"""Draws a KiCad schematic: symbols on a grid, real wires, the same file at every run.

Places are in grid steps of 2.54 mm, x to the right, y downwards. Wires are split where
another one ends on them and get a dot there: KiCad joins wires at their ends only.
"""

from __future__ import annotations

import itertools
import os
import uuid
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .sexpr import Node, Quoted, every, find, read, write

STEP_MM = 2.54
Point = tuple[float, float]
_SPACE = uuid.UUID("9f3a2b57-0f8d-4c0e-9b52-6c6b6a616d31")  # ours: the same names, the same ids


def identity(*words: object) -> Quoted:
    return Quoted(uuid.uuid5(_SPACE, "/".join(map(str, words))))


@dataclass(frozen=True)
class Symbol:
    """One of a library, without its parents. ``pins``: number to (x, y, unit), y upwards, mm."""

    lib_id: str
    node: Node
    pins: dict[str, tuple[float, float, int]]


def symbol_folder() -> Path:
    return Path(os.environ.get("KICAD9_SYMBOL_DIR", "/usr/share/kicad/symbols"))


@cache
def symbol(lib_id: str) -> Symbol:
    """From KiCad's libraries; what it extends is put into it."""
    library, name = lib_id.split(":")
    entries = {entry[1]: entry for entry in every(_library(library), "symbol")}
    node = deepcopy(entries[name])
    while (parent := find(node, "extends")) is not None:
        node = _merged(node, deepcopy(entries[parent[1]]), name)
    node[1] = Quoted(lib_id)
    pins = {}
    for part in every(node, "symbol"):
        unit = int(part[1].rsplit("_", 2)[1])
        for pin in every(part, "pin"):
            x, y = (float(value) for value in find(pin, "at")[1:3])
            pins[str(find(pin, "number")[1])] = (x, y, max(unit, 1))
    return Symbol(lib_id, node, pins)


@cache
def _library(name: str) -> Node:
    return read((symbol_folder() / f"{name}.kicad_sym").read_text(encoding="utf-8"))


def _merged(child: Node, parent: Node, name: str) -> Node:
    """The parent's drawing under the child's name, with the child's fields."""
    old = parent[1]
    fields = {entry[1]: entry for entry in every(child, "property")}
    for index, part in enumerate(parent):
        if isinstance(part, list) and part[0] == "property":
            parent[index] = fields.pop(part[1], part)
        elif isinstance(part, list) and part[0] == "symbol":
            part[1] = Quoted(name + part[1].removeprefix(old))
    parent[1] = Quoted(name)
    parent.extend(fields.values())
    return parent


@dataclass
class Part:
    """A symbol on the sheet."""

    ref: str
    symbol: Symbol
    at: Point
    rotation: int
    mirror: bool
    unit: int = 1

    def pin(self, number: str | int) -> Point:
        """Where a wire meets that pin, in grid steps."""
        x, y, _ = self.symbol.pins[str(number)]
        x, y = x / STEP_MM, -y / STEP_MM
        for _ in range(self.rotation // 90):
            x, y = y, -x
        if self.mirror:
            x = -x
        return (self.at[0] + x, self.at[1] + y)


@dataclass
class Sheet:
    """What is drawn so far."""

    title: str
    name: str = "lkjam"
    items: list[Node] = field(default_factory=list)
    used: dict[str, Symbol] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    _segments: list[tuple[Point, Point]] = field(default_factory=list)
    _count: int = 0

    @property
    def root(self) -> Quoted:
        return identity(self.name, "sheet")

    def place(
        self,
        ref: str,
        lib_id: str,
        at: Point,
        rotation: int = 0,
        *,
        mirror: bool = False,
        value: str = "",
        footprint: str = "",
        fields: dict[str, str] | None = None,
        fitted: bool = True,
        unit: int = 1,
        texts: tuple[Point, Point] = ((0, -2), (0, 2)),
        align: str = "",
        quiet: bool = False,
    ) -> Part:
        """``texts``: where reference and value stand, from ``at``; ``align``: left or right;
        ``quiet``: neither is shown."""
        found = self.used.setdefault(lib_id, symbol(lib_id))
        part = Part(ref, found, at, rotation, mirror, unit)
        self.parts.append(part)
        hidden = ref.startswith("#")
        node: Node = ["symbol", ["lib_id", Quoted(lib_id)], ["at", *_mm(at), rotation]]
        if mirror:
            node.append(["mirror", "y"])
        own = identity(self.name, ref, unit)
        node += [
            ["unit", unit],
            ["exclude_from_sim", "no"],
            ["in_bom", "no" if hidden or ref.startswith("H") else "yes"],
            ["on_board", "yes"],
            ["dnp", "no" if fitted else "yes"],
            ["uuid", own],
        ]
        shown = {"Reference": (ref, texts[0]), "Value": (value, texts[1])}
        for key, (text, (dx, dy)) in shown.items():
            place = (at[0] + dx, at[1] + dy)
            hide = quiet or (hidden and key == "Reference")
            turned = 90 if rotation % 180 else 0  # a field turns with its symbol
            node.append(_property(key, text, place, hide, align, turned))
        extra = {"Footprint": footprint, "Datasheet": "", "Description": "", **(fields or {})}
        node += [_property(key, text, at, True) for key, text in extra.items()]
        pins = [n for n, (_, _, of_unit) in found.pins.items() if of_unit == unit]
        node += [["pin", Quoted(n), ["uuid", identity(own, n)]] for n in pins]
        path = ["path", Quoted(f"/{self.root}"), ["reference", Quoted(ref)], ["unit", unit]]
        node.append(["instances", ["project", Quoted(self.name), path]])
        self.items.append(node)
        return part

    def wire(self, *points: Point) -> None:
        """From point to point, straight."""
        self._segments += list(itertools.pairwise(points))

    def label(self, text: str, at: Point, angle: int = 0) -> None:
        """Names the wire that ends at ``at``; 0 reads to the right, 180 ends there."""
        side = "right" if angle in (180, 270) else "left"
        node = ["label", Quoted(text), ["at", *_mm(at), angle], _effects(1.27, (side, "bottom"))]
        self.items.append([*node, ["uuid", self._next("label", text)]])

    def power(self, name: str, at: Point, rotation: int = 0) -> None:
        """A supply symbol; turned sideways, ground goes without its name."""
        self._count += 1
        away = 1.6 if name == "GND" else -1.4
        place = {0: (0.0, away), 90: (away, 0.0), 180: (0.0, -away), 270: (-away, 0.0)}[rotation]
        text = "" if name == "GND" and rotation else name
        side = "left" if rotation in (90, 270) else ""
        self.place(
            f"#PWR{self._count:03}", f"power:{name}", at, rotation, value=text or name,
            texts=((0, 0), place), align=side, quiet=not text,
        )  # fmt: skip

    def flag(self, at: Point) -> None:
        """Tells KiCad that this net is fed from outside."""
        self._count += 1
        self.place(
            f"#FLG{self._count:03}", "power:PWR_FLAG", at, value="PWR_FLAG", texts=((0, 0), (0, -2))
        )

    def open_pin(self, *pins: Point) -> None:
        """Nothing is joined here, on purpose."""
        for at in pins:
            self.items.append(["no_connect", ["at", *_mm(at)], ["uuid", self._next("open", at)]])

    def text(self, text: str, at: Point, size_mm: float = 1.6, bold: bool = False) -> None:
        node = ["text", Quoted(text), ["exclude_from_sim", "no"], ["at", *_mm(at), 0]]
        node.append(_effects(size_mm, ("left", "top"), bold))
        self.items.append([*node, ["uuid", self._next("text", text)]])

    def block(self, title: str, at: Point, size: Point, note: str = "") -> None:
        """A frame with a title, and what a reader should know in small print."""
        end = (at[0] + size[0], at[1] + size[1])
        stroke = ["stroke", ["width", 0.2], ["type", "dash"], ["color", 120, 120, 120, 1]]
        node = ["rectangle", ["start", *_mm(at)], ["end", *_mm(end)], stroke]
        self.items.append([*node, ["fill", ["type", "none"]], ["uuid", self._next("box", title)]])
        self.text(title, (at[0] + 0.6, at[1] + 0.5), 2.6, bold=True)
        if note:
            lines = note.count("\n") + 1
            self.text(note, (at[0] + 0.6, end[1] - 0.4 - lines * 0.9), 1.5)

    def dump(self) -> str:
        """The file."""
        wires, dots = split(self._segments, [pin for part in self.parts for pin in _pins(part)])
        drawn: list[Node] = []
        for begin, end in wires:
            ends = ["pts", ["xy", *_mm(begin)], ["xy", *_mm(end)]]
            stroke = ["stroke", ["width", 0], ["type", "default"]]
            drawn.append(["wire", ends, stroke, ["uuid", self._next("wire", begin, end)]])
        for dot in dots:
            shape = [["diameter", 0], ["color", 0, 0, 0, 0]]
            drawn.append(["junction", ["at", *_mm(dot)], *shape, ["uuid", self._next("dot", dot)]])
        library = ["lib_symbols", *(self.used[name].node for name in sorted(self.used))]
        title = ["title_block", ["title", Quoted(self.title)], ["rev", Quoted("1")]]
        title.append(["comment", 1, Quoted("Not yet built. UNVERIFIED: see hardware/README.md")])
        head = ["kicad_sch", ["version", 20250114], ["generator", Quoted("lkjam")]]
        head += [["generator_version", Quoted("9.0")], ["uuid", self.root], ["paper", Quoted("A3")]]
        tail = [["sheet_instances", ["path", Quoted("/"), ["page", Quoted("1")]]]]
        tail.append(["embedded_fonts", "no"])
        return write([*head, title, library, *drawn, *self.items, *tail]) + "\n"

    def _next(self, *words: object) -> Quoted:
        self._count += 1
        return identity(self.name, self._count, *words)


def split(
    segments: list[tuple[Point, Point]], pins: list[Point]
) -> tuple[list[tuple[Point, Point]], list[Point]]:
    """Wires cut where others end on them, and the places where three or more meet."""
    ends = {end for segment in segments for end in segment} | set(pins)
    wires: set[tuple[Point, Point]] = set()
    for begin, end in segments:
        inside = sorted(point for point in ends if _between(begin, point, end))
        points = [begin, *(inside if begin <= end else reversed(inside)), end]
        wires |= {(min(pair), max(pair)) for pair in itertools.pairwise(points)}
    meeting: dict[Point, int] = {}
    for point in [point for wire in wires for point in wire] + pins:
        meeting[point] = meeting.get(point, 0) + 1
    touched = {point for wire in wires for point in wire}
    dots = sorted(point for point, count in meeting.items() if count > 2 and point in touched)
    return sorted(wires), dots


def _between(begin: Point, point: Point, end: Point) -> bool:
    if begin[0] == end[0] == point[0]:
        return min(begin[1], end[1]) < point[1] < max(begin[1], end[1])
    if begin[1] == end[1] == point[1]:
        return min(begin[0], end[0]) < point[0] < max(begin[0], end[0])
    return False


def _pins(part: Part) -> list[Point]:
    numbers = [n for n, (_, _, unit) in part.symbol.pins.items() if unit == part.unit]
    return [part.pin(number) for number in numbers]


def _mm(at: Point) -> tuple[float, float]:
    return round(at[0] * STEP_MM, 4), round(at[1] * STEP_MM, 4)


def _effects(size_mm: float, justify: tuple[str, ...] = (), bold: bool = False) -> Node:
    font: Node = ["font", ["size", size_mm, size_mm]]
    if bold:
        font.append(["bold", "yes"])
    return ["effects", font, *([["justify", *justify]] if justify else [])]


def _property(key: str, text: str, at: Point, hide: bool, align: str = "", turned: int = 0) -> Node:
    effects = _effects(1.27, (align,) if align else ())
    if hide:
        effects.append(["hide", "yes"])
    return ["property", Quoted(key), Quoted(text), ["at", *_mm(at), turned], effects]
