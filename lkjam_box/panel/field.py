"""What stands large over the lower part of the picture: a control, or the menu. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..music.spelling import SHARPS
from ..protocol.shared_state import Mode, Snapshot
from .chordface import key_words

_RESTING = (Mode.IDLE, Mode.ARMED, Mode.DONE)
ARROWS = "← →"  # PREVIOUS and NEXT turn the value


@dataclass(frozen=True, slots=True)
class Field:
    """``name`` and ``mark`` small, left and right, ``value`` large under them; ``lit`` while it is
    turned. ``help`` is up to three lines, shown above where no turn runs."""

    name: str
    value: str
    mark: str = ""
    lit: bool = True
    help: tuple[str, ...] = ()


def rests(snapshot: Snapshot) -> bool:
    """Whether no turn runs and none is counted in: there is time and room for other things."""
    return snapshot.mode in _RESTING


def pitch_words(pitch: float) -> str:
    """A key's name, middle C being C4: ``F♯4``."""
    octave, key = divmod(int(pitch), len(SHARPS))
    return key_words(SHARPS[key]) + str(octave - 1)
