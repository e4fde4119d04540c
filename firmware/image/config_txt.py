"""What counts on a board of the Pi's ``config.txt``: its conditional filters, as documented.

Raspberry Pi documentation, config.txt, "Conditional filters": a filter replaces one of its own
type and is combined with those of other types; ``[all]`` ends them all.
"""

from __future__ import annotations

from collections.abc import Mapping

ALIKE = {  # filters of models, by board: what each of them sees
    "pi3": ("pi3",),  # 3B
    "pi3+": ("pi3", "pi3+"),  # 3A+, 3B+
    "pi02": ("pi0", "pi0w", "pi02"),  # Zero 2 W
    "pi4": ("pi4",),
    "pi400": ("pi4", "pi400"),
    "cm4": ("pi4", "cm4"),
    "pi5": ("pi5",),
}
_MODELS = {"pi0", "pi0w", "pi1", "pi2", "pi500", "cm1", "cm3", "cm3+", "cm4s", "cm5", "cm0"}.union(
    *ALIKE.values()
)


def in_force(text: str, board: str) -> list[str]:
    """The lines that count on ``board``, in their order, without comments."""
    lines, filters = [], dict[str, bool]()
    for line in text.splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            _filter(line.strip("[]").lower(), board, filters)
        elif line and all(filters.values()):
            lines.append(line)
    return lines


def settings(lines: list[str]) -> Mapping[str, str]:
    """Name and value of those set once (the last counts); not ``dtoverlay``, ``dtparam``."""
    pairs = (line.replace(" ", "=", 1).partition("=")[::2] for line in lines)
    return {name: value for name, value in pairs if name not in ("dtoverlay", "dtparam")}


def overlays(lines: list[str]) -> list[str]:
    """Overlays in the order of loading, with their parameters: "dwc2,dr_mode=host"."""
    return [line.partition("=")[2] for line in lines if line.startswith("dtoverlay=")]


def _filter(name: str, board: str, filters: dict[str, bool]) -> None:
    if name == "all":
        filters.clear()
    elif name == "none":
        filters["none"] = False
    elif name in _MODELS:
        filters["model"] = name in ALIKE[board]
    else:  # of this screen, serial number, pin: not the one at hand
        filters[name.partition("=")[0]] = False
