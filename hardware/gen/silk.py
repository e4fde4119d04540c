"""Words on the board: what a player calls things, what a builder must not miss."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from .circuit import pin_map
from .placement import SHAPE

if TYPE_CHECKING:
    from .board import Layout

TITLE = "lkjam_box  stage board  rev 1"
NOTES = (
    ("IN: one jack at a time", 18.0, 36.4, 1.0),
    ("3 mm isolation", 18.0, 38.4, 1.0),
    ("TRS type A: tip DIN 5, ring DIN 4", 106.0, 42.6, 1.0),
    ("DIN footprint UNVERIFIED", 66.0, 42.6, 1.0),
    ("5 V IN: leave empty, the Pi's USB-C feeds the box", 44.0, 66.0, 1.0),
    ("JP1 JP2 as they are: GND VCC SCL SDA", 38.0, 51.4, 1.0),
    ("both moved: VCC GND SCL SDA", 38.0, 53.2, 1.0),
)


def write(layout: Layout) -> None:
    """Adds all of them, on top; the ribbon's on the under side too."""
    board = tomllib.loads(SHAPE.read_text(encoding="utf-8"))
    labels = {name: str(pin["label"]) for name, pin in pin_map().items()}
    y = {"din": 18.2, "trs": 16.4, "foot": 26.6}
    for jack in board["rear"]["jacks"]:
        _text(
            layout, jack["name"], jack["x"], y[jack["kind"]], 1.4 if jack["kind"] != "trs" else 1.1
        )
    for name, x in board["buttons"]["at"].items():
        _text(layout, labels[name], x, board["buttons"]["y"] - 8.3, 1.6)
    for name, x in board["lights"]["at"].items():
        _text(layout, labels[name], x, board["lights"]["y"] - 4.4, 1.6)
    _text(layout, "KNOB", board["encoder"]["x"], board["encoder"]["y"] - 9.4, 1.4)
    glass = board["oled"]["glass"]
    _text(layout, "OLED", glass[0], board["oled"]["header_y"] - 3, 1.4)
    _text(layout, TITLE, 68.0, 97.4, 1.6)
    _text(layout, "not yet built: hardware/README.md", 116.0, 97.4, 1.2)
    for text, x, ty, size in NOTES:
        _text(layout, text, x, ty, size)
    ribbon = board["ribbon"]
    _text(layout, "Pi: 1 at this end, ribbon of 40", ribbon["x"], ribbon["y"] - 7, 1.4, below=True)


def _text(
    layout: Layout, text: str, x: float, y: float, size_mm: float, below: bool = False
) -> None:
    from .board import at, mm, pcbnew

    item = pcbnew.PCB_TEXT(layout.board)
    item.SetText(text)
    item.SetPosition(at(x, y))
    item.SetLayer(pcbnew.B_SilkS if below else pcbnew.F_SilkS)
    item.SetMirrored(below)
    item.SetTextSize(at(size_mm, size_mm))
    item.SetTextThickness(mm(max(size_mm * 0.15, 0.12)))
    layout.board.Add(item)
