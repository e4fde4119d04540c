"""The training loop: the passes of every stage in turn, under one learning-rate schedule."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from lightning_fabric import Fabric
from torch import Tensor

from ...errors import LkjamError
from .batches import Window, Windows
from .checkpoint import Checkpoints, State
from .mix import STAGES
from .net import HEADS, Net, losses
from .quick import quicken
from .schedule import Data, Pass, passes, rate, seed_of
from .schedule import Settings as Settings
from .streams import OwnEvents, Stream
from .teacher import Tally

# Weights of the heads in the loss: pitch matters most; the heads share all layers before them.
WEIGHTS = {"pitch": 1.0, "time_shift": 0.5, "duration": 0.5, "velocity": 0.3, "position": 0.4}
_REPORT_EVERY = 8  # windows

Own = Callable[[Net, float, int], OwnEvents | None]
"""(network, share, seed) -> own events; see :func:`.own.own_events`."""


@dataclass(slots=True)
class Progress:
    """What the progress bar is told."""

    step: Pass
    share: float = 0.0  # of the whole training
    row: dict[str, float] = field(default_factory=dict)  # of the history, once a pass is over


@dataclass(slots=True)
class Trained:
    """``history`` has a row a pass: "stage" (1..3), "epoch", "notes", "seconds", "own_share",
    "train HEAD" in nats, and where it was checked "LAYOUT HEAD", "LAYOUT accuracy", "loss"."""

    net: Net
    history: list[dict[str, float]]
    epochs: int
    seconds: float


def no_own(net: Net, share: float, seed: int) -> OwnEvents | None:
    """No own events: teacher forcing only."""
    return None


def train(
    data: Data,
    settings: Settings,
    report: Callable[[Progress], None] = lambda progress: None,
    fabric: Fabric | None = None,
    own: Own = no_own,
    checkpoints: Checkpoints | None = None,
    resume: bool = False,
) -> Trained:
    """Train through all stages; returns the average weights that scored best in the last stage.

    Call it on every process of ``fabric`` (none given: this one on the CPU); only the first
    scores, reports and writes. Raises FileError when ``resume`` finds no checkpoint of this
    training, LkjamError for more processes than lanes.
    """
    fabric = fabric or Fabric(accelerator="cpu", devices=1)
    if fabric.world_size > settings.lanes:
        raise LkjamError(f"{fabric.world_size} processes: allowed: up to {settings.lanes} lanes")
    run = Run(settings, fabric)
    if checkpoints and resume:
        run.restore(fabric.broadcast(checkpoints.latest() if fabric.is_global_zero else {}))
    plan = passes(settings)
    while run.next < len(plan):
        step = plan[run.next]
        row = run.one_pass(step, len(plan), data, own, report)
        best = fabric.is_global_zero and run.check(step, row, data)
        run.next = fabric.broadcast(run.after(step, plan))
        if fabric.is_global_zero:
            if checkpoints:
                checkpoints.save(step.index + 1, run.state(), best)
            report(Progress(step, run.next / len(plan), row))
    run.average.load_state_dict(run.best_state)
    return Trained(run.average.cpu().eval(), run.history, len(run.history), run.seconds)


class Run:
    """State of a training: weights, their exponential moving average, optimiser and counters."""

    def __init__(self, settings: Settings, fabric: Fabric) -> None:
        torch.manual_seed(settings.seed)
        self.settings, self.fabric = settings, fabric
        net = quicken(Net(settings.size, settings.dropout))
        self.average = Net(settings.size)
        self.average.load_state_dict(net.state_dict())
        self.average.to(fabric.device)
        optimiser = torch.optim.AdamW(
            net.parameters(),
            lr=settings.rate,
            weight_decay=settings.decay,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.net, self.optimiser = fabric.setup(net, optimiser)
        self.weights = torch.tensor([WEIGHTS[head] for head in HEADS], device=fabric.device)
        self.next = self.steps = self.waited = 0
        self.seconds = 0.0
        self.best = math.inf
        self.best_state = copy.deepcopy(self.average.state_dict())
        self.history: list[dict[str, float]] = []

    def state(self) -> State:
        """Everything that changes, for :class:`.checkpoint.Checkpoints`."""
        return {
            "net": self.net.module.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            **{name: getattr(self, name) for name in _STATE_FIELDS},
        }

    def restore(self, state: State) -> None:
        self.net.module.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name in _STATE_FIELDS:
            setattr(self, name, state[name])

    def one_pass(
        self, step: Pass, count: int, data: Data, own: Own, report: Callable[[Progress], None]
    ) -> dict[str, float]:
        """Train on one of ``count`` passes; returns its row of the history."""
        s, fabric = self.settings, self.fabric
        began = time.monotonic()
        rng = random.Random(seed_of(s, step))
        torch.manual_seed(seed_of(s, step, fabric.global_rank + 1))
        drawn = own(self.average, step.own_share, s.seed) if step.own_share else None
        streams = data.epoch(step.stage, step.epoch, rng, drawn)
        ranks = fabric.world_size
        batch = Windows(streams, s.lanes, s.steps, rng, fabric.device, fabric.global_rank, ranks)
        self.net.train()
        hidden = self.zeros(batch.lanes)
        sums = torch.zeros(2, len(HEADS), device=fabric.device)  # nats, targets
        for number, window in enumerate(batch):
            share = (step.index + number / len(batch)) / count
            for group in self.optimiser.param_groups:
                group["lr"] = rate(s, share, self.steps)
            hidden, nats = self.step(window, hidden)
            sums += torch.stack([nats, window.counts])
            self.steps += 1
            if fabric.is_global_zero and number % _REPORT_EVERY == 0:
                report(Progress(step, share))
        nats, targets = sums
        means = fabric.all_reduce(nats, reduce_op="sum") / targets.clamp(min=1)
        spent = time.monotonic() - began
        self.seconds += spent
        row = {
            "stage": float(STAGES.index(step.stage) + 1),
            "epoch": float(step.epoch),
            "notes": float(targets[0]),
            "seconds": spent,
            "own_share": step.own_share,
            **{f"train {head}": float(m) for head, m in zip(HEADS, means, strict=True)},
        }
        self.history.append(row)
        return row

    def zeros(self, lanes: int) -> Tensor:
        """Hidden state [1, lanes, hidden] of lanes that have not read a note yet."""
        return torch.zeros(1, lanes, self.settings.size.hidden, device=self.fabric.device)

    def step(self, window: Window, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """One optimiser step. Returns the hidden state and this process's summed nats by head."""
        out, hidden = self.net(window.ids, window.floats, hidden * window.carried)
        out = out.flatten(0, 1)[window.live]
        if len(window.live):
            here = (window.targets >= 0).sum(0)
            w = window
            parts = losses(out, w.live_ids, w.last, w.root, w.targets)
            # The mean of a head without a target in this window is nan: it counts as 0.
            means = torch.stack([parts[head] for head in HEADS]).where(here > 0, 0.0)
            nats = means * here
        else:
            nats = out.sum() * self.weights * 0.0
        # Fabric averages gradients over processes; times world_size: of the mean over all notes.
        loss = (self.weights * nats / window.counts.clamp(min=1)).sum() * self.fabric.world_size
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        self.fabric.clip_gradients(self.net, self.optimiser, max_norm=1.0)
        self.optimiser.step()
        self._update_average()
        return hidden.detach(), nats.detach()

    @torch.no_grad()
    def _update_average(self) -> None:
        keep = min(self.settings.average, (self.steps + 1) / (self.steps + 10))
        means, news = list(self.average.parameters()), list(self.net.module.parameters())
        torch._foreach_lerp_(means, news, 1 - keep)

    def check(self, step: Pass, row: dict[str, float], data: Data) -> bool:
        """Score the average weights if ``step`` is to be checked; returns whether they are the
        best of the stage so far."""
        if step.epoch == 1:
            self.best, self.waited = math.inf, 0
        due = step.checked(self.settings)
        if due and any(data.valid.values()):
            row.update(scores(self.average, data.valid, self.fabric.device))
            self.waited += 1
            if row["loss"] >= self.best:
                return False
            self.best, self.waited = row["loss"], 0
        self.best_state = copy.deepcopy(self.average.state_dict())
        return due

    def after(self, step: Pass, plan: Sequence[Pass]) -> int:
        """Index of the next pass: the next stage's first after ``patience`` checks without gain."""
        if self.waited < self.settings.patience:
            return step.index + 1
        return step.index + 1 + step.epochs - step.epoch


_STATE_FIELDS = ("next", "steps", "waited", "seconds", "best", "best_state", "history")


@torch.no_grad()
def scores(
    net: Net, layouts: Mapping[str, Sequence[Stream]], device: torch.device | str = "cpu"
) -> dict[str, float]:
    """Teacher-forced scores: "LAYOUT HEAD" in nats, "LAYOUT accuracy" of pitch, and "loss": the
    weighted sum of the heads, mean over all layouts that have streams."""
    net.eval()
    row: dict[str, float] = {}
    total = []
    for layout, streams in layouts.items():
        if not streams:
            continue
        tally = Tally()
        for stream in streams:
            ids = torch.from_numpy(stream.ids).to(device)
            floats = torch.from_numpy(stream.floats).to(device)
            state = torch.zeros(1, 1, net.size.hidden, device=device)
            out, _ = net(ids[None], floats[None], state)
            tally.add(out[0].float().cpu().numpy(), stream)
        said = tally.scores()
        row |= {f"{layout} {head}": said[head]["nll"] for head in HEADS}
        row[f"{layout} accuracy"] = said["pitch"]["acc"]
        total.append(sum(WEIGHTS[head] * said[head]["nll"] for head in HEADS))
    row["loss"] = sum(total) / len(total)
    return row
