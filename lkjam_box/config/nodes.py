"""Parses YAML into nodes that know their line, so that an error can name file and line.

Scalars stay text: our own parsers decide what ``off``, ``no`` or ``6/8`` means, not YAML 1.1.
PyYAML is imported on first use; processes that are handed JSON never load it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from ..errors import FileError


class Node(Protocol):
    """What we use of PyYAML's nodes; ``id`` is scalar, sequence or mapping."""

    id: str
    value: Any
    start_mark: Any


def documents(text: str, file: str, error: type[FileError]) -> list[Node]:
    """The documents of a YAML text as node trees; raises ``error`` for bad YAML."""
    import yaml

    try:
        trees: list[Any] = list(yaml.compose_all(text, yaml.SafeLoader))
        return [tree for tree in trees if tree is not None]
    except yaml.MarkedYAMLError as bad:
        line = bad.problem_mark.line + 1 if bad.problem_mark else 0
        hint = "YAML; put quotes around text that begins with %, |, *, &, #, [ or {"
        raise error(
            f"not YAML: {bad.problem or bad.context}", file=file, line=line, allowed=hint
        ) from None
    except RecursionError:
        raise error("nested too deep", file=file) from None
    except yaml.YAMLError as bad:  # a character that YAML does not allow
        raise error(f"not YAML: {str(bad).splitlines()[0]}", file=file) from None


def line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def pairs(node: Node, what: str, file: str, error: type[FileError]) -> dict[str, tuple[int, Node]]:
    """The entries of a mapping: name -> (its line, value). Raises ``error`` for a repeated name."""
    if node.id != "mapping":
        raise error(what, file=file, line=line(node), found=shown(node), allowed="name: value")
    found: dict[str, tuple[int, Node]] = {}
    for key, value in node.value:
        name = key.value if key.id == "scalar" else shown(key)
        if name in found:
            first = f"once (first in line {found[name][0]})"
            raise error(
                f"{what}: written twice", file=file, line=line(key), found=name, allowed=first
            )
        found[name] = (line(key), value)
    return found


def shown(node: Node, most: int = 60) -> str:
    """A node as text for a message, cut to ``most`` characters. Nested items are ``...``."""
    if node.id == "scalar":
        text = str(node.value)
    elif node.id == "sequence":
        text = "[" + ", ".join(n.value if n.id == "scalar" else "..." for n in node.value) + "]"
    else:
        text = "{" + ", ".join(k.value if k.id == "scalar" else "..." for k, _ in node.value) + "}"
    return text if len(text) <= most else text[: most - 3] + "..."


def nearest(name: str, known: Iterable[str]) -> str:
    """The allowed names for a message (of more than 12 the five most alike), and the likeliest."""
    import difflib  # for an error only

    names = list(known)
    lowered = {n.lower(): n for n in names}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    if len(names) > 12:
        like = difflib.get_close_matches(name.lower(), lowered, n=5, cutoff=0.0)
        listed = ", ".join(lowered[n] for n in like) + f" and {len(names) - len(like)} more"
    else:
        listed = ", ".join(names)
    return f"{listed} (did you mean {lowered[close[0]]}?)" if close else listed
