"""``python -m hardware.perfboard.layout``: where the MIDI parts sit on a piece of perfboard.

Draws layout.svg: seen from the parts' side, bare wires below dashed. Holes are 2.54 mm apart.
"""

from __future__ import annotations

import itertools
from pathlib import Path

FILE = Path(__file__).parent / "layout.svg"
COLUMNS, ROWS, STEP = 25, 15, 34
Hole = tuple[int, int]  # column, row, from 1

# name, from hole, to hole, colour, what is written on it
PARTS = (
    ("R1 220", (5, 4), (9, 4), "#d9b382"), ("D1 1N4148", (11, 8), (11, 4), "#555555"),
    ("R2 470", (19, 3), (19, 7), "#d9b382"), ("C1 100n", (22, 4), (22, 8), "#e0a030"),
    ("R3 56", (5, 11), (9, 11), "#d9b382"), ("R4 120", (5, 13), (9, 13), "#d9b382"),
)  # fmt: skip
CHIP = ("H11L1", (13, 4), (16, 6))  # pins 1 2 3 on the left, from the top; 4 5 6 on the right
LINKS: tuple[tuple[str, tuple[Hole, ...]], ...] = (
    ("loop", ((2, 4), (5, 4))), ("loop", ((9, 4), (13, 4))),
    ("loop", ((2, 8), (12, 8), (12, 5), (13, 5))),
    ("3.3 V", ((16, 4), (16, 2), (24, 2))), ("3.3 V", ((19, 2), (19, 3))),
    ("3.3 V", ((22, 2), (22, 4))), ("ground", ((16, 5), (15, 5), (15, 9), (24, 9))),
    ("ground", ((22, 8), (22, 9))), ("MIDI IN", ((16, 6), (17, 6), (17, 7), (24, 7))),
    ("3.3 V", ((9, 11), (24, 11))), ("MIDI OUT", ((9, 13), (24, 13))),
    ("out", ((2, 11), (5, 11))), ("out", ((2, 13), (5, 13))), ("ground", ((2, 15), (24, 15))),
)  # fmt: skip
ENDS = {
    (2, 4): "IN: DIN 4", (2, 8): "IN: DIN 5", (2, 11): "OUT: DIN 4", (2, 13): "OUT: DIN 5",
    (2, 15): "OUT: DIN 2", (24, 2): "3.3 V, pin 17", (24, 9): "ground, pin 34",
    (24, 7): "MIDI IN, pin 10", (24, 13): "MIDI OUT, pin 8",
    (24, 11): "3.3 V, to the other", (24, 15): "ground, to the other",
}  # fmt: skip
COLOURS = {
    "loop": "#2f7d4f", "3.3 V": "#c0392b", "ground": "#222222", "MIDI IN": "#2c6fbb",
    "MIDI OUT": "#8e44ad", "out": "#b9770e",
}  # fmt: skip


def at(hole: Hole) -> tuple[float, float]:
    return 190 + hole[0] * STEP, 40 + hole[1] * STEP


