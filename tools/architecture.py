"""The house in one picture and in words, read from the code: ``python -m tools.architecture``.

The order of the rooms is that of the layers in pyproject.toml, which ``lint-imports`` holds; what
a room is for is the first line of its docstring; who imports whom is read by grimp.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

REPO = Path(__file__).parents[1]
PACKAGE = "lkjam_box"
PICTURE = REPO / "docs/pictures/architecture.svg"
PAGE = REPO / "docs/architecture.md"
BEGIN, END = "<!-- the order: make architecture -->\n", "<!-- end of the order -->\n"

# The ways of a note, room by room, drawn over the house.
WAYS = {
    "a key to the synth": ("#c2410c", ("ports", "service", "stage", "ports")),
    "a call to its answer": ("#1d4ed8", ("stage", "protocol", "brain", "protocol", "stage")),
    "both to the screen": ("#15803d", ("stage", "protocol", "panel")),
}
# Rooms that the box does without, in today's house and in the one before it ...
WINGS = {"lab": ("lab/", "training/", "evaluation/", "listening/", "bench/"), "play": ("play/",)}
# ... and the files of other rooms that only these use: they have moved since, or are their doors.
THEIRS = {
    "lab": (
        *("tempo/rivals.py", "tempo/replay.py", "music/corpus_chords.py", "cli/train.py"),
        *("cli/evaluate.py", "cli/listening_kit.py", "cli/bench.py", "cli/clock_replay.py"),
    ),
    "play": (
        *("midi/smf.py", "tempo/jitter.py", "panel/gallery.py", "panel/gif.py"),
        *("cli/demo.py", "cli/render.py"),
    ),
}


@dataclass(frozen=True)
class House:
    """``floors`` from the ground up; ``arrows`` counts the imports of one room by another."""

    floors: tuple[tuple[str, ...], ...]
    jobs: dict[str, str]
    arrows: Counter[tuple[str, str]]

    def carrying(self) -> Iterator[tuple[str, str]]:
        """The arrows that no longer way through other rooms says already."""
        for a, b in sorted(self.arrows):
            if not any(self._reaches(c, b) for (x, c) in self.arrows if x == a and c != b):
                yield a, b

    def _reaches(self, a: str, b: str) -> bool:
        return a == b or any(self._reaches(c, b) for (x, c) in self.arrows if x == a)


def read() -> House:
    contracts = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    floors = tuple(tuple(layer.split(" | ")) for layer in reversed(layers))
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    arrows: Counter[tuple[str, str]] = Counter()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            pair = room_of(importer), room_of(imported)
            if "" not in pair and pair[0] != pair[1]:
                arrows[pair] += 1
    return House(floors, {room: _job(room) for floor in floors for room in floor}, arrows)


def room_of(module: str) -> str:
    """The room of a module; '' for the package's own two files."""
    room = module.split(".")[1] if "." in module else ""
    return "" if room == "__main__" else room


def _job(room: str) -> str:
    folder = REPO / PACKAGE / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return text.split("\n")[0].split(". Pure")[0].rstrip(".").replace("``", "")


def order(house: House) -> str:
    """The rooms from the ground up, as text: floor, room, what it is for, what it stands on."""
    lines = []
    for number, floor in enumerate(house.floors, 1):
        for room in floor:
            below = sorted(b for a, b in house.carrying() if a == room)
            lines.append(f"{number:>2}  {room:<9} {house.jobs[room]}")
            if below:
                lines.append(f"{'':<14}stands on {', '.join(below)}")
    lines.append(f"{len(house.arrows)} arrows between {len(house.jobs)} rooms, none upwards")
    return "\n".join(lines) + "\n"


# --- the picture

WIDTH, BOX_H, FLOOR_H, GAP, TOP = 1180, 70, 108, 16, 64


