"""The training loop: basics first, then the corpus, one schedule over both."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from ..brain.engine import Role
from ..evaluation.teacher import Tally
from .basics import generate
from .batches import windows
from .corpus import Solo
from .net import HEADS, Net, Size, losses
from .streams import Stream, encode, transpose, turns, whole

# Pitch leads; the other heads share its trunk.
WEIGHTS = {"pitch": 1.0, "time_shift": 0.5, "duration": 0.3, "velocity": 0.1, "position": 0.4}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that decides a training, beside the data."""

    seed: int = 1
    epochs: int = 28  # over the corpus
    minutes: float = 0.0  # instead of epochs; not reproducible to the byte
    basics: int = 300  # solos of stage 1, one epoch of them
    lanes: int = 12  # few: many small steps beat few wide ones (see docs/decisions.md)
    steps: int = 96
    rate: float = 2e-3
    decay: float = 0.01
    dropout: float = 0.25
    layouts: int = 3  # ways each solo is cut into turns, beside whole
    whole_share: float = 0.45  # of the solos of an epoch, without turns
    average: float = 0.998  # exponential average of the weights, which is what ships
    patience: int = 4  # checks without a better valid score before it stops
    check_epochs: int = 4
    size: Size = field(default_factory=Size)


@dataclass(slots=True)
class Progress:
    """What the progress bar and the card are told."""

    stage: str = "basics"
    epoch: int = 0
    share: float = 0.0  # of the whole training
    train: float = 0.0  # pitch loss of the last epoch, nats
    valid: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Trained:
    net: Net
    history: list[dict[str, float]]
    epochs: int
    seconds: float


def train(solos: Sequence[Solo], settings: Settings, report: Callable[[Progress], None]) -> Trained:
    """Train on the solos of split ``train``, watch those of ``valid``."""
    torch.manual_seed(settings.seed)
    rng = random.Random(settings.seed)
    basics = [encode(s, turns(s, rng)) for s in generate(settings.basics, settings.seed)]
    layers = [
        [
            encode(solo, whole(solo)),
            encode(solo, whole(solo, Role.HUMAN)),
            *(encode(solo, turns(solo, rng)) for _ in range(settings.layouts)),
        ]
        for solo in solos
        if solo.split != "valid"
    ]
    valid = [encode(solo, whole(solo)) for solo in solos if solo.split == "valid"]
    net = Net(settings.size, settings.dropout)
    run = _Run(net, settings)
    progress = Progress()
    history: list[dict[str, float]] = []
    started = time.monotonic()
    best, best_state, waited = math.inf, copy.deepcopy(run.average.state_dict()), 0

    def share(epoch: int) -> float:
        if settings.minutes:
            return (time.monotonic() - started) / (60 * settings.minutes)
        return epoch / settings.epochs

    if basics:
        run.epoch(basics, rng, 0.0, 0.0)
    progress.stage = "corpus"
    epoch = 0
    while share(epoch) < 1.0:
        chosen = [
            layer[0 if rng.random() < settings.whole_share else rng.randrange(1, len(layer))]
            for layer in layers
        ]
        chosen = [transpose(stream, rng.randrange(-6, 6)) for stream in chosen]
        now = share(epoch)
        step = now / epoch if settings.minutes and epoch else 1 / settings.epochs
        progress.train = run.epoch(chosen, rng, now, step)
        epoch += 1
        progress.epoch, progress.share = epoch, min(1.0, share(epoch))
        if valid and (epoch % settings.check_epochs == 0 or share(epoch) >= 1.0):
            progress.valid = scores(run.average, valid)
            history.append({"epoch": epoch, "train_pitch_nll": progress.train, **progress.valid})
            waited += 1
            if progress.valid["loss"] < best:
                best, waited = progress.valid["loss"], 0
                best_state = copy.deepcopy(run.average.state_dict())
        report(progress)
        if waited >= settings.patience:
            break
    if valid:
        run.average.load_state_dict(best_state)
    return Trained(run.average.eval(), history, epoch, time.monotonic() - started)


class _Run:
    """Weights, their running average and the optimiser."""

    def __init__(self, net: Net, settings: Settings) -> None:
        self.net, self.settings, self.steps = net, settings, 0
        self.average = Net(settings.size)
        self.average.load_state_dict(net.state_dict())
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=settings.rate, weight_decay=settings.decay, betas=(0.9, 0.98)
        )

    def epoch(
        self, streams: Sequence[Stream], rng: random.Random, begins: float, lasts: float
    ) -> float:
        """One pass; the schedule runs from ``begins`` by ``lasts`` of the training."""
        s = self.settings
        self.net.train()
        state = torch.zeros(1, s.lanes, s.size.hidden)
        batch = list(windows(streams, s.lanes, s.steps, rng))
        total = count = 0.0
        for number, window in enumerate(batch):
            self._schedule(min(1.0, begins + lasts * number / len(batch)))
            state = state.detach() * (~window.fresh)[None, :, None]
            out, state = self.net(window.ids, window.floats, state)
            live = window.live
            parts = losses(out[live], window.last[live], window.root[live], window.targets[live])
            loss = torch.stack([WEIGHTS[head] * parts[head] for head in HEADS]).sum()
            self.optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.optimiser.step()
            self.steps += 1
            self._follow()
            notes = float(live.sum())
            total, count = total + float(parts["pitch"].detach()) * notes, count + notes
        return total / count

    def _schedule(self, share: float) -> None:
        """Warm up over 200 steps, then half a cosine down to 2 %."""
        cosine = 0.02 + 0.49 * (1 + math.cos(math.pi * share))
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.rate * min(1.0, (self.steps + 1) / 200) * cosine

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(self.settings.average, (self.steps + 1) / (self.steps + 10))
        for mean, new in zip(self.average.parameters(), self.net.parameters(), strict=True):
            mean.lerp_(new, 1 - keep)


@torch.no_grad()
def scores(net: Net, streams: Sequence[Stream]) -> dict[str, float]:
    """As ``evaluate`` has them: nats per head, pitch accuracy and perplexity, and the loss."""
    net.eval()
    tally = Tally()
    for stream in streams:
        ids, floats = torch.from_numpy(stream.ids).long(), torch.from_numpy(stream.floats)
        out, _ = net(ids[None], floats[None], torch.zeros(1, 1, net.size.hidden))
        tally.add(out[0].numpy(), stream)
    said = tally.scores()
    result = {head: said[head]["nll"] for head in HEADS}
    result["acc"], result["ppl"] = said["pitch"]["acc"], said["pitch"]["ppl"]
    result["loss"] = sum(WEIGHTS[head] * result[head] for head in HEADS)
    return result
