"""Chord symbols as jazz players write them, and the same chord elsewhere. Pure.

Our own table: pychord 1.4.1, the best kept library, has no ``C^7``, ``CΔ``, ``C-7``,
``Cmin7``, ``Cø``, ``C7alt``, ``C7sus``, ``C+``, ``C°7`` or ``N.C.``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ..errors import ProgressionError
from .corpus_chords import build, parse_corpus_chord, parse_irb_chord
from .harmony import NO_CHORD, Chord
from .spelling import name_of, pitch_class, plain

__all__ = [
    "parse_chord",
    "parse_corpus_chord",
    "parse_irb_chord",
    "respelled",
    "transpose_chord",
]

ALLOWED = "root and quality such as Cmaj7, Bb-7, F#7b9, Ebø, G7alt, C/G, N.C."
_ROOT = re.compile(r"^([A-G][b#]?)(.*?)(?:/([A-G][b#]?))?$")
_NO_CHORD = {"N.C.", "NC", "N.C", "n.c.", "nc", "NC."}
_LOOK_ALIKES = str.maketrans("°Ø∆△", "oøΔΔ")
_MAJOR = r"(?:maj|Maj|MAJ|ma|Ma|M|\^|Δ|j)"
_HEAD = re.compile(
    rf"^(?P<triad>min|Min|MIN|mi|m(?!a(?!dd))|-|dim|o|ø|aug|\+)?"
    rf"(?P<major>{_MAJOR}(?=$|[^a-z]|sus|add|no))?"
    r"(?P<number>6/9|69|6|7|9|11|13|2|4|5)?"
)
_MODIFIER = re.compile(
    rf"add(?P<add>(?:[b#]?(?:9|11|13))|2|4|6)|(?P<sus>sus(?:24|2|4)?)|(?P<alt>alt)"
    rf"|no(?P<no>3|5)|(?P<major>{_MAJOR}7)|(?P<sign>[b#+-]?)(?P<number>13|11|9|7|6|5)"
    r"|(?P<aug>\+|aug)"
)
_STEP = {"2": 2, "4": 5, "6": 9, "9": 2, "11": 5, "13": 9}


def _interval(sign: str, number: str) -> int:
    return (_STEP[number] + {"b": -1, "-": -1, "#": 1, "+": 1}.get(sign, 0)) % 12


def _quality(text: str) -> tuple[set[int], set[int]] | None:
    """Core and tensions over the root, or None if the text is no chord quality."""
    head = _HEAD.match(text)
    if head is None:  # the pattern can match nothing, so this is for the type checker
        return None
    triad, major, number = head["triad"] or "", head["major"], head["number"] or ""
    minor = triad in ("min", "Min", "MIN", "mi", "m", "-")
    diminished = triad in ("dim", "o", "ø")
    thirds = {3} if minor or diminished else {4}
    fifths = {6} if diminished else {8} if triad in ("aug", "+") else {7}
    sevenths, tensions = set[int](), set[int]()
    if triad == "ø":
        sevenths = {10}
    if major in ("^", "Δ", "j") and number not in ("6", "69", "6/9", "5"):
        sevenths = {11}
    natural = number in ("11", "13") or number == "9"
    if number == "7" or natural:
        dominant = 9 if triad in ("dim", "o") else 10
        sevenths = {11 if major else dominant}
    if number in ("6", "69", "6/9"):
        sevenths = {9}
    if number in ("69", "6/9", "2"):
        tensions.add(2)
    if number in ("4",) or (number == "11" and not triad and not major):
        thirds = {5}  # players leave the third out of a dominant 11
    elif number == "11":
        tensions.add(5)
    if number == "13":
        tensions.add(9)
    if number == "5":
        thirds = set()

    altered_fifths, altered_ninth, place = set[int](), False, head.end()
    while place < len(text):
        part = _MODIFIER.match(text, place)
        if part is None:
            return None
        place = part.end()
        if part["add"]:
            sign, step = re.match(r"([b#]?)(\d+)", part["add"]).groups()  # type: ignore[union-attr]
            tensions.add(_interval(sign, step))
        elif part["sus"]:
            thirds = {"sus2": {2}, "sus24": {2, 5}}.get(part["sus"], {5})
        elif part["alt"]:
            fifths, tensions, altered_ninth = set(), tensions | {1, 3, 6, 8}, True
            sevenths = sevenths or {10}
        elif part["no"]:
            thirds, fifths = (set(), fifths) if part["no"] == "3" else (thirds, set())
        elif part["major"]:
            sevenths = {11}
        elif part["aug"]:
            fifths = {8}
        elif part["number"] == "5":
            if part["sign"]:
                altered_fifths.add(6 if part["sign"] in "b-" else 8)
        elif part["number"] == "7":
            if part["sign"]:  # Bbb7: no flat seven but a double flat, which we do not read
                return None
            sevenths = {10}
        elif part["number"] == "6" and not part["sign"]:
            sevenths = sevenths | {9}
        elif part["number"] == "6":
            if part["sign"] in "#+":
                return None
            tensions.add(8)
        else:
            altered_ninth |= part["number"] == "9" and bool(part["sign"])
            tensions.add(_interval(part["sign"], part["number"]))
    if natural and not altered_ninth:
        tensions.add(2)
    core = {0} | thirds | (altered_fifths or fifths) | sevenths
    return core, tensions - core


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
