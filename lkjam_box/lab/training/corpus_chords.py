"""Chord symbols of the two corpora: Weimar solos and iRb lead sheets. Pure.

Both write the accidental after the number (``79b`` is 7(b9)). Grammar and pitch
classes: shared data README, section 5.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...errors import ProgressionError
from ...music.chords import build
from ...music.harmony import NO_CHORD, Chord

TENSIONS = {"9": 2, "9b": 1, "9#": 3, "11": 5, "11#": 6, "13": 9, "13b": 8}
_WEIMAR = re.compile(
    r"^([A-G][b#]?)(m7b5|sus|o|\+|-)?(j7|7|6)?(alt)?((?:(?:9|11|13)[b#]?)*)(?:/([A-G][b#]?))?$"
)
_TENSION = re.compile(r"(?:9|11|13)[b#]?")
_TRIADS = {
    None: (0, 4, 7),
    "-": (0, 3, 7),
    "+": (0, 4, 8),
    "o": (0, 3, 6),
    "m7b5": (0, 3, 6, 10),
    "sus": (0, 5, 7),
}


@lru_cache(maxsize=2048)
def parse_corpus_chord(symbol: str) -> Chord:
    """A chord of the Weimar corpus; ``NC`` is no chord. Raises ProgressionError."""
    if symbol == "NC":
        return NO_CHORD
    match = _WEIMAR.match(symbol)
    if match is None:
        raise ProgressionError("chord", found=symbol, allowed="the Weimar corpus' symbols")
    root, triad, seventh, alt, written, bass = match.groups()
    core = set(_TRIADS[triad])
    if seventh:
        core.add({"6": 9, "j7": 11, "7": 9 if triad == "o" else 10}[seventh])
    tensions = {TENSIONS[t] for t in _TENSION.findall(written)}
    if alt:
        core.discard(7)
        tensions |= {1, 3, 6, 8}
    return build(symbol, root, bass, core, tensions)


_IRB_TOKEN = re.compile(
    r"(minmaj|maj|min|m(?=7b5)|o|dim|alt|susadd3|sus|add9|\+|b5|b6|69|7|6|(?:9|11|13)(?:[b#](?!5))?)"
)
_IRB = re.compile(rf"^([A-G][b#]?)((?:{_IRB_TOKEN.pattern})*)(?:/([A-G][b#]?))?$")


@lru_cache(maxsize=2048)
def parse_irb_chord(symbol: str) -> Chord:
    """A chord of the iRb lead sheets (``Bbmin7``, ``G13b9b``). Raises ProgressionError.

    A bare 9, 11 or 13 brings the seventh with it. ``AminD7``, two chords run together
    that occur once, is read as ``Amin/D``.
    """
    if symbol == "NC":
        return NO_CHORD
    match = _IRB.match(re.sub(r"min([A-G])7$", r"min/\1", symbol))
    if match is None:
        raise ProgressionError("chord", found=symbol, allowed="the iRb lead sheets' symbols")
    root, quality, bass = match[1], match[2], match[4]
    tokens = _IRB_TOKEN.findall(quality)
    minor = bool({"min", "minmaj", "m"} & set(tokens))
    third, fifth = (3 if minor else 4), 7
    if {"o", "dim"} & set(tokens):
        third, fifth = 3, 6
    core, tensions = {0}, set[int]()
    for token in tokens:
        if token == "+":
            fifth = 8
        elif token == "b5":
            fifth = 6
        elif token == "b6":
            tensions.add(8)
        elif token == "6":
            core.add(9)
        elif token == "69":
            core.add(9)
            tensions.add(2)
        elif token == "add9":
            tensions.add(2)
        elif token == "sus":
            third = 5
        elif token == "susadd3":
            core.add(5)
        elif token in TENSIONS:
            tensions.add(TENSIONS[token])
    core.add(third)
    extensions = [t for t in tokens if t in TENSIONS]
    if "7" in tokens or (extensions and 9 not in core):
        if {"o", "dim"} & set(tokens):
            core.add(9)
        else:
            core.add(11 if {"maj", "minmaj"} & set(tokens) else 10)
        if "7" not in tokens and extensions[0] in ("11", "13") and not tensions & {1, 3}:
            tensions.add(2)
    if "alt" in tokens:
        tensions |= {1, 3, 6, 8}
    else:
        core.add(fifth)
    return build(symbol, root, bass, core, tensions)
