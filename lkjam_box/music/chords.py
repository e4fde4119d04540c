"""Reads chord symbols as jazz players write them, and transposes chords. Pure.

Our own table: pychord 1.4.1, the best kept library, has no ``C^7``, ``CΔ``, ``C-7``,
``Cmin7``, ``Cø``, ``C7alt``, ``C7sus``, ``C+``, ``C°7`` or ``N.C.``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ..errors import ProgressionError
from .harmony import NO_CHORD, Chord
from .spelling import name_of, pitch_class, plain

ALLOWED = "root and quality such as Cmaj7, Bb-7, F#7b9, Ebø, G7alt, C/G, N.C."
_ROOT = re.compile(r"^([A-G][b#]?)(.*?)(?:/([A-G][b#]?))?$")
_NO_CHORD = {"N.C.", "NC", "N.C", "n.c.", "nc", "NC."}
_LOOK_ALIKES = str.maketrans("°Ø∆△", "oøΔΔ")
_MAJOR = r"(?:maj|Maj|MAJ|ma|Ma|M|\^|Δ|j)"
_HEAD = re.compile(
    rf"(?P<triad>min|Min|MIN|mi|m(?!a(?!dd))|-|dim|o|ø|aug|\+)?"
    rf"(?P<major>{_MAJOR}(?=$|[^a-z]|sus|add|no))?"
    r"(?P<number>6/9|69|6|7|9|11|13|2|4|5)?"
)
_MINOR, _DIMINISHED, _AUGMENTED = (3, 7), (3, 6), (4, 8)  # third, fifth
_TRIADS = {
    **dict.fromkeys(["min", "Min", "MIN", "mi", "m", "-"], _MINOR),
    **dict.fromkeys(["dim", "o", "ø"], _DIMINISHED),
    **dict.fromkeys(["aug", "+"], _AUGMENTED),
}
# What may follow triad and number: the part of the chord it sets, and semitones over the root.
_MORE: dict[str, tuple[str, tuple[int, ...]]] = {
    **dict.fromkeys(["sus", "sus4"], ("third", (5,))),
    "sus2": ("third", (2,)), "sus24": ("third", (2, 5)), "no3": ("third", ()),
    "b5": ("altered", (6,)), "#5": ("altered", (8,)), "5": ("altered", ()),
    **dict.fromkeys(["aug", "+"], ("altered", (8,))), "no5": ("fifth", ()),
    "6": ("sixth", (9,)), "add6": ("sixth", (9,)), "7": ("seventh", (10,)),
    **dict.fromkeys(["maj7", "Maj7", "MAJ7", "ma7", "Ma7", "M7", "^7", "Δ7", "j7"],
                    ("seventh", (11,))),
    **{sign + number: ("tension", ((step + shift) % 12,))
       for number, step in (("9", 2), ("11", 5), ("13", 9))
       for sign, shift in (("", 0), ("b", -1), ("#", 1),
                           ("add", 0), ("addb", -1), ("add#", 1))},
    "b6": ("tension", (8,)), "add2": ("tension", (2,)), "add4": ("tension", (5,)),
    "alt": ("tension", (1, 3, 6, 8)),
}  # fmt: skip
_TOKEN = re.compile("|".join(re.escape(t) for t in sorted(_MORE, key=len, reverse=True)))


def build(symbol: str, root: str, bass: str | None, core: set[int], tensions: set[int]) -> Chord:
    """A chord from intervals in semitones over the root; core wins over tensions."""
    root_pc = pitch_class(root)
    mask = sum(1 << (root_pc + i) % 12 for i in core)
    added = sum(1 << (root_pc + i) % 12 for i in tensions) & ~mask
    return Chord(symbol, root_pc, pitch_class(bass) if bass else root_pc, mask, added)


def _quality(text: str) -> tuple[set[int], set[int]] | None:
    """Core and tensions over the root, or None if the text is no chord quality."""
    head = _HEAD.match(text)
    if head is None:
        return None
    rest = re.sub(r"\+(?=\d)", "#", text[head.end() :].replace("-", "b"))
    more = _TOKEN.findall(rest)
    if sum(map(len, more)) != len(rest):
        return None
    parts = _head_parts(head["triad"] or "", head["major"] or "", head["number"] or "")
    for token in more:
        slot, steps = _MORE[token]
        if slot in ("third", "fifth", "seventh"):
            parts[slot] = set(steps)
        else:
            parts[{"sixth": "seventh"}.get(slot, slot)] |= set(steps)
    if "alt" in more:
        parts["fifth"] = parts["altered"] = set()
        parts["seventh"] = parts["seventh"] or {10}
    if head["number"] in ("9", "11", "13") and not {"b9", "#9", "alt"} & set(more):
        parts["tension"].add(2)
    core = {0} | parts["third"] | (parts["altered"] or parts["fifth"]) | parts["seventh"]
    return core, parts["tension"] - core


def _head_parts(triad: str, major: str, number: str) -> dict[str, set[int]]:
    """Third, fifth, seventh (or sixth) and tensions of ``-7``, ``^9``, ``69``, ``o7``."""
    third, fifth = _TRIADS.get(triad, (4, 7))
    seventh, tension = set[int](), set[int]()
    if number in ("7", "9", "11", "13"):
        seventh = {11 if major else 9 if triad in ("dim", "o") else 10}
    elif number in ("6", "69", "6/9"):
        seventh = {9}
    elif triad == "ø" or (major in ("^", "Δ", "j") and number != "5"):
        seventh = {11 if major else 10}
    if number in ("69", "6/9", "2"):
        tension = {2}
    elif number == "13":
        tension = {9}
    elif number == "11" and (triad or major):
        tension = {5}
    if number == "4" or (number == "11" and not tension):  # players leave the third out
        third = 5
    thirds = set[int]() if number == "5" else {third}
    return {
        "third": thirds, "fifth": {fifth}, "seventh": seventh, "tension": tension,
        "altered": set(),
    }  # fmt: skip


@lru_cache(maxsize=1024)
def parse_chord(text: str) -> Chord:
    """Read one symbol; the chord keeps it as written. Raises ProgressionError.

    Core is triad plus 6th or 7th (``C7b5`` and ``C+7`` with their altered fifth),
    tensions are what the symbol adds. ``alt`` drops the fifth and adds b9 #9 #11 b13.
    ``C11`` is ``C9sus``; a bare 9, 11 or 13 brings the seventh and the natural ninth.
    """
    symbol = plain(text)
    if symbol in _NO_CHORD:
        return NO_CHORD
    match = _ROOT.match(symbol)
    if match is None:
        raise ProgressionError("chord", found=text, allowed=ALLOWED)
    root, quality, bass = match.groups()
    quality = re.sub(r"[()\[\],\s]", "", quality)
    quality = quality.translate(_LOOK_ALIKES)
    parts = _quality(quality)
    if parts is None:
        raise ProgressionError("chord", found=text, allowed=ALLOWED)
    return build(symbol, root, bass, *parts)


def _rotated(mask: int, semitones: int) -> int:
    semitones %= 12
    return (mask << semitones | mask >> (12 - semitones)) & 0xFFF


def respelled(chord: Chord, semitones: int, name: Callable[[str], str]) -> Chord:
    """The chord so many semitones up, its root and bass written as ``name`` says."""
    if chord.silent:
        return chord
    match = _ROOT.match(chord.symbol)
    if match is None:
        raise ProgressionError("chord", found=chord.symbol, allowed=ALLOWED)
    root, quality, bass = match.groups()
    return replace(
        chord,
        symbol=name(root) + quality + (f"/{name(bass)}" if bass else ""),
        root=(chord.root + semitones) % 12,
        bass=(chord.bass + semitones) % 12,
        core=_rotated(chord.core, semitones),
        tensions=_rotated(chord.tensions, semitones),
    )


def transpose_chord(chord: Chord, semitones: int, prefer_flats: bool = True) -> Chord:
    """The chord so many semitones up, spelled with flats or with sharps."""
    return respelled(
        chord, semitones, lambda name: name_of(pitch_class(name) + semitones, prefer_flats)
    )
