"""Names of pitch classes and keys, and what a name becomes in another key. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ..errors import ProgressionError

LETTERS = "CDEFGAB"
NATURAL = (0, 2, 4, 5, 7, 9, 11)  # pitch class of each letter
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAJOR_KEYS = FLATS
MINOR_KEYS = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
_FLAT_KEYS = frozenset(
    ["F", "Bb", "Eb", "Ab", "Db", "Gb", "Cb", "Dm", "Gm", "Cm", "Fm", "Bbm", "Ebm", "Abm"]
)
_KEY = re.compile(r"^([A-G][b#]?)(m?)$")
_SIGNS = str.maketrans("♭♯𝄪–−‐‑", "b#x----")


def plain(text: str) -> str:
    """Music signs and look-alikes as ASCII where ASCII has them: ``B♭`` is ``Bb``."""
    return unicodedata.normalize("NFKC", text).translate(_SIGNS).replace("♮", "").strip()


def pitch_class(name: str) -> int:
    """``Bb`` -> 10. The name has a letter and at most one accidental."""
    return (NATURAL[LETTERS.index(name[0])] + {"b": -1, "#": 1}.get(name[1:], 0)) % 12


def name_of(pc: int, prefer_flats: bool = True) -> str:
    return (FLATS if prefer_flats else SHARPS)[pc % 12]


@dataclass(frozen=True, slots=True)
class Key:
    """A key as players write it: ``Bb``, ``F#m``."""

    tonic: str
    minor: bool = False

    @property
    def pc(self) -> int:
        return pitch_class(self.tonic)

    @property
    def prefer_flats(self) -> bool:
        return str(self) in _FLAT_KEYS or str(self) in ("C", "Am")

    def moved(self, semitones: int) -> Key:
        """The usual name of the key so many semitones up; 0 keeps this name."""
        if semitones % 12 == 0:
            return self
        return parse_key((MINOR_KEYS if self.minor else MAJOR_KEYS)[(self.pc + semitones) % 12])

    def __str__(self) -> str:
        return self.tonic + ("m" if self.minor else "")


def parse_key(text: str) -> Key:
    """Read ``C``, ``Bb``, ``F#m``. Raises ProgressionError."""
    match = _KEY.match(plain(text))
    if match is None:
        raise ProgressionError("key", found=text, allowed="C, Bb, F#, Am, F#m ...")
    return Key(match[1], bool(match[2]))


def renamed(name: str, old: Key, new: Key) -> str:
    """``name`` moved from key ``old`` to ``new``, keeping its degree: b2 stays a b2.

    Names no player likes to read (double accidentals, Cb, E#) become plain ones.
    """
    steps = LETTERS.index(new.tonic[0]) - LETTERS.index(old.tonic[0])
    letter = (LETTERS.index(name[0]) + steps) % 7
    pc = (pitch_class(name) + new.pc - old.pc) % 12
    accidental = (pc - NATURAL[letter] + 6) % 12 - 6
    spelled = LETTERS[letter] + {-1: "b", 0: "", 1: "#"}.get(accidental, "?")
    if spelled.endswith("?") or spelled in ("Cb", "Fb", "E#", "B#"):
        return name_of(pc, new.prefer_flats)
    return spelled
