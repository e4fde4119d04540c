"""The chords of a progression as inputs of the network. Pure."""

from __future__ import annotations

import math
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from ..music.harmony import Chord, Progression
from . import features as f

_ROOT, _ROOT_FROM_PITCH = f.OFFSET["root"], f.OFFSET["root_from_pitch"]
_ROOT_TO_NEXT, _NEXT_FROM_PITCH = f.OFFSET["root_to_next"], f.OFFSET["next_from_pitch"]


class Change(NamedTuple):
    """A chord of a progression, the next different one, and both as inputs of the network."""

    chord: Chord
    after: Chord
    next_beats: float  # start of ``after`` in the form; infinite where the form has one chord
    round_beats: float  # the form's length if ``after`` lies in the next round, else 0
    views: tuple[bytes, ...]  # CHORD_FLOATS floats by last pitch class, [-1] for none
    rows: tuple[bytes, ...]  # what :func:`chord_rows` gives


def change_at(progression: Progression, here: int) -> Change:
    """The change at chord number ``here``; beats as :meth:`Progression.next_chord` counts them."""
    chords, starts = progression.chords, progression.starts_beats
    count, chord = len(chords), chords[here]
    for index in range(here + 1, here + count):
        after = chords[index % count]
        if after != chord:
            next_beats, rounds = starts[index % count], index // count
            break
    else:
        after, next_beats, rounds = chord, math.inf, 0
    views, rows = f.chord_views(chord, after), chord_rows(chord.root, after.root)
    return Change(chord, after, next_beats, progression.form_beats * rounds, views, rows)


_four = Struct("4i").pack


@lru_cache(maxsize=256)
def chord_rows(root: int, after: int) -> tuple[bytes, ...]:
    """Bytes of the ids root, root_from_pitch, root_to_next and next_from_pitch for last pitch
    classes 0..11, and at [12] (= [-1]) for none."""
    return tuple(
        _four(
            _ROOT + (root if root >= 0 else 12),
            _ROOT_FROM_PITCH + ((root - pc) % 12 if root >= 0 <= pc else 12),
            _ROOT_TO_NEXT + ((after - root) % 12 if root >= 0 <= after else 12),
            _NEXT_FROM_PITCH + ((after - pc) % 12 if after >= 0 <= pc else 12),
        )
        for pc in (*range(12), -1)
    )
