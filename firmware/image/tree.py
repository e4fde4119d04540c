"""Which drivers a board needs, read from its device tree: no board has to be at hand.

A flattened tree (Devicetree Specification 0.4, chapter 5) is walked; the kernel's own list
``modules.alias`` tells which module drives what is named ``compatible`` in it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = 0xD00DFEED
BEGIN, END, PROP, NOP, DONE = 1, 2, 3, 4, 9
CARDS = (  # what an SD card sits on
    *("brcm,bcm2835-sdhost", "brcm,bcm2835-sdhci", "brcm,bcm2711-emmc2", "brcm,bcm2712-sdhci"),
)
LISTS = {  # property: the property of the one it points to that says how many cells follow
    "clocks": "#clock-cells",
    "resets": "#reset-cells",
    "dmas": "#dma-cells",
    "power-domains": "#power-domain-cells",
    "phys": "#phy-cells",
    "mboxes": "#mbox-cells",
    "firmware": "",
}


@dataclass
class Node:
    """``parent`` is None for the root."""

    name: str
    parent: Node | None
    props: dict[str, bytes] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def cells(self, name: str) -> list[int]:
        data = self.props.get(name, b"")
        return [number for (number,) in struct.iter_unpack(">I", data[: len(data) // 4 * 4])]

    def words(self, name: str) -> list[str]:
        return [w for w in self.props.get(name, b"").decode(errors="replace").split("\0") if w]

    @property
    def enabled(self) -> bool:
        up = self.parent is None or self.parent.enabled
        return up and self.words("status") in ([], ["okay"], ["ok"])

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def read(path: Path) -> Node:
    """Raises ValueError where it is no device tree."""
    data = path.read_bytes()
    if len(data) < 40 or struct.unpack_from(">I", data)[0] != MAGIC:
        raise ValueError(f"{path.name}: found no device tree in it")
    at, strings = struct.unpack_from(">II", data, 8)
    node: Node | None = None
    while True:
        (token,) = struct.unpack_from(">I", data, at)
        at += 4
        if token == BEGIN:
            end = data.index(b"\0", at)
            child = Node(data[at:end].decode(), node)
            if node is not None:
                node.children.append(child)
            node, at = child, (end + 4) & ~3
        elif token == END:
            assert node is not None
            if node.parent is None:
                return node
            node = node.parent
        elif token == PROP:
            length, offset = struct.unpack_from(">II", data, at)
            name = data[strings + offset : data.index(b"\0", strings + offset)].decode()
            assert node is not None
            node.props[name] = data[at + 8 : at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token != NOP:
            raise ValueError(f"{path.name}: found token {token} in its structure")


def closure(root: Node, starts: Iterable[Node]) -> list[Node]:
    """These nodes and all that they, and what carries them, get clocks, power, pins from."""
    by_handle = {node.cells("phandle")[0]: node for node in root.walk() if node.cells("phandle")}
    found: list[Node] = []
    todo = list(starts)
    while todo:
        node = todo.pop()
        if node in found:
            continue
        found.append(node)
        todo += [node.parent] if node.parent is not None else []
        todo += _suppliers(node, by_handle)
    return found


def _suppliers(node: Node, by_handle: dict[int, Node]) -> Iterator[Node]:
    for name in node.props:
        cells = node.cells(name)
        if name.endswith("-supply") or name == "interrupt-parent" or name.startswith("pinctrl-"):
            if name != "pinctrl-names":
                yield from (by_handle[cell] for cell in cells if cell in by_handle)
            continue
        count = "#gpio-cells" if name.endswith(("gpio", "gpios")) else LISTS.get(name)
        while count is not None and cells and cells[0] in by_handle:
            supplier = by_handle[cells[0]]
            yield supplier
            cells = cells[1 + sum(supplier.cells(count)[:1]) :]


def compatibles(nodes: Iterable[Node]) -> set[str]:
    return {word for node in nodes if node.enabled for word in node.words("compatible")}


def card_nodes(root: Node) -> list[Node]:
    return [n for n in root.walk() if n.enabled and set(n.words("compatible")) & set(CARDS)]


def drivers(alias_file: Path, names: Iterable[str]) -> set[str]:
    """Modules that the kernel would load for those; what is built in needs none."""
    wanted, found = set(names), set()
    for line in alias_file.read_text().splitlines():
        words = line.split()
        of = len(words) == 3 and words[1].startswith("of:N*T*C")
        if of and words[1].removeprefix("of:N*T*C").removesuffix("C*") in wanted:
            found.add(words[2])
    return found
