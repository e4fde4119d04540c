"""``python -m hardware.enclosure``: parts for the printer, drawings and pictures of the case.

    python -m hardware.enclosure [--only PART ...] [--no-pictures]

Wants build123d and trimesh: sh hardware/tools/enclosure.sh, then .venv-hardware/bin/python.
"""

from __future__ import annotations

import argparse
from pathlib import Path

try:
    import numpy as np
    import trimesh
    from build123d import Mesher, Part, Unit, export_step, export_stl
    from PIL import Image
except ImportError as error:
    raise SystemExit(f"{error}: make case, or see hardware/tools/enclosure.sh") from None

from . import drawing
from .box import PARTS, window_size
from .picture import Thing, box, draw
from .shape import Shape

HERE = Path(__file__).parent
OUT, DOCS = HERE / "parts", HERE.parent / "docs"
BODY, LID, CAP = (70, 74, 82), (96, 102, 112), (214, 92, 60)
BOARD, METAL, DARK, GLASS = (38, 98, 70), (176, 178, 184), (40, 40, 44), (12, 14, 20)


def export(name: str, part: Part, plain: Part, folder: Path) -> None:
    """STL and 3MF to print; STEP to build on, without the engraved words, which are most of it."""
    export_stl(part, str(folder / f"{name}.stl"), tolerance=0.05, angular_tolerance=0.3)
    export_step(plain, str(folder / f"{name}.step"))
    mesher = Mesher(unit=Unit.MM)
    mesher.add_shape(part, linear_deflection=0.05, angular_deflection=0.3)
    mesher.write(str(folder / f"{name}.3mf"))


def thing(name: str, colour: tuple[int, int, int]) -> Thing:
    mesh = trimesh.load_mesh(OUT / f"{name}.stl")
    return Thing(np.asarray(mesh.triangles), colour)


def insides(shape: Shape) -> tuple[list[Thing], list[Thing]]:
    """(board with its parts, Pi) as blocks."""
    board = []
    for part in shape.board_parts():
        colour = BOARD if part.name == "board" else GLASS if part.name == "OLED" else DARK
        board.append(box(part.low, part.high, colour))
    pi = [
        box(part.low, part.high, BOARD if part.name == "pi4" else METAL)
        for part in shape.pi_parts("pi4")
    ]
    return board, pi


def caps(shape: Shape) -> list[Thing]:
    z = shape.top + shape.board["buttons"]["height"]
    y = shape.y(shape.board["buttons"]["y"])
    return [thing("cap", CAP).moved(x, y, z) for _, x in shape.buttons()]


def pictures(shape: Shape) -> None:
    """Closed, from behind, apart, and the screen through its window."""
    base, lid = thing("base-pi4-pi5", BODY), thing("lid", LID)
    board, pi = insides(shape)
    glass = box(*_glass(shape, 0.2), GLASS)
    draw([base, lid, glass, *caps(shape)], -28, 38).save(DOCS / "case-closed.png")
    draw([base, lid, *caps(shape), *board], 152, 26).save(DOCS / "case-rear.png")
    apart = [base, *(part.moved(z=45) for part in pi), *(part.moved(z=95) for part in board)]
    apart += [lid.moved(z=150), *(part.moved(z=185) for part in caps(shape))]
    draw(apart, -32, 28).save(DOCS / "case-exploded.png")
    draw([base, *pi, *board], -28, 48).save(DOCS / "case-open.png")
    screen(shape)


def _glass(shape: Shape, under: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    oled = shape.board["oled"]
    x, y = oled["glass"][0], shape.y(oled["glass"][1])
    w, d = oled["module"][0] - 2, oled["lit"][1] + 6
    z = shape.top + oled["top"] - under
    return (x - w / 2, y - d / 2, z - 0.5), (x + w / 2, y + d / 2, z)


def screen(shape: Shape) -> None:
    """A real picture of the box behind the lid's opening, from straight above: both modules."""
    shots = []
    for lit in (shape.board["oled"]["lit"], (21.7, 10.9)):  # of 1.3 and of 0.96 inch
        px = 24.0  # a mm
        w, d = window_size(shape)
        edge = 6.0
        image = Image.new("RGB", (round((w + 2 * edge) * px), round((d + 2 * edge) * px)), LID)
        hole = Image.new("RGB", (round(w * px), round(d * px)), GLASS)
        shown = Image.open(HERE.parents[1] / "docs/pictures/you.png").convert("L")
        shown = shown.resize((128, 64), Image.Resampling.NEAREST).point(lambda v: 255 * (v > 127))
        shown = shown.resize((round(lit[0] * px), round(lit[1] * px)), Image.Resampling.NEAREST)
        blue = Image.new("RGB", shown.size, (150, 220, 255))
        place = ((hole.width - shown.width) // 2, (hole.height - shown.height) // 2)
        hole.paste(blue, place, shown)
        image.paste(hole, (round(edge * px), round(edge * px)))
        shots.append(image)
    both = Image.new("RGB", (shots[0].width * 2 + 40, shots[0].height), (250, 249, 245))
    both.paste(shots[0], (0, 0))
    both.paste(shots[1], (shots[0].width + 40, 0))
    both.resize((both.width // 2, both.height // 2), Image.Resampling.LANCZOS).save(
        DOCS / "oled-through-window.png"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", nargs="*", choices=sorted(PARTS), metavar="PART")
    parser.add_argument("--no-pictures", action="store_true")
    args = parser.parse_args()
    shape = Shape.load()
    OUT.mkdir(exist_ok=True)
    DOCS.mkdir(exist_ok=True)
    views = {
        "base-pi4-pi5": drawing.base_views(shape),
        "lid": drawing.lid_views(shape, window_size(shape)),
    }
    for name in args.only or PARTS:
        part = PARTS[name](shape)
        export(name, part, PARTS[name](shape, words=False), OUT)
        grams = part.volume / 1000 * 1.27
        x, y, z = part.bounding_box().size
        print(f"{name}: {x:.1f} x {y:.1f} x {z:.1f} mm, {grams:.0f} g of PETG when solid")
        for view in [] if args.no_pictures else views.get(name, []):
            drawing.draw(part, view, DOCS, f"drawing-{name}-{view.name}")
    if not args.no_pictures:
        pictures(shape)


if __name__ == "__main__":
    main()
