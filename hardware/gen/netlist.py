"""The committed netlist as plain tables. Pure, standard library only."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "kicad/lkjam.net.xml"


@dataclass(frozen=True)
class Part:
    ref: str
    value: str
    kind: str  # of parts.py
    footprint: str
    mpn: str
    maker: str
    fitted: bool


@dataclass(frozen=True)
class Circuit:
    """``nets``: name to pins, as (reference, pin)."""

    parts: dict[str, Part]
    nets: dict[str, frozenset[tuple[str, str]]]

    def net_of(self, ref: str, pin: str | int) -> str:
        """Name of the net at a pin; '' where nothing is joined to it."""
        for name, pins in self.nets.items():
            if (ref, str(pin)) in pins:
                return "" if name.startswith("unconnected-") else name
        return ""

    def through(self, ref: str, net: str) -> str:
        """The net at the other end of a part with two pins; ``net`` where it is not on ``net``."""
        if not any(found == ref for found, _ in self.nets.get(net, ())):
            return net
        ends = [name for name, pins in self.nets.items() if any(r == ref for r, _ in pins)]
        return next((name for name in ends if name != net), net)


def load(file: Path = FILE) -> Circuit:
    return parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> Circuit:
    root = xml.fromstring(text)
    parts = {}
    for entry in root.iter("comp"):
        fields = {field.get("name"): field.text or "" for field in entry.iter("field")}
        marks = {mark.get("name") for mark in entry.iter("property")}
        ref = str(entry.get("ref"))
        parts[ref] = Part(
            ref,
            entry.findtext("value") or "",
            fields.get("Kind", ""),
            entry.findtext("footprint") or "",
            fields.get("MPN", ""),
            fields.get("Manufacturer", ""),
            "dnp" not in marks,
        )
    nets = {
        str(net.get("name")): frozenset(
            (str(node.get("ref")), str(node.get("pin"))) for node in net.iter("node")
        )
        for net in root.iter("net")
    }
    return Circuit(parts, nets)
