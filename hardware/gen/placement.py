"""Where every part stands: what a hand or plug meets by ``board.toml``, the rest near to it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHAPE = Path(__file__).parents[1] / "board.toml"

# What a footprint's own origin is away from its axis or front edge, mm (KiCad's drawings).
DIN_FRONT, TRS_FRONT, FOOT_FRONT, FOOT_AXIS = 12.7, 4.5, 16.95, 7.23
NOTCH_HALF, NOTCH_DEPTH = 2.2, 1.4  # in the edge, for the bushing of a TRS jack
BUTTON_MIDDLE, KNOB_MIDDLE, LIGHT_MIDDLE = (6.25, 2.5), (7.5, 2.5), 1.27


@dataclass(frozen=True)
class Spot:
    """Place of a footprint's origin, mm; degrees against the clock; ``below``: under side."""

    x: float
    y: float
    angle: float = 0.0
    below: bool = False


SMALL = {
    # MIDI IN: everything left of U1's right row is the isolated side
    "FB1": Spot(13, 24), "FB2": Spot(13, 28), "D4": Spot(17.5, 26, 90), "R1": Spot(21, 23.5),
    "D5": Spot(21, 28, 90), "U1": Spot(25, 24.5), "C1": Spot(37, 24, 90), "R2": Spot(37, 31, 90),
    # MIDI OUT
    "R20": Spot(48, 24), "R21": Spot(48, 29), "D20": Spot(55, 24), "D21": Spot(55, 29),
    "U2": Spot(52, 36), "C2": Spot(52, 40), "R22": Spot(67, 21), "R23": Spot(67, 25.5),
    "D22": Spot(66, 29), "D23": Spot(66, 32.5),
    # MIDI THRU
    "R30": Spot(86, 24), "R31": Spot(86, 29), "D30": Spot(93, 24), "D31": Spot(93, 29),
    "U3": Spot(90, 36), "C3": Spot(90, 40), "R32": Spot(104, 21), "R33": Spot(104, 25.5),
    "D32": Spot(104, 29), "D33": Spot(104, 32.5),
    # footswitches
    "D60": Spot(120, 30.5), "D61": Spot(127, 30.5), "R60": Spot(120, 34.5), "R61": Spot(127, 34.5),
    "R62": Spot(120, 38.5), "R63": Spot(127, 38.5),
    "D70": Spot(141, 30.5), "D71": Spot(148, 30.5), "R70": Spot(141, 34.5), "R71": Spot(148, 34.5),
    "R72": Spot(141, 38.5), "R73": Spot(148, 38.5),
    # lights, memory, screen
    "R50": Spot(86, 60), "R51": Spot(91, 57), "R52": Spot(107, 57),
    "U4": Spot(112, 66), "C4": Spot(119, 66, 90), "R40": Spot(104, 61.5), "R41": Spot(104, 65.5),
    "R42": Spot(104, 69.5), "JP3": Spot(112, 71.5),
    "JP1": Spot(26, 43.5), "JP2": Spot(26, 48),
    # 5 V input
    "J11": Spot(7.5, 52, 90), "F1": Spot(7.5, 60, 90), "D40": Spot(7.5, 68, 90),
    "Q1": Spot(15, 64, 90), "Q2": Spot(15, 70), "R80": Spot(15, 75), "R81": Spot(20, 67, 90),
}  # fmt: skip


def shape() -> dict[str, Any]:
    return tomllib.loads(SHAPE.read_text(encoding="utf-8"))


def spots() -> dict[str, Spot]:
    """Of every part, by its reference."""
    board = shape()
    found = dict(SMALL)
    rear = {jack["name"]: jack["x"] for jack in board["rear"]["jacks"]}
    for ref, name in (("J2", "MIDI IN"), ("J3", "MIDI OUT"), ("J4", "MIDI THRU")):
        found[ref] = Spot(rear[name], DIN_FRONT)
    for ref, name in (("J5", "IN (TRS A)"), ("J6", "OUT (TRS A)"), ("J7", "THRU (TRS A)")):
        found[ref] = Spot(rear[name], TRS_FRONT, 180)
    for ref, name in (("J8", "FOOT A"), ("J9", "FOOT B")):
        found[ref] = Spot(rear[name] - FOOT_AXIS, FOOT_FRONT, 90)
    for index, x in enumerate(board["buttons"]["at"].values()):
        dx, dy = BUTTON_MIDDLE
        found[f"SW{index + 1}"] = Spot(x - dx, board["buttons"]["y"] - dy)
    for index, x in enumerate(board["lights"]["at"].values()):
        found[f"D{50 + index}"] = Spot(x - LIGHT_MIDDLE, board["lights"]["y"])
    dx, dy = KNOB_MIDDLE
    found["SW7"] = Spot(board["encoder"]["x"] - dx, board["encoder"]["y"] - dy)
    oled = board["oled"]
    found["J10"] = Spot(oled["glass"][0] - 3.81, oled["header_y"], 90)
    ribbon = board["ribbon"]
    found["J1"] = Spot(ribbon["x"] - 24.13, ribbon["y"] - 1.27, 0, below=True)
    for index, (x, y) in enumerate(board["holes"]["at"]):
        found[f"H{index + 1}"] = Spot(x, y)
    return found


ISOLATED = ((0.0, 0.0), (40.8, 0.0), (40.8, 20.5), (29.4, 20.5), (29.4, 34.0), (0.0, 34.0))
"""No pour in here: the MIDI IN loop and 3 mm around it."""
FED = (
    *((12.5, 62.5), (20.0, 61.5), (40.0, 61.5), (47.0, 66.0), (47.0, 73.5), (40.5, 73.5)),
    *((33.5, 66.5), (17.5, 65.8)),
)
"""The 5 V that comes in, from Q1 to the ribbon."""
ENTRY = ((4.0, 61.0), (11.0, 61.0), (14.6, 64.4), (14.6, 67.0), (11.0, 69.0), (4.0, 69.0))
