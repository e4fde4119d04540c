"""Where everything is, in the case's own space: x to the right, y to the rear, z up, mm.

The board's left front corner is (0, 0); z = 0 is the table. Pure.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORDS = HERE.parents[1] / "lkjam_box/pinmap.toml"


@dataclass(frozen=True)
class Block:
    """A box-shaped thing that takes room."""

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @property
    def size(self) -> tuple[float, float, float]:
        x, y, z = (b - a for a, b in zip(self.low, self.high, strict=True))
        return x, y, z

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Block:
        way = (x, y, z)
        low, high = (
            tuple(a + b for a, b in zip(end, way, strict=True)) for end in (self.low, self.high)
        )
        return Block(self.name, low, high)


@dataclass(frozen=True)
class Shape:
    """Both tables, and the heights and edges that follow from them."""

    board: dict[str, Any]
    params: dict[str, Any]

    @classmethod
    def load(cls) -> Shape:
        return cls(
            tomllib.loads((HERE.parent / "board.toml").read_text(encoding="utf-8")),
            tomllib.loads((HERE / "params.toml").read_text(encoding="utf-8")),
        )

    @property
    def floor(self) -> float:
        return float(self.params["walls"]["floor"])

    @property
    def side(self) -> float:
        return float(self.params["walls"]["side"])

    @property
    def under(self) -> float:
        """Under side of the board."""
        return self.floor + float(self.params["room"]["under"])

    @property
    def top(self) -> float:
        """Upper side of the board."""
        return self.under + float(self.board["outline"]["thickness"])

    @property
    def rear_z(self) -> float:
        """Under side of the lid, over the jacks."""
        return self.top + float(self.board["case"]["rear"])

    @property
    def front_z(self) -> float:
        return self.top + float(self.board["case"]["front"])

    def under_lid(self, y: float) -> float:
        """Under side of the lid at ``y``."""
        return self.rear_z if y > self.step_y else self.front_z

    @property
    def step_y(self) -> float:
        return self.y(self.board["case"]["step_y"])

    @property
    def inner(self) -> tuple[float, float, float, float]:
        """Left, front, right and rear face of the room inside."""
        room, outline = self.params["room"], self.board["outline"]
        return (
            -room["side"],
            -room["front"],
            outline["width"] + room["side"],
            outline["height"] + room["rear"],
        )

    @property
    def outer(self) -> tuple[float, float, float, float]:
        left, front, right, rear = self.inner
        return left - self.side, front - self.side, right + self.side, rear + self.side

    def y(self, board_y: float) -> float:
        """From the board's rear edge to our direction."""
        return float(self.board["outline"]["height"]) - board_y

    def jacks(self) -> list[tuple[str, dict[str, Any], float]]:
        """(name, its kind's table, x)."""
        rear = self.board["rear"]
        return [(jack["name"], rear[jack["kind"]], jack["x"]) for jack in rear["jacks"]]

    def labels(self) -> dict[str, str]:
        pins = tomllib.loads(WORDS.read_text(encoding="utf-8"))["pins"]
        return {name: pin["label"] for name, pin in pins.items()}

    # --- what must find room

    def board_parts(self) -> list[Block]:
        """The board and what stands on it and under it."""
        board, top = self.board, self.top
        width, height = board["outline"]["width"], board["outline"]["height"]
        parts = [Block("board", (0, 0, self.under), (width, height, top))]
        for name, kind, x in self.jacks():
            w, d, h = kind["body"]
            parts.append(Block(name, (x - w / 2, height - d, top), (x + w / 2, height, top + h)))
        buttons = board["buttons"]
        for name, x in buttons["at"].items():
            y = self.y(buttons["y"])
            high = (x + 6, y + 6, top + buttons["height"])
            parts.append(Block(name, (x - 6, y - 6, top), high))
        oled = board["oled"]
        w, d = oled["module"]
        x, y = oled["glass"][0], self.y(oled["glass"][1])
        low = (x - w / 2, y - d / 2, top + oled["top"] - 3)
        parts.append(Block("OLED", low, (x + w / 2, y + d / 2, top + oled["top"])))
        x, y = board["ribbon"]["x"], self.y(board["ribbon"]["y"])
        low = (x - 29.5, y - 4.5, self.under - 15)
        parts.append(Block("ribbon plug", low, (x + 29.5, y + 4.5, self.under)))
        return parts

    def pi_parts(self, model: str) -> list[Block]:
        table = self.params["models"][model]
        x, y = table["at"]
        z = self.floor + self.params["pi"]["stand"]
        w, d = table["size"]
        upper = z + self.params["pi"]["thickness"]
        parts = [Block(model, (x, y, z), (x + w, y + d, upper))]
        for index, (px, py, pw, pd, ph) in enumerate(table["sockets"]):
            low = (x + px, y + py, upper)
            parts.append(
                Block(f"{model} socket {index}", low, (x + px + pw, y + py + pd, upper + ph))
            )
        px, py, pw, pd, ph = table["ribbon"]
        low = (x + px, y + py, upper)
        parts.append(Block(f"{model} ribbon", low, (x + px + pw, y + py + pd, upper + ph)))
        return parts

    def plugs(self, model: str) -> list[Block]:
        """Plugs pushed home, from outside: as thick as the thickest that are usual (squares in
        rounds: 13 mm stands for 18.4, 7.9 for 11). A DIN grip goes through the wall to the jack's
        face, a small one into its recess; the 6.35 mm jack's own nose is in the wall."""
        rear, face = self.outer[3], float(self.board["outline"]["height"])
        thick = {"din": (13.0, 13.0), "trs": (7.9, 7.9), "foot": (11.0, 11.0)}
        deep_y = {"din": face, "trs": rear - 0.9, "foot": rear}
        kinds = {id(self.board["rear"][name]): name for name in thick}
        found = []
        for name, kind, x in self.jacks():
            w, h = thick[kinds[id(kind)]]
            z, deep = self.top + kind["axis"], deep_y[kinds[id(kind)]]
            low, high = (x - w / 2, deep, z - h / 2), (x + w / 2, rear + 30, z + h / 2)
            found.append(Block(f"plug {name}", low, high))
        table = self.params["models"][model]
        z = self.floor + self.params["pi"]["stand"] + self.params["pi"]["thickness"]
        for name in ("power", "data"):
            if port := table.get(name):
                x = table["at"][0] + port["x"]
                w, h = 12.4, 7.4 if model != "zero2w" else 7.0
                w = w if model != "zero2w" else 11.0
                low = (x - w / 2, self.inner[3], z + port["z"] - h / 2)
                high = (x + w / 2, rear + 25, z + port["z"] + h / 2)
                found.append(Block(f"plug {name}", low, high))
        if "left" in table:
            y = table["at"][1]
            for index, (low_y, high_y) in enumerate(((3.0, 17.0), (21.0, 35.0), (39.0, 54.0))):
                low = (self.outer[0] - 30, y + low_y, z + 1)
                found.append(Block(f"plug USB {index}", low, (self.inner[0], y + high_y, z + 16)))
        return found

    def buttons(self) -> list[tuple[str, float]]:
        return list(self.board["buttons"]["at"].items())