def svg() -> str:
    """The drawing."""
    width, height = 190 + (COLUMNS + 1) * STEP + 200, 40 + (ROWS + 1) * STEP + 70
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="15">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<rect x="{190 + STEP / 2}" y="{40 + STEP / 2}" width="{COLUMNS * STEP}" '
        f'height="{ROWS * STEP}" rx="6" fill="#f3ead7" stroke="#b9a988"/>',
    ]
    for column in range(1, COLUMNS + 1):
        for row in range(1, ROWS + 1):
            x, y = at((column, row))
            out.append(f'<circle cx="{x}" cy="{y}" r="4" fill="#cdbd98"/>')
    for net, holes in LINKS:
        points = " ".join(f"{x},{y}" for x, y in map(at, holes))
        out.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[net]}" stroke-width="4" '
            'stroke-dasharray="9 5"/>'
        )
    x1, y1 = at(CHIP[1])
    x2, y2 = at(CHIP[2])
    out.append(
        f'<rect x="{x1 + 9}" y="{y1 - 18}" width="{x2 - x1 - 18}" height="{y2 - y1 + 36}" rx="5" '
        'fill="#333" opacity="0.92"/>'
    )
    for number, hole in enumerate(((13, 4), (13, 5), (13, 6), (16, 6), (16, 5), (16, 4)), 1):
        x, y = at(hole)
        out.append(f'<circle cx="{x}" cy="{y}" r="8" fill="#999" stroke="#333"/>')
        side = 18 if number < 4 else -24
        out.append(f'<text x="{x + side}" y="{y + 5}" fill="white" font-size="12">{number}</text>')
    middle = (x1 + x2) / 2
    out.append(
        f'<text x="{middle}" y="{y1 - 4}" fill="white" text-anchor="middle" '
        f'font-size="12">{CHIP[0]}</text>'
    )
    for name, begin, end, colour in PARTS:
        (x1, y1), (x2, y2) = at(begin), at(end)
        flat = y1 == y2
        out.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#777" stroke-width="4"/>'
        )
        cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
        w, h = (84, 24) if flat else (24, 84)
        out.append(
            f'<rect x="{cx - w / 2}" y="{cy - h / 2}" width="{w}" height="{h}" rx="8" '
            f'fill="{colour}" stroke="#444"/>'
        )
        if name.startswith("D1"):  # the bar, towards the anode line: reversed
            out.append(f'<rect x="{cx - 12}" y="{cy - 36}" width="24" height="8" fill="#eee"/>')
        turn = "" if flat else f' transform="rotate(-90 {cx} {cy})"'
        ink = "white" if name.startswith("D1") else "black"
        out.append(
            f'<text x="{cx}" y="{cy + 5}" text-anchor="middle" font-size="13" fill="{ink}"{turn}>'
            f"{name}</text>"
        )
    for hole, label in ENDS.items():
        x, y = at(hole)
        left = hole[0] < COLUMNS / 2
        out.append(f'<circle cx="{x}" cy="{y}" r="9" fill="white" stroke="#222" stroke-width="3"/>')
        place = x - 46 if left else x + 50
        anchor = "end" if left else "start"
        out.append(f'<text x="{place}" y="{y + 5}" text-anchor="{anchor}">{label}</text>')
    out.append(
        f'<text x="205" y="{height - 40}">Seen from the parts. Dashed: bare wire below. Rings: '
        "wires leave here. Nothing of the green loop may touch another colour.</text>"
        f'<text x="205" y="{height - 18}">The bar of D1 looks to pin 1 of U1. DIN pins are counted '
        "as the jack's maker prints them beside its lugs.</text></svg>\n"
    )
    return "\n".join(out)


def faults() -> list[str]:
    """Links of different nets that meet in a hole, and parts' legs that meet no link."""
    owner: dict[Hole, str] = {}
    wrong = []
    for net, holes in LINKS:
        for hole in covered(holes):
            kind = (
                net if net in ("3.3 V", "ground") else f"{net} {holes[0] if net == 'out' else ''}"
            )
            if net == "loop":
                kind = "loop"
            if owner.setdefault(hole, kind) != kind:
                wrong.append(f"{owner[hole]} and {kind} meet at {hole}")
    legs = [hole for _, begin, end, _ in PARTS for hole in (begin, end)]
    return wrong + [f"nothing at {hole}" for hole in legs if hole not in owner]


def covered(holes: tuple[Hole, ...]) -> list[Hole]:
    """Every hole under a wire."""
    found = []
    for (c1, r1), (c2, r2) in itertools.pairwise(holes):
        count = max(abs(c2 - c1), abs(r2 - r1))
        found += [
            (c1 + (c2 - c1) * i // count, r1 + (r2 - r1) * i // count) for i in range(count + 1)
        ]
    return found


if __name__ == "__main__":
    FILE.write_text(svg(), encoding="utf-8")
