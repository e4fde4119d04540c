"""A small training for tests; run as a script it trains in so many processes and saves weights.

python small.py PROCESSES FILE
"""

import sys

import numpy as np
import torch

from lkjam_box.lab.training import loop, parallel
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.net import Size
from lkjam_box.lab.training.streams import encode, turns, whole

SETTINGS = loop.Settings(
    basic=1, advanced=2, expert=1, lanes=5, steps=32, dropout=0.25, check_epochs=1, rate=5e-3,
    average=0.9, size=Size(4, 24, 24, 24),
)  # fmt: skip


class Basics:
    """Melodies by rule in place of every stage's data; tells what it was asked for."""

    def __init__(self, valid: int = 2) -> None:
        self.valid = {"whole": [encode(s, whole(s)) for s in generate(valid, 9)], "pairs": []}
        self.asked = []

    def epoch(self, stage, number, rng, own):
        self.asked.append((stage, number, own))
        return [encode(s, turns(s, rng)) for s in generate(6, rng.randrange(1000))]


def weights(trained):
    return {name: value.numpy().copy() for name, value in trained.net.state_dict().items()}


def _work(fabric, file):
    from dataclasses import replace

    torch.set_num_threads(1)
    # Every process draws its own dropout: without it they must agree with one alone.
    trained = loop.train(Basics(), replace(SETTINGS, dropout=0.0), fabric=fabric)
    if fabric.is_global_zero:
        np.savez(file, **weights(trained))


if __name__ == "__main__":
    parallel.launch(parallel.fabric("cpu", int(sys.argv[1])), _work, sys.argv[2])
