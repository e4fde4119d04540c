"""How long a training would take, from a few timed steps. Weights are not kept."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import torch
from lightning_fabric import Fabric

from .batches import Windows
from .loop import Own, Run, scores
from .schedule import Data, Settings, passes, seed_of

_FIRST, _TIMED = 2, 6  # windows to warm up on, and to time


@dataclass(frozen=True, slots=True)
class StageEstimate:
    stage: str
    passes: int
    streams: int  # of its last pass
    notes: int
    data_s: float  # to make a pass
    train_s: float  # to train on one
    notes_per_s: float  # of the training alone


@dataclass(frozen=True, slots=True)
class Estimate:
    stages: list[StageEstimate]
    check_s: float
    total_s: float
    parameters: int


def estimate(data: Data, settings: Settings, fabric: Fabric, own: Own) -> Estimate:
    """Make the data of each stage's last pass, which has the most own events; time a few steps."""
    run = Run(settings, fabric)
    stages = []
    checks = 0
    for step in passes(settings):
        checks += step.checked(settings)
        if not step.last:
            continue
        began = time.monotonic()
        rng = random.Random(seed_of(settings, step))
        drawn = own(run.average, step.own_share, settings.seed) if step.own_share else None
        streams = data.epoch(step.stage, step.epoch, rng, drawn)
        batch = Windows(
            streams, settings.lanes, settings.steps, rng, fabric.device,
            fabric.global_rank, fabric.world_size,
        )  # fmt: skip
        made = time.monotonic()
        timed, seconds = _time(run, batch)
        notes = sum(map(len, streams))
        stages.append(
            StageEstimate(
                stage=step.stage,
                passes=step.epochs,
                streams=len(streams),
                notes=notes,
                data_s=made - began,
                train_s=seconds * notes / max(1, timed),
                notes_per_s=timed / seconds,
            )
        )
    began = time.monotonic()
    if any(data.valid.values()):
        scores(run.average, data.valid, fabric.device)
    check_s = time.monotonic() - began
    total = sum(s.passes * (s.data_s + s.train_s) for s in stages) + checks * check_s
    return Estimate(stages, check_s, total, run.average.parameters_count())


def _time(run: Run, batch: Windows) -> tuple[int, float]:
    """(notes, seconds) of a few steps, over all processes."""
    run.net.train()
    hidden = run.zeros(batch.lanes)
    notes, began = 0, time.monotonic()
    for number in range(min(len(batch), _FIRST + _TIMED)):
        if number == _FIRST:
            notes, began = 0, time.monotonic()
        window = batch[number]
        hidden, _ = run.step(window, hidden)
        notes += int(window.counts[0])
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return notes, time.monotonic() - began
