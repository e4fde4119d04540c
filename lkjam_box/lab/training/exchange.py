"""A call and its answer, as every measure of free playing takes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...music.note import Note
from ...protocol.engine import Scene, Strategy


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two turns: notes in order of onset, each within its scene's lines but for anticipations.

    ``call`` is a human's; ``answer`` whoever's is measured. ``closed``: the answer ended by an
    End of its own, not because the line was there (always so for humans). ``unasked``: the End came
    without looking at the line. ``seen`` marks
    answers by somebody who knew the call (not so for a random pairing).
    """

    id: str  # solo and first bar, the same for every player of this call
    call: tuple[Note, ...]
    call_scene: Scene
    answer: tuple[Note, ...]
    scene: Scene  # of the answer
    strategy: Strategy = Strategy.FREE
    closed: bool = True
    unasked: bool = True
    seen: bool = True
