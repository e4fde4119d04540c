"""``python -m hardware.gen schematic | board | fab | cost``: makes the electronics anew.

``schematic`` writes schematic, netlist, parts list and their pictures, the same at every run.
``board`` places, routes and pours (a minute or two), then ``fab``; look at it before a commit.
``fab`` writes what a factory wants, and pictures of the board that is there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from . import bom, tools
from .circuit import draw
from .netlist import load

HERE = Path(__file__).parents[1]
DOCS, FAB = HERE / "docs", HERE / "fab"
LAYERS = "F.Cu,B.Cu,F.Paste,B.Paste,F.SilkS,B.SilkS,F.Mask,B.Mask,Edge.Cuts"


def schematic(folder: Path | None = None) -> None:
    """Into ``folder``, or over what is committed."""
    target = (folder / tools.schematic().name) if folder else tools.schematic()
    target.write_text(draw().dump(), encoding="utf-8")
    if folder:
        for name in ("sym-lib-table", f"{tools.NAME}.kicad_pro"):
            shutil.copy(tools.KICAD / name, folder)
    net = target.with_suffix(".net.xml")
    tools.kicad("sch", "export", "netlist", "--format", "kicadxml", "-o", net, target)
    net.write_text(_plain(net.read_text(encoding="utf-8")), encoding="utf-8")
    if folder is None:
        bom.FILE.write_text(bom.text(load()), encoding="utf-8")
        tools.kicad("sch", "export", "pdf", "-o", DOCS / "schematic.pdf", target)
        command = ("pdftoppm", "-r", "130", "-png", "-singlefile")
        subprocess.run([*command, DOCS / "schematic.pdf", DOCS / "schematic"], check=True)


def _plain(text: str) -> str:
    """Without where and when it was made."""
    text = re.sub(r'("Sheetfile" value=")[^"]*/', r"\1", text)
    kept = [
        line
        for line in text.splitlines()
        if not line.strip().startswith(("<source>", "<date>", "<tool>"))
    ]
    text = "\n".join(kept) + "\n"
    return re.sub(rf'value="[^"]*/{tools.NAME}.kicad_sch"', f'value="{tools.NAME}.kicad_sch"', text)


def board() -> None:
    from . import silk
    from .board import Layout

    layout = Layout(tools.netlist(), tools.board())
    layout.outline()
    layout.parts()
    if left := layout.route():
        raise SystemExit(f"no way for {'; '.join(left)}: move parts in placement.py")
    layout.prune()
    silk.write(layout)
    layout.pours()
    layout.save()


def gerbers(folder: Path) -> None:
    """Gerber and drill files of the committed board."""
    tools.kicad("pcb", "export", "gerbers", "--layers", LAYERS, "-o", f"{folder}/", tools.board())
    tools.kicad("pcb", "export", "drill", "-o", f"{folder}/", tools.board())


def fab() -> None:
    shutil.rmtree(FAB, ignore_errors=True)
    (FAB / "gerbers").mkdir(parents=True)
    gerbers(FAB / "gerbers")
    with zipfile.ZipFile(FAB / "lkjam-gerbers.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted((FAB / "gerbers").iterdir()):
            packed.write(path, path.name)
    shutil.rmtree(FAB / "gerbers")
    position = FAB / "lkjam-position.csv"
    tools.kicad(
        "pcb", "export", "pos", "--format", "csv", "--units", "mm", "-o", position, tools.board()
    )
    step = HERE / "kicad/board.step"
    tools.kicad("pcb", "export", "step", "--force", "--board-only", "-o", step, tools.board())
    for side in ("top", "bottom"):
        picture = DOCS / f"board-{side}.png"
        size = ("--width", 1600, "--height", 1100, "--zoom", 1, "--quality", "basic")
        tools.kicad("pcb", "render", "--side", side, *size, "-o", picture, tools.board())
    jack = DOCS / "din-footprint-1to1.pdf"
    layers = "F.Fab,F.SilkS,F.Mask,Edge.Cuts"
    tools.kicad(
        "pcb", "export", "pdf", "--layers", layers, "--mode-single", "-o", jack, tools.board()
    )


def main() -> None:
    commands = {"schematic": schematic, "board": board, "fab": fab}
    wanted = sys.argv[1:]
    if wanted == ["cost"]:
        print(bom.cost(load()), end="")
    elif not wanted or set(wanted) - set(commands):
        raise SystemExit(__doc__)
    for name in wanted:
        if name in commands:
            commands[name]()
            print(f"{name}: done")


if __name__ == "__main__":
    main()
