"""How well each pitch class fits a chord in a key. Pure."""

from __future__ import annotations

from .harmony import Chord
from .spelling import parse_key

_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)

CORE, TENSION, SCALE, AVOID, OUTSIDE = 1.0, 0.8, 0.7, 0.4, 0.2


def key_mask(key: str) -> int:
    """The key's own seven pitch classes as a mask."""
    found = parse_key(key)
    return sum(1 << (found.pc + step) % 12 for step in (_MINOR if found.minor else _MAJOR))


def pitch_weights(chord: Chord, key: int) -> tuple[float, ...]:
    """A weight for each of the 12 pitch classes; ``key`` is a mask of the key's notes.

    From the highest: chord tones, tensions, notes of the key, notes of the key a semitone over
    a chord tone (avoid notes), all others. Without a chord the key alone decides.
    """
    weights = []
    for pc in range(12):
        if chord.core >> pc & 1:
            weights.append(CORE)
        elif chord.tensions >> pc & 1:
            weights.append(TENSION)
        elif key >> pc & 1:
            weights.append(AVOID if chord.core >> (pc - 1) % 12 & 1 else SCALE)
        else:
            weights.append(OUTSIDE)
    return tuple(weights)
