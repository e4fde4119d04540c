"""The network in PyTorch: one call per note (see :mod:`...brain.features`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as fn

from ...brain import features as f

HEADS = ("position", "pitch", "velocity", "duration", "time_shift")  # columns of the targets


@dataclass(frozen=True, slots=True)
class Size:
    """Widths: table rows, input layer, GRU, layer under the heads."""

    row: int = 16
    input: int = 128
    hidden: int = 192
    under: int = 128


class Net(nn.Module):
    """table -> input layer -> GRU -> (state and input layer) -> one matrix of all heads."""

    def __init__(self, size: Size, dropout: float = 0.0) -> None:
        super().__init__()
        self.size = size
        self.table = nn.Embedding(f.TRAINED_ROWS, size.row)
        nn.init.normal_(self.table.weight, std=0.3)
        self.input = nn.Linear(f.IDS * size.row + f.FLOATS, size.input)
        self.gru = nn.GRU(size.input, size.hidden, batch_first=True)
        self.under = nn.Linear(size.hidden + size.input, size.under)
        self.heads = nn.Linear(size.under, f.OUTPUTS)
        self.drop = nn.Dropout(dropout)

    def forward(self, ids: Tensor, floats: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """ids [b, t, IDS], floats [b, t, FLOATS], state [1, b, hidden] -> outputs, state."""
        rows = self.table(_on(ids, _TRAINED_ROW)[ids]).flatten(2)
        x = fn.relu(self.input(self.drop(torch.cat([rows, floats], 2))))
        h, state = self.gru(self.drop(x), state)
        y = fn.relu(self.under(self.drop(torch.cat([h, x], 2))))
        return self.heads(self.drop(y)), state

    def parameters_count(self) -> int:
        return sum(p.numel() for p in self.parameters())


_PITCHES = np.arange(128)
_INTERVAL_OF = torch.tensor(
    np.clip(_PITCHES[None] - _PITCHES[:, None], -f.FAR, f.FAR) + f.FAR
)  # [last, pitch]
_DEGREE_OF = torch.tensor((_PITCHES[None] - np.arange(12)[:, None]) % 12)  # [root, pitch]
_TRAINED_ROW = torch.tensor(f.TRAINED_ROW)
_RATIO_OF = torch.tensor(f.RATIO_OF).long()


def _on(out: Tensor, table: Tensor) -> Tensor:
    """``table`` on the device of ``out``: a GPU's tensor cannot be indexed by a CPU's."""
    return table.to(out.device)


def _with_guesses(
    logits: Tensor, out: Tensor, first: int, ids: Tensor, names: f.Guesses, start: Tensor | int
) -> Tensor:
    """``logits`` [n, choices], column ``first`` + i of ``out`` added to the choice of guess i."""
    added = torch.zeros_like(logits)
    for i, (name, beside) in enumerate(names):
        value, there = f.guessed(ids, name)
        choice = start + value + beside
        there = there & (choice >= 0) & (choice < logits.shape[1])
        choice = choice.clamp(0, logits.shape[1] - 1)
        said = out[:, first + i] * there
        added = added.scatter_add(1, choice.unsqueeze(1), said.unsqueeze(1))
    return logits + added


def losses(
    out: Tensor, ids: Tensor, last: Tensor, root: Tensor, targets: Tensor
) -> dict[str, Tensor]:
    """Mean cross entropy of every head in nats, of out [n, OUTPUTS]; targets of -1 are left out.
    The true position is given and, for duration, the true time-shift to the next note.
    """
    closing = (targets[:, 0] == 2).unsqueeze(1)

    def view(pair: tuple[slice, slice]) -> Tensor:
        return torch.where(closing, out[:, pair[1]], out[:, pair[0]])

    interval = view(f.INTERVAL).gather(1, _on(out, _INTERVAL_OF)[torch.where(last < 0, 62, last)])
    degree = view(f.DEGREE).gather(1, _on(out, _DEGREE_OF)[root.clamp(min=0)])
    degree = degree * (root >= 0).unsqueeze(1)
    shift = targets[:, 4]
    ratio = view(f.RATIO).gather(1, _on(out, _RATIO_OF)[shift.clamp(min=0)])
    pitch = out[:, f.REGISTER] + interval + degree
    from_last = torch.where(last < 0, -10_000, last)
    pitch = _with_guesses(pitch, out, f.GUESS_PITCH.start, ids, f.PITCH_GUESSES, from_last)
    times = _with_guesses(view(f.TIME), out, f.GUESS_TIME.start, ids, f.TIME_GUESSES, 0)
    said = {
        "position": out[:, f.POSITION],
        "pitch": pitch,
        "velocity": out[:, f.VELOCITY],
        "duration": view(f.DURATION) + ratio * (shift >= 0).unsqueeze(1),
        "time_shift": times,
    }
    return {
        head: fn.cross_entropy(said[head], targets[:, i], ignore_index=-1)
        for i, head in enumerate(HEADS)
    }
