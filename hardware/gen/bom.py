"""The parts list: what to order for one box and for a hundred, and what it costs about."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .netlist import Circuit, load
from .parts import KINDS

FILE = Path(__file__).parents[1] / "bom.csv"
HEAD = (
    *("ref", "value", "count", "fitted", "maker", "mpn", "alternatives", "footprint"),
    *("price_1_eur", "price_100_eur", "note"),
)


@dataclass(frozen=True)
class Extra:
    """What the box needs beside the board's parts."""

    what: str
    count: int
    price_eur: float
    price_100_eur: float
    note: str = ""


EXTRAS = (
    Extra("printed circuit board 160 x 100 mm, 2 layers", 1, 8.0, 2.2, "five are made at least"),
    Extra("Raspberry Pi 4, 2 GB (or Pi 5; Zero 2 W with a USB hub)", 1, 50.0, 46.0),
    Extra("USB-C supply, 5.1 V 3 A", 1, 9.0, 8.0),
    Extra("micro SD card, 16 GB, industrial kind", 1, 9.0, 7.0),
    Extra("OLED 1.3 inch SH1106 or 0.96 inch SSD1306, I2C, 4 pins", 1, 6.0, 3.5),
    Extra("ribbon of 40 wires with two sockets, 10 cm", 1, 3.0, 1.6),
    Extra("socket DIP-6", 1, 0.3, 0.15),
    Extra("button caps 12 mm", 6, 0.25, 0.12),
    Extra("case, printed: 300 g of PETG", 1, 6.0, 6.0, "hardware/enclosure"),
    Extra("screws M3, inserts, feet, window", 1, 5.0, 2.5, "hardware/enclosure"),
)


def lines(circuit: Circuit) -> Iterator[dict[str, object]]:
    """One a kind of part, in the order of the table of kinds."""
    for name, kind in KINDS.items():
        for fitted in (True, False):
            refs = [p.ref for p in circuit.parts.values() if p.kind == name and p.fitted is fitted]
            if refs and kind.mpn:
                yield {
                    "ref": " ".join(sorted(refs, key=_natural)),
                    "value": name,
                    "count": len(refs),
                    "fitted": "yes" if fitted else "no",
                    "maker": kind.maker,
                    "mpn": kind.mpn,
                    "alternatives": "; ".join(kind.others),
                    "footprint": kind.footprint,
                    "price_1_eur": f"{kind.price_eur:.3f}",
                    "price_100_eur": f"{kind.price_100_eur:.3f}",
                    "note": kind.say,
                }


def _natural(ref: str) -> tuple[str, int]:
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :] or 0)


def text(circuit: Circuit) -> str:
    """The file bom.csv."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines(circuit))
    return out.getvalue()


def cost(circuit: Circuit) -> str:
    """The table of costs, as Markdown."""
    parts = [line for line in lines(circuit) if line["fitted"] == "yes"]
    rows = [("parts on the board", *(_sum(parts, key) for key in ("price_1_eur", "price_100_eur")))]
    rows += [(f"{e.what}", e.count * e.price_eur, e.count * e.price_100_eur) for e in EXTRAS]
    rows.append(("**all of it**", *(sum(column) for column in list(zip(*rows, strict=True))[1:])))
    head = "| estimates, EUR a box | for one | for a hundred |\n|---|---:|---:|\n"
    return head + "".join(f"| {what} | {one:.2f} | {many:.2f} |\n" for what, one, many in rows)


def _sum(parts: list[dict[str, object]], key: str) -> float:
    return sum(float(str(line[key])) * int(str(line["count"])) for line in parts)


if __name__ == "__main__":
    print(cost(load()), end="")
