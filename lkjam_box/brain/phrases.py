"""Where phrases open and close, from onsets and durations alone. Pure.

The rule: a note closes its phrase when it is the last of its turn, or when the silence
after it is long enough in beats plus twice in seconds (at a slow tempo fewer beats of
silence are enough). Against the hand-annotated phrases of the Weimar training solos it finds ends
with F1 .880 (precision .86, recall .90); a fixed .8 beat gets .860, a fixed .3 s .873.
``lkjam_box.lab.training.corpus.phrase_rule_score`` recomputes that.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..music.note import Note
from ..protocol.engine import Position


def rest_beats(bpm: float) -> float:
    """The silence, in beats, that closes a phrase: .5 at 60 BPM, .75 at 120, 1 at 240."""
    return 1.5 / (1.0 + 120.0 / bpm)


def positions(notes: Sequence[Note], bpm: float) -> tuple[Position, ...]:
    """Position of every note of one turn, in order of onset; the last one closes.

    A phrase of a single note is an ``END``.
    """
    rest = rest_beats(bpm)
    out: list[Position] = []
    opening = True
    for i, note in enumerate(notes):
        following = notes[i + 1].onset_beats if i + 1 < len(notes) else float("inf")
        end = following - note.end_beats >= rest
        out.append(Position.END if end else Position.START if opening else Position.CONTINUE)
        opening = end
    return tuple(out)
