"""Writes a model of features 3 anew for this box: the same weights, to the last bit of the int8.

    python -m lkjam_box.lab.training.carry_over OLD.tflite NEW.tflite

Features 4 say the same to the network; only the order of its outputs and the form of the file
changed. A card beside NEW that is the old file's becomes the new one's.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from ...brain import features as f
from ...brain.model_file import described, scales, weights
from ...errors import ModelError
from .card import features, page
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


def main(old: Path, new: Path) -> None:
    content = carried_over(old.read_bytes())
    new.write_bytes(content)
    card = new.with_name("card.json")
    was = hashlib.sha256(old.read_bytes()).hexdigest()
    if not card.exists() or (said := json.loads(card.read_text()))["sha256"] != was:
        return
    said["sha256"], said["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    said["features"] = features()
    said["carried_over"] = was
    card.write_text(json.dumps(said, indent=1) + "\n")
    card.with_name("MODEL_CARD.md").write_text(page(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
