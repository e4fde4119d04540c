"""The plan of a training: settings, passes, learning rate, share of own events, seeds. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .mix import STAGES
from .net import Size
from .streams import OwnEvents, Stream

WARM_UP_STEPS = 200
LAST_RATE = 0.02  # share of the highest rate at which the cosine ends


class Data(Protocol):
    """What a training reads; :class:`.mix.Mix` is one."""

    @property
    def valid(self) -> Mapping[str, Sequence[Stream]]:
        """Streams to score on, by layout."""

    def epoch(
        self, stage: str, number: int, rng: random.Random, own: OwnEvents | None
    ) -> list[Stream]:
        """One pass of a stage; the same arguments give the same streams."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a training: with the data they determine its result."""

    seed: int = 1
    stages: tuple[str, ...] = STAGES
    basic: int = 2  # passes of each stage
    advanced: int = 20
    expert: int = 20
    lanes: int = 12  # parallel streams: few, as many small steps train better than few wide ones
    steps: int = 96  # notes of a lane in a window
    rate: float = 2e-3
    decay: float = 0.01
    dropout: float = 0.25
    keys: int = 12  # every stream is transposed to one of so many; 1: not at all
    average: float = 0.998  # decay of the weights' exponential moving average, which is exported
    own_share: float = 0.25  # share of notes fed back that are the model's own, in the last pass
    patience: int = 6  # checks of a stage without a better valid score before it ends
    check_epochs: int = 2  # passes between checks; a stage's last is always checked
    blind: tuple[str, ...] = ()  # "role", "position", "harmony": what the model must not see
    size: Size = field(default_factory=Size)


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over a stage's data."""

    index: int  # in the whole training, from 0
    stage: str
    epoch: int  # of the stage, from 1
    epochs: int  # of the stage
    own_share: float

    @property
    def last(self) -> bool:
        return self.epoch == self.epochs

    def checked(self, settings: Settings) -> bool:
        """Whether the valid part is scored after this pass."""
        return self.last or self.epoch % settings.check_epochs == 0


def passes(settings: Settings) -> list[Pass]:
    """All passes of a training, in order.

    Own events begin after the first third of "advanced", as those of an untrained model are
    noise, and their share grows evenly to ``own_share`` in the last pass.
    """
    plan = [
        (stage, epoch, epochs)
        for stage in STAGES
        if stage in settings.stages
        for epochs in [getattr(settings, stage)]
        for epoch in range(1, epochs + 1)
    ]
    alone = sum(
        stage == "basic" or (stage == "advanced" and 3 * epoch <= epochs)
        for stage, epoch, epochs in plan
    )
    return [
        Pass(
            i,
            stage,
            epoch,
            epochs,
            settings.own_share * max(0, i + 1 - alone) / max(1, len(plan) - alone),
        )
        for i, (stage, epoch, epochs) in enumerate(plan)
    ]


def rate(settings: Settings, share: float, steps: int) -> float:
    """Learning rate after ``steps`` steps and ``share`` 0..1 of all passes: a warm-up, then
    half a cosine over all stages."""
    cosine = LAST_RATE + (1 - LAST_RATE) / 2 * (1 + math.cos(math.pi * share))
    return settings.rate * min(1.0, (steps + 1) / WARM_UP_STEPS) * cosine


def seed_of(settings: Settings, step: Pass, rank: int = 0) -> int:
    """The seed of a pass on one process, so that checkpoints need no random generator's state."""
    return random.Random(f"{settings.seed} {step.index} {rank}").randrange(1 << 62)