def draw(house: House) -> str:
    """The picture, as SVG."""
    height = TOP + FLOOR_H * len(house.floors)
    boxes: dict[str, tuple[float, float, float]] = {}  # room -> left, top, width
    for number, floor in enumerate(house.floors):
        width = min(280.0, (WIDTH - GAP * (len(floor) + 1)) / len(floor))
        left = (WIDTH - len(floor) * (width + GAP) + GAP) / 2
        for room in floor:
            boxes[room] = (left, height - FLOOR_H * (number + 1) + 20, width)
            left += width + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf7"/>',
        '<text x="20" y="30" font-size="20" font-weight="bold">The rooms of lkjam_box</text>',
        '<text x="20" y="50" font-size="13" fill="#57534e">A room imports only rooms below it; '
        "a line stands for an import that no other line implies.</text>",
    ]
    for a, b in house.carrying():
        (ax, ay, aw), (bx, by, bw) = boxes[a], boxes[b]
        parts.append(
            f'<line x1="{ax + aw / 2:.0f}" y1="{ay + BOX_H:.0f}" x2="{bx + bw / 2:.0f}" '
            f'y2="{by:.0f}" stroke="#a8a29e" stroke-width="1.2"/>'
        )
    for x, y, width in boxes.values():
        parts.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{BOX_H}" rx="7" '
            'fill="#ffffff" stroke="#44403c"/>'
        )
    parts += _ways(boxes)
    for room, (x, y, width) in boxes.items():
        parts.append(
            f'<text x="{x + 12:.0f}" y="{y + 23:.0f}" font-size="16" font-weight="bold">'
            f"{room}</text>"
        )
        job = textwrap.wrap(house.jobs[room], int(width / 6.3))
        for row, words in enumerate(job[:3]):
            parts.append(
                f'<text x="{x + 12:.0f}" y="{y + 40 + 13.5 * row:.1f}" font-size="12" '
                f'fill="#44403c">{escape(words)}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ways(boxes: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    """Each way of a note as a coloured line with numbered stops."""
    stops: Counter[str] = Counter()
    legend_x = 520
    for name, (colour, rooms) in WAYS.items():
        points = []
        for room in rooms:
            x, y, width = boxes[room]
            points.append((x + width - 14 - 22 * stops[room], y + 15))
            stops[room] += 1
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
        yield (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.2" '
            'stroke-opacity="0.45"/>'
        )
        for number, (x, y) in enumerate(points, 1):
            yield (
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="9" fill="{colour}"/>'
                f'<text x="{x:.0f}" y="{y + 4:.0f}" font-size="11" fill="#ffffff" '
                f'text-anchor="middle">{number}</text>'
            )
        yield (
            f'<circle cx="{legend_x}" cy="25" r="6" fill="{colour}"/>'
            f'<text x="{legend_x + 12}" y="30" font-size="14">{name}</text>'
        )
        legend_x += 30 + 8 * len(name)


# --- lines of code


def lines(revision: str = "") -> Counter[str]:
    """Lines of Python of box, play and lab, by room; and of the box without the files of other
    rooms that only play or lab use. Of the work tree, or of a revision."""
    counts = Counter({"box": 0, "play": 0, "lab": 0, "box, like for like": 0})
    for name, text in _files(revision):
        wing = next((w for w, begins in WINGS.items() if name.startswith(begins)), "box")
        counts[wing] += text.count("\n")
        if wing == "box" and not any(name in files for files in THEIRS.values()):
            counts["box, like for like"] += text.count("\n")
    return counts


def _files(revision: str) -> Iterator[tuple[str, str]]:
    if not revision:
        for path in sorted((REPO / PACKAGE).rglob("*.py")):
            yield str(path.relative_to(REPO / PACKAGE)), path.read_text()
        return
    listed = _git("ls-tree", "-r", "--name-only", revision, f"{PACKAGE}/")
    for name in listed.split():
        if name.endswith(".py"):
            yield name.removeprefix(f"{PACKAGE}/"), _git("show", f"{revision}:{name}")


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=REPO, capture_output=True, text=True, check=True
    ).stdout


def page_with(text: str, block: str) -> str:
    """The page with the printed order put between its marks."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n```\n{block}```\n\n{END}{rest.partition(END)[2]}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.architecture", description=__doc__)
    parser.add_argument("--write", action="store_true", help="draw the picture, renew the page")
    parser.add_argument("--check", action="store_true", help="exit 1 where one is out of date")
    parser.add_argument(
        "--lines", nargs="*", metavar="REVISION", help="lines of box, play and lab, now and then"
    )
    args = parser.parse_args()
    if args.lines is not None:
        for revision in (*args.lines, ""):
            counts = lines(revision)
            print(f"{revision or 'now':<12}", *(f"{n} {c:>6}" for n, c in counts.items()), sep="  ")
        return 0
    house = read()
    picture, page = draw(house), page_with(PAGE.read_text(), order(house))
    if args.write:
        PICTURE.write_text(picture)
        PAGE.write_text(page)
    if args.check and (PICTURE.read_text(), PAGE.read_text()) != (picture, page):
        print(f"{PAGE.name} or {PICTURE.name} is not of this code: make architecture")
        return 1
    print(order(house), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
