"""Writes a model of features 3 anew for this box: the same weights, to the last bit of the int8.

    python -m lkjam_box.lab.training.carry_over OLD.tflite NEW.tflite

Features 4 say the same to the network; only the order of its outputs and the form of the file
changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ...brain import features as f
from ...brain.model_file import described, scales, weights
from ...errors import ModelError
from .graphs import folded, write

# The outputs of features 3 in their order, and where they are now.
_ORDER = (
    *(f.POSITION, f.VELOCITY, f.REGISTER, *f.INTERVAL, *f.DEGREE, *f.DURATION, *f.RATIO, *f.TIME),
    *(f.GUESS_PITCH, f.GUESS_TIME),
)


def carried_over(content: bytes) -> bytes:
    """The bytes of a file of features 4 from those of one of features 3."""
    said, old = described(content), weights(content)
    if said["features"] != 3:
        raise ModelError(f"made for features {said['features']}: only 3 can be carried over")
    place = np.concatenate([np.arange(part.start, part.stop) for part in _ORDER])
    for name in ("heads.weight", "heads.bias"):
        moved = np.empty_like(old[name])
        moved[place] = old[name]
        old[name] = moved
    blind = tuple(said.get("blind", ()))
    return write(folded(old), said["int8"], blind, scales(content))


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(carried_over(Path(sys.argv[1]).read_bytes()))
