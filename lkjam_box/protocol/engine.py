"""What the brain needs of an engine: hear a note, answer a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Protocol

from ..music.harmony import Harmony, Progression
from ..music.note import Note
from .records import EngineId, Turn


class Role(IntEnum):
    """Who played, as the answering seat sees it."""

    HUMAN = 0  # or another seat
    BOX = 1  # itself


class Position(IntEnum):
    """Place of a note in its phrase."""

    START = 0
    CONTINUE = 1
    END = 2


class Strategy(IntEnum):
    """What the box makes of the call."""

    FREE = 0  # the model's choice
    CONTINUATION = 1  # goes on where the call left off
    IMITATION = 2  # says it again, over the chords of the moment
    INVERSION = 3  # what rose falls
    CONTRAST = 4  # something else altogether


class Style(IntEnum):
    """How to play; the first ones are the labels of the Weimar Jazz Database."""

    ANY = 0
    TRADITIONAL = 1
    SWING = 2
    BEBOP = 3
    COOL = 4
    HARDBOP = 5
    POSTBOP = 6
    FUSION = 7
    EXPERIMENTAL = 8  # the database's FREE
    POP = 9


class Feel(IntEnum):
    """Rhythmic feel, as the Weimar Jazz Database labels it."""

    ANY = 0
    SWING = 1
    TWOBEAT = 2
    LATIN = 3
    FUNK = 4
    BALLAD = 5
    EVEN = 6


# The feel that a style asks for on stage.
FEELS = {
    Style.ANY: Feel.ANY,
    Style.FUSION: Feel.FUNK,
    Style.EXPERIMENTAL: Feel.ANY,
    Style.POP: Feel.EVEN,
}


def feel_of(style: Style) -> Feel:
    return FEELS.get(style, Feel.SWING)


DENSITIES = 5  # 1 sparse .. 5 busy; 0 leaves it to the model
REGISTER_STEP = 4  # semitones that a step of the control moves the register's window


@dataclass(frozen=True, slots=True)
class Scene:
    """A turn as an engine sees it: from line to line, over its changes, and how to play."""

    start_beats: float
    end_beats: float
    harmony: Harmony
    bpm: float
    strategy: Strategy = Strategy.FREE
    style: Style = Style.ANY
    feel: Feel = Feel.ANY
    density: int = 0  # 0 .. DENSITIES


def scene_of(turn: Turn, progression: Progression) -> Scene:
    """``turn`` over ``progression``, which must be in the turn's key already."""
    harmony = Harmony(progression, turn.origin_beats)
    return Scene(turn.start_beats, turn.end_beats, harmony, turn.bpm)


@dataclass(frozen=True, slots=True)
class ControlValues:
    """Live controls of a seat; changes are in force from the next line."""

    temperature: float = 1.0
    top_p: float = 0.92
    low: int = 48  # register of the answer, MIDI pitch
    high: int = 84
    strategy: Strategy = Strategy.FREE
    style: Style = Style.ANY
    density: int = 0  # 0 .. DENSITIES
    register: int = 0  # -3 low .. 3 high: moves the window of ``low`` and ``high``
    heat: float = 0.0  # -1 cool .. 1 hot: bends temperature and top_p

    def over(self, scene: Scene) -> Scene:
        """``scene`` with what these controls ask for."""
        return replace(
            scene,
            strategy=self.strategy,
            style=self.style,
            feel=feel_of(self.style),
            density=self.density,
        )

    @property
    def window(self) -> tuple[int, int]:
        """Lowest and highest pitch, moved by ``register``."""
        low, high = sorted((self.low, self.high))
        move = max(-low, min(127 - high, REGISTER_STEP * self.register))
        return low + move, high + move

    @property
    def heated(self) -> tuple[float, float]:
        """(temperature, top_p) bent by ``heat``. At 1 temperature is a third higher and top_p
        cuts off half as much; at -1 temperature is a quarter lower and top_p 0.15 lower."""
        warm = max(-1.0, min(1.0, self.heat))
        kept = self.top_p + warm * ((1.0 - self.top_p) / 2 if warm > 0 else 0.15)
        return self.temperature * (4 / 3) ** warm, max(0.1, min(1.0, kept))


@dataclass(frozen=True, slots=True)
class Question:
    """What an engine is asked to answer. ``tail`` is what was heard in ``heard_scene`` but is not
    in the engine's memory yet; ``scene`` is the turn of the answer."""

    tail: tuple[tuple[Note, Position], ...]
    heard_scene: Scene
    scene: Scene
    controls: ControlValues
    seed: int


class Engine(Protocol):
    """Pure: no clock, no device. Only ``hear`` and ``forget`` change the memory."""

    id: EngineId

    def hear(self, note: Note, position: Position, role: Role, scene: Scene) -> None:
        """Take one finished note into the memory. Notes come in order of onset."""

    def answer(self, question: Question) -> Iterator[Note]:
        """An answer for the question's scene, note by note, first note as soon as it is known.

        The memory stays as it was, so that a later answer can replace this one. Onsets rise, notes
        do not overlap, the first is at or after ``scene.start_beats`` and the last ends at or
        before ``scene.end_beats``. The same memory and question give the same notes.
        """

    def forget(self) -> None: ...
