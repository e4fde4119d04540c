"""Progressions as YAML, and the same progression in another key.

One YAML document for each progression (several in a file, ``---`` between them)::

    name: Jazz blues
    key: F
    metre: 4/4        # n/4 or n/8, default 4/4
    turn_bars: 4      # 1 to 16, default 4
    form: 12          # 1 to 64 bars, default: the bars written; more repeats them
    loops: 0          # total loops of a set, 0 (default) until stopped
    bars:             # each item one bar, or several with | between them
      - F7 | Bb7 | F7 | Cm7 F7

A bar holds one chord, or a number of them that divides the bar evenly: two halves, or one
a beat. ``/`` holds the chord before it, ``%`` as a whole bar repeats the bar before it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..config import nodes
from ..config.nodes import Node
from ..errors import ProgressionError
from .chords import parse_chord, respelled
from .harmony import Chord, Metre, Progression
from .spelling import Key, parse_key, plain, renamed

MAX_FORM_BARS = 64
FIELDS = ("name", "key", "metre", "bars", "turn_bars", "form", "loops")
_METRE = re.compile(r"^([1-9]|1[0-6])/(4|8)$")
_SYMBOL = re.compile(r"[^\s(]+(?:\([^)]*\)[^\s(]*)*|\S+")

Bar = list[tuple[float, Chord]]  # beats into the bar, chord


def parse_progression(text: str, file: str | Path = "") -> tuple[Progression, ...]:
    """The progressions of a YAML text. Raises ProgressionError naming file and line."""
    file = str(file)
    trees = nodes.documents(text, file, ProgressionError)
    if not trees:
        raise ProgressionError("nothing in it", file=file, allowed=f"a progression ({FIELDS[0]}:)")
    found: dict[str, Progression] = {}
    for tree in trees:
        progression = _progression(tree, file)
        if progression.name in found:
            name, line = progression.name, nodes.line(tree)
            raise ProgressionError("name", file=file, line=line, found=name, allowed="a new one")
        found[progression.name] = progression
    return tuple(found.values())


def load_progressions(path: Path) -> tuple[Progression, ...]:
    """The progressions of a file, or of every .yaml file of a folder, in order of name."""
    if path.is_dir():
        return tuple(p for file in yaml_files(path) for p in load_progressions(file))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as bad:
        raise ProgressionError(f"cannot read: {bad.strerror}", file=path) from None
    except UnicodeDecodeError:
        raise ProgressionError("cannot read", file=path, allowed="text in UTF-8") from None
    return parse_progression(text, path)


def yaml_files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.suffix in (".yaml", ".yml") and f.is_file())


def in_key(progression: Progression, key: str | int) -> Progression:
    """The progression in a key (``Bb``, ``F#m``), or so many semitones up.

    Chords keep their degree, so a b2 is spelled as a b2. Raises ProgressionError.
    """
    old = parse_key(progression.key)
    if isinstance(key, int):
        new = old.moved(key)
    else:
        new = parse_key(key)
        if new.minor != old.minor:
            mode = "minor, such as Am or Bbm" if old.minor else "major, such as C or Bb"
            raise ProgressionError(f"key of {progression.name}", found=key, allowed=mode)
    if new == old:
        return progression
    semitones = (new.pc - old.pc) % 12
    name = partial(renamed, old=old, new=new)
    moved = {chord: respelled(chord, semitones, name) for chord in set(progression.chords)}
    return replace(progression, key=str(new), chords=tuple(moved[c] for c in progression.chords))


def _progression(tree: Node, file: str) -> Progression:
    entries = nodes.pairs(tree, "progression", file, ProgressionError)
    for name, (line, _) in entries.items():
        if name not in FIELDS:
            known = nodes.nearest(name, FIELDS)
            raise ProgressionError("unknown name", file=file, line=line, found=name, allowed=known)
    for name in ("name", "key", "bars"):
        if name not in entries:
            raise ProgressionError(
                f"{name} is missing", file=file, line=nodes.line(tree), allowed=f"{name}: ..."
            )
    name = _text(entries["name"][1], "name", file, 40)
    metre = _metre(entries, file)
    key = _key(entries["key"][1], file)
    bars = _bars(entries["bars"][1], metre, file)
    form_bars = _whole(entries, "form", len(bars), 1, MAX_FORM_BARS, file)
    if form_bars % len(bars):
        raise ProgressionError(
            "form", file=file, line=entries["form"][0], found=form_bars,
            allowed=f"the bars written ({len(bars)}) or a multiple of them",
        )  # fmt: skip
    starts: list[float] = []
    chords: list[Chord] = []
    for index in range(form_bars):
        for beats, chord in bars[index % len(bars)]:
            if not chords or chord != chords[-1]:
                starts.append(index * metre.bar_beats + beats)
                chords.append(chord)
    turn_bars = _whole(entries, "turn_bars", 4, 1, 16, file)
    loops = _whole(entries, "loops", 0, 0, 1000, file)
    return Progression(
        name, str(key), metre, tuple(starts), tuple(chords), form_bars, turn_bars, loops
    )


def _text(node: Node, what: str, file: str, most: int) -> str:
    text = node.value.strip() if node.id == "scalar" else ""
    if not (0 < len(text) <= most and text.isprintable()):
        allowed = f"1 to {most} characters in one line"
        line, found = nodes.line(node), nodes.shown(node)
        raise ProgressionError(what, file=file, line=line, found=found, allowed=allowed)
    return str(text)


def _metre(entries: dict[str, tuple[int, Node]], file: str) -> Metre:
    if "metre" not in entries:
        return Metre()
    node = entries["metre"][1]
    match = _METRE.match(nodes.shown(node).replace(" ", ""))
    if match is None:
        line, found = nodes.line(node), nodes.shown(node)
        allowed = "n/4 or n/8 with n from 1 to 16"
        raise ProgressionError("metre", file=file, line=line, found=found, allowed=allowed)
    return Metre(int(match[1]), int(match[2]))


def _key(node: Node, file: str) -> Key:
    try:
        return parse_key(nodes.shown(node))
    except ProgressionError as error:
        raise _here(error, node, file) from None


def _here(error: ProgressionError, node: Node, file: str, before: str = "") -> ProgressionError:
    """``error`` with file and line of ``node``, and ``before`` put before its text."""
    return ProgressionError(
        before + error.what, file=file, line=nodes.line(node), found=error.found,
        allowed=error.allowed,
    )  # fmt: skip


def _whole(
    entries: dict[str, tuple[int, Node]], name: str, default: int, low: int, high: int, file: str
) -> int:
    if name not in entries:
        if low <= default <= high:
            return default
        raise ProgressionError("bars", file=file, line=entries["bars"][0], found=default,
                               allowed=f"{low} to {high} bars")  # fmt: skip
    node = entries[name][1]
    found = nodes.shown(node)
    if not (found.isascii() and found.isdigit() and low <= int(found) <= high):
        allowed = f"a whole number from {low} to {high}"
        raise ProgressionError(name, file=file, line=nodes.line(node), found=found, allowed=allowed)
    return int(found)


def _bars(node: Node, metre: Metre, file: str) -> list[Bar]:
    items = node.value if node.id == "sequence" else []
    if not items or any(item.id != "scalar" for item in items):
        raise ProgressionError(
            "bars", file=file, line=nodes.line(node), found=nodes.shown(node),
            allowed="a list of bars, such as [Dm7 G7, Cmaj7]",
        )  # fmt: skip
    bars: list[Bar] = []
    for item in items:
        for text in re.split(r"\|+", item.value.strip().strip("|")):
            bars.append(_bar(plain(text), bars, metre, item, file))
    return bars


def _bar(text: str, before: list[Bar], metre: Metre, node: Node, file: str) -> Bar:
    symbols = _SYMBOL.findall(text)
    where = f"bar {len(before) + 1}: "
    if symbols == ["%"] and before:
        return before[-1]
    if not symbols or metre.count % len(symbols):
        counts = [str(n) for n in range(1, metre.count + 1) if metre.count % n == 0]
        allowed = f"{', '.join(counts)} chords in {metre}; / holds the one before"
        line = nodes.line(node)
        raise ProgressionError(where + "chords", file=file, line=line, found=text, allowed=allowed)
    bar: Bar = []
    held = before[-1][-1][1] if before else None
    for index, symbol in enumerate(symbols):
        if symbol == "/" and held is not None:
            chord = held
        else:
            try:
                chord = parse_chord(symbol)
            except ProgressionError as error:
                raise _here(error, node, file, where) from None
        bar.append((index * metre.bar_beats / len(symbols), chord))
        held = chord
    return bar
