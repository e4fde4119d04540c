"""A call and its answer: what every measure of free-running answers takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ...music.note import Note
from ...protocol.engine import Scene, Strategy


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two turns: notes in order of onset, each within its scene's lines but for anticipations.

    ``call`` is a human's, ``answer`` that of the player measured. ``closed``: the answer ended
    with an End that its player chose and the line did not force (always so for humans).
    ``unasked``: nor was that End drawn only because the line was near. ``seen``: the player knew
    the call (not so in a random pairing).
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
