"""What the drive LKJAM begins with."""

from __future__ import annotations

from pathlib import Path

EXAMPLE = """\
# A progression of your own. Copy it, change it, eject the drive: the box has it at once.
# docs/progressions.md of lkjam_box tells all that can stand here.
name: My blues
key: F
turn_bars: 4
bars:
  - F7 | Bb7 | F7 | Cm7 F7
  - Bb7 | Bdim7 | F7 | Am7b5 D7b9
  - Gm7 | C7 | F7 D7 | Gm7 C7
"""
README = """\
This is the drive of your lkjam_box.

lkjam-box.yaml   options: take the # away before a line and change it
progressions     your own chord progressions, one file each

Eject the drive when you are through: the box reads it then, and when it starts.
A file with a mistake is not taken; WHAT THE BOX SAYS.txt tells which line to mend.
"""


def fill(folder: Path, options: str) -> None:
    """``options`` is the sample of all of them. Line ends are those that every editor shows."""
    (folder / "progressions").mkdir(parents=True, exist_ok=True)
    for name, text in {
        "README.txt": README,
        "lkjam-box.yaml": options,
        "progressions/my-blues.yaml": EXAMPLE,
    }.items():
        (folder / name).write_text(text, newline="\r\n")
