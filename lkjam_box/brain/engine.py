"""What the brain needs of an engine: hear a note, answer a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from ..music.harmony import Harmony, Progression
from ..music.note import Note
from ..stage.records import EngineId, Turn


class Role(IntEnum):
    """Who played, as the answering seat sees it."""

    HUMAN = 0  # or another seat
    BOX = 1  # itself


class Position(IntEnum):
    """Place of a note in its phrase."""

    START = 0
    CONTINUE = 1
    END = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """A turn as an engine sees it: from line to line, over its changes."""

    start_beats: float
    end_beats: float
    harmony: Harmony
    bpm: float


def scene_of(turn: Turn, progression: Progression) -> Scene:
    """``turn`` over ``progression``, which must be in the turn's key already."""
    harmony = Harmony(progression, turn.origin_beats)
    return Scene(turn.start_beats, turn.end_beats, harmony, turn.bpm)


@dataclass(frozen=True, slots=True)
class Dials:
    """Live controls of a seat."""

    temperature: float = 1.0
    top_p: float = 0.95
    low: int = 48  # register of the answer, MIDI pitch
    high: int = 84


class Engine(Protocol):
    """Pure: no clock, no device. Only ``hear`` and ``forget`` change the memory."""

    id: EngineId

    def hear(self, note: Note, position: Position, role: Role, scene: Scene) -> None:
        """Take one finished note into the memory. Notes come in order of onset."""

    def answer(
        self,
        tail: tuple[tuple[Note, Position], ...],
        heard_scene: Scene,
        scene: Scene,
        dials: Dials,
        seed: int,
    ) -> Iterator[Note]:
        """An answer for ``scene``, note by note, first note as soon as it is known.

        ``tail`` is what was heard in ``heard_scene`` but is not in the memory yet. The memory
        stays as it was, so that a later answer can replace this one. Onsets rise, notes do
        not overlap, the first is at or after ``scene.start_beats`` and the last ends
        at or before ``scene.end_beats``. The same memory, arguments and seed give the
        same notes.
        """

    def forget(self) -> None: ...
