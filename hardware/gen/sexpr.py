"""KiCad's files are nested lists of words; these two read and write them."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')
Node = list[Any]  # words are str, quoted text is Quoted


class Quoted(str):
    """A text that is written in quotes."""


def read(text: str) -> Node:
    """The list that ``text`` is."""
    stack: list[Node] = [[]]
    for match in _TOKEN.finditer(text):
        quoted, bracket, word = match.groups()
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        elif word is not None:
            stack[-1].append(word)
        else:
            stack[-1].append(Quoted(quoted.replace('\\"', '"').replace("\\\\", "\\")))
    return stack[0][0]


def write(node: Any, depth: int = 0) -> str:
    """One list a line, as KiCad indents them; short ones stay on one line."""
    if isinstance(node, Quoted):
        return '"' + node.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if not isinstance(node, list):
        return number(node) if isinstance(node, float) else str(node)
    if not any(isinstance(part, list) for part in node):
        return "(" + " ".join(write(part) for part in node) + ")"
    text = "("
    for index, part in enumerate(node):
        if isinstance(part, list):
            text += "\n" + "\t" * (depth + 1) + write(part, depth + 1)
        else:
            text += (" " if index else "") + write(part)
    return text + "\n" + "\t" * depth + ")"


def number(value: float) -> str:
    """Millimetres without needless digits."""
    return (
        f"{value:.4f}".rstrip("0").rstrip(".").replace("-0", "0")
        if value == 0
        else (f"{value:.4f}".rstrip("0").rstrip("."))
    )


def find(node: Node, *names: str) -> Node | None:
    """The first list in ``node`` that begins with one of ``names``."""
    return next((part for part in node if isinstance(part, list) and part[0] in names), None)


def every(node: Node, name: str) -> list[Node]:
    return [part for part in node if isinstance(part, list) and part and part[0] == name]
