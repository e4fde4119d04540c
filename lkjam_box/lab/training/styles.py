"""Chord tones by style in the solos: where :data:`...brain.logit_bias.CHORD_TONES` is from."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...brain.encoder import ANTICIPATION_BEATS
from ...music.note import Note
from ...protocol.engine import Style
from .corpus import Solo

_FAR_SHARE = 0.3  # share of postbop and fusion solos that count as experimental, too


def far_out(solos: Sequence[Solo]) -> frozenset[str]:
    """Ids of the postbop and fusion solos with the fewest chord tones: the experimental ones
    (the database's own FREE label is only on solos without chords)."""
    late = [solo for solo in solos if solo.style in (Style.POSTBOP, Style.FUSION)]
    late.sort(key=lambda solo: _share([solo]))
    return frozenset(solo.id for solo in late[: int(_FAR_SHARE * len(late))])


def chord_tone_odds(solos: Sequence[Solo]) -> dict[Style, float]:
    """Log odds of chord tones by style, less those of all ``solos``."""
    far = far_out(solos)
    groups = {style: [s for s in solos if s.style == style] for style in Style}
    groups[Style.EXPERIMENTAL] = [s for s in solos if s.id in far]
    usual = _odds(_share(solos))
    return {style: _odds(_share(part)) - usual for style, part in groups.items() if part}


def _share(solos: Sequence[Solo]) -> float:
    """Share of chord tones among all notes of ``solos``."""

    def tones(solo: Solo, note: Note) -> bool:
        return solo.harmony.chord_at(note.onset_beats + ANTICIPATION_BEATS).core_has(note.pitch)

    hits = [tones(solo, note) for solo in solos for note in solo.notes]
    return sum(hits) / len(hits)


def _odds(share: float) -> float:
    return math.log(share / (1 - share))
