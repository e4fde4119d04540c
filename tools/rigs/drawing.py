"""A rig as SVG, black on white: readable in print at A5 and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH, MARGIN = 484, 12
_COLUMN, _ROW, _TOP = 158, 136, 52
_WIDE, _HIGH = 140, 66
_LETTER = 0.57  # width of a letter, in sizes
_SIDES = {"top": (0, -1), "bottom": (0, 1), "left": (-1, 0), "right": (1, 0)}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Device:
    """``column`` and ``row`` count from 0, in parts too. ``is_maybe``: one may do without."""

    name: str
    what: str
    column: float
    row: float
    is_maybe: bool = False

    @property
    def middle(self) -> Point:
        return MARGIN + 72 + self.column * _COLUMN, _TOP + _HIGH / 2 + self.row * _ROW

    @property
    def is_box(self) -> bool:
        return self.name == "LK JAM"


@dataclass(frozen=True, slots=True)
class Cable:
    """From one end, as "device side shift", to the other, where its arrow is.

    ``plug`` is one of the lines below; ``words`` say which sockets. ``both``: it carries both ways.
    ``lane`` shifts where it turns, and ``at`` where its label stands, from 0 to 1.
    """

    begin: tuple[str, str, float]
    end: tuple[str, str, float]
    plug: str
    words: str = ""
    both: bool = False
    lane: float = 0.0
    at: float = 0.5


@dataclass(frozen=True, slots=True)
class Rig:
    title: str
    devices: tuple[Device, ...]
    cables: tuple[Cable, ...]


_LINES = {
    "USB": 'stroke-width="5"',
    "DIN": 'stroke-width="2"',
    "audio": 'stroke-width="2" stroke-dasharray="7 5"',
    "hex": 'stroke-width="2" stroke-dasharray="2 3"',
}
_LEGEND = {"USB": "USB", "DIN": "MIDI: DIN or TRS", "audio": "audio"}


def draw(rig: Rig) -> str:
    """The whole picture."""
    by_name = {device.name: device for device in rig.devices}
    rows = max(device.row for device in rig.devices)
    height = round(_TOP + rows * _ROW + _HIGH + 50)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="Helvetica, Arial, sans-serif" role="img">',
        f"<title>{escape(rig.title)}: the cables</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text((MARGIN, 28), rig.title, 22, "start", bold=True),
    ]
    paths = [(cable, _path(cable, by_name)) for cable in rig.cables]
    for cable, path in paths:
        parts += _line(cable, path)
    for cable, path in paths:
        parts += _label(cable, path)
    for device in rig.devices:
        parts += _device(device)
    parts += _legend(height - 18, [cable.plug for cable in rig.cables])
    return "\n".join([*parts, "</svg>"]) + "\n"


# --- inside


def _text(at: Point, words: str, size: int, anchor: str = "middle", *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-size="{size}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _device(device: Device) -> Iterator[str]:
    x, y = device.middle
    dashes = ' stroke-dasharray="3 3"' if device.is_maybe else ""
    width = 5 if device.is_box else 2
    yield (
        f'<rect x="{x - _WIDE / 2:g}" y="{y - _HIGH / 2:g}" width="{_WIDE}" height="{_HIGH}" '
        f'rx="{2 if device.is_box else 9}" fill="#ffffff" stroke="#000000" '
        f'stroke-width="{width}"{dashes}/>'
    )
    yield _text((x, y - 3 if device.what else y + 6), device.name, 18, bold=True)
    if device.what:
        yield _text((x, y + 19), device.what, 15)


def _path(cable: Cable, devices: dict[str, Device]) -> list[Point]:
    """The corners of a cable that leaves and arrives at right angles."""
    (ax, ay, a), (bx, by, b) = (_socket(end, devices) for end in (cable.begin, cable.end))
    if a[0] and b[0]:  # both from the sides
        if a == b:
            turn = (max if a[0] > 0 else min)(ax, bx) + a[0] * (20 + cable.lane)
        else:
            turn = (ax + bx) / 2 + cable.lane
        return [(ax, ay), (turn, ay), (turn, by), (bx, by)] if ay != by else [(ax, ay), (bx, by)]
    if a[1] and b[1]:
        turn = (ay + by) / 2 + cable.lane
        return [(ax, ay), (ax, turn), (bx, turn), (bx, by)] if ax != bx else [(ax, ay), (bx, by)]
    return [(ax, ay), (bx, ay) if a[0] else (ax, by), (bx, by)]


def _socket(end: tuple[str, str, float], devices: dict[str, Device]) -> tuple[float, float, Point]:
    name, side, shift = end
    x, y = devices[name].middle
    dx, dy = _SIDES[side]
    return (
        x + dx * _WIDE / 2 + (shift if dy else 0),
        y + dy * _HIGH / 2 + (shift if dx else 0),
        (dx, dy),
    )


def _line(cable: Cable, path: list[Point]) -> Iterator[str]:
    points = " ".join(f"{x:g},{y:g}" for x, y in path)
    yield f'<polyline points="{points}" fill="none" stroke="#000000" {_LINES[cable.plug]}/>'
    yield _arrow(path[-2], path[-1])
    if cable.both:
        yield _arrow(path[1], path[0])


def _arrow(before: Point, tip: Point) -> str:
    """An arrow's head whose tip is at the device."""
    (x, y), size = tip, 13.0
    dx, dy = (_sign(tip[n] - before[n]) for n in (0, 1))
    left = (x - size * dx - size * 0.55 * dy, y - size * dy + size * 0.55 * dx)
    right = (x - size * dx + size * 0.55 * dy, y - size * dy - size * 0.55 * dx)
    corners = " ".join(f"{px:g},{py:g}" for px, py in (tip, left, right))
    return f'<polygon points="{corners}" fill="#000000" stroke="#ffffff" stroke-width="1"/>'


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _label(cable: Cable, path: list[Point]) -> Iterator[str]:
    """On its longest straight part."""
    a, b = max(pairwise(path), key=lambda ab: abs(ab[1][0] - ab[0][0]) + abs(ab[1][1] - ab[0][1]))
    x, y = (a[n] + (b[n] - a[n]) * cable.at for n in (0, 1))
    lines = [word for word in (cable.plug, cable.words) if word]
    width = max(len(word) for word in lines) * 14 * _LETTER + 8
    x = min(max(x, width / 2 + 2), WIDTH - width / 2 - 2)
    high = 17 * len(lines) + 2
    yield (
        f'<rect x="{x - width / 2:g}" y="{y - high / 2:g}" width="{width:g}" height="{high}" '
        'fill="#ffffff"/>'
    )
    for row, word in enumerate(lines):
        yield _text((x, y - high / 2 + 14 + 17 * row), word, 14, bold=row == 0)


def _legend(y: float, plugs: list[str]) -> Iterator[str]:
    x = float(MARGIN)
    for plug, words in _LEGEND.items():
        if plug in plugs:
            yield (
                f'<line x1="{x:g}" y1="{y - 5:g}" x2="{x + 34:g}" y2="{y - 5:g}" '
                f'stroke="#000000" {_LINES[plug]}/>'
            )
            yield _text((x + 42, y), words, 14, "start")
            x += 62 + len(words) * 14 * _LETTER
