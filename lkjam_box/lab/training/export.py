"""From trained weights to a folder with model, card and notice, each file checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from ...brain import features as f
from ...brain.model_file import read
from ...brain.model_runtime import Stepper, TfliteStepper, installed
from ...brain.numpy_gru import NumpyStepper
from ...errors import ModelError
from .card import NOTICE, features, page
from .corpus import Solo
from .graphs import Weights, folded, write
from .loop import Settings, Trained
from .net import Net
from .streams import encode, whole
from .teacher import Scores, evaluate, likeliest, outputs

NAME = "lkjam-gru"
FLOAT_TOLERANCE, INT8_TOLERANCE = 1e-3, 1.0  # logits; measured on real models: 1e-5 and .1-.4


def weights_of(net: Net) -> Weights:
    """The network's weights under the names of the model file, the table not yet folded."""
    state = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    renamed = {
        "table.weight": "table",
        "gru.weight_ih_l0": "gates.x.weight",
        "gru.bias_ih_l0": "gates.x.bias",
        "gru.weight_hh_l0": "gates.h.weight",
        "gru.bias_hh_l0": "gates.h.bias",
    }
    return {renamed.get(name, name): value for name, value in state.items()}


def export(
    trained: Trained,
    settings: Settings,
    solos: Sequence[Solo],
    folder: Path,
    command: str,
    report: Callable[[str], None] = lambda line: None,
    name: str = NAME,
) -> dict[str, Any]:
    """Write the model to ``folder``, verify it in every runtime here, write its card.

    Returns the card. Raises ModelError when a runtime disagrees with the float original.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = folded(weights_of(trained.net))
    content = write(weights, blind=settings.blind)
    path = folder / f"{name}.tflite"
    path.write_bytes(content)
    model = read(path)
    original = NumpyStepper(model, weights)
    heldout = [solo for solo in solos if solo.split == "valid"] or list(solos[:4])
    report("verifying in each runtime")
    runtimes = [name for name in installed() if name != "numpy"]
    agreement = {name: verify(TfliteStepper(model, name), original, heldout) for name in runtimes}
    agreement["numpy"] = verify(NumpyStepper(model), original, heldout)
    report("scoring float32")
    floats = evaluate(original, heldout)
    played = TfliteStepper(model, runtimes[0]) if runtimes else NumpyStepper(model)
    report(f"scoring int8 on {played.name}")
    card = {
        "model": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "parameters": trained.net.parameters_count(),
        "features": features(),
        "settings": asdict(settings),
        "trained": {
            "command": command,
            "epochs": trained.epochs,
            "seconds": round(trained.seconds),
            "history": [{k: round(v, 4) for k, v in row.items()} for row in trained.history],
        },
        "data": _data(solos),
        "valid": {
            "runtime": played.name,
            "int8": _rounded(evaluate(played, heldout)),
            "float32": _rounded(floats),
        },
        "agreement": agreement,
        "versions": {name: _version(name) for name in ("torch", "numpy", "ai-edge-litert")},
        "notice": NOTICE,
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n")
    (folder / "MODEL_CARD.md").write_text(page(card))
    (folder / "LICENSE-DATA").write_text(NOTICE + "\n")
    return card


def verify(stepper: Stepper, original: Stepper, solos: Sequence[Solo]) -> dict[str, float]:
    """Logit differences from the float original on two solos, state fed back. Raises ModelError."""
    largest = total = 0.0
    agreed = steps = 0
    for solo in solos[:2]:
        stream = encode(solo, whole(solo), original.blind)
        said, meant = outputs(stepper, stream), outputs(original, stream)
        difference = np.abs(said - meant)
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
        agreed += int((likeliest(said, stream) == likeliest(meant, stream)).sum())
        steps += len(stream)
    if not largest < INT8_TOLERANCE:
        raise ModelError(
            f"{stepper.name} disagrees with the float model by {largest:.2f} in a logit "
            f"(allowed {INT8_TOLERANCE}): do not ship this file"
        )
    return {
        "steps": steps,
        "max_logit_difference": round(largest, 4),
        "mean_logit_difference": round(total / (steps * f.OUTPUTS), 5),
        "same_likeliest_pitch": round(agreed / (steps - len(solos[:2])), 4),
    }


def _data(solos: Sequence[Solo]) -> dict[str, Any]:
    out: dict[str, Any] = {"corpus": "Weimar Jazz Database, usable 4/4 solos"}
    for split in ("train", "valid"):
        part = [solo for solo in solos if solo.split == split]
        out[split] = {"solos": len(part), "notes": sum(len(solo.notes) for solo in part)}
    return out


def _rounded(scores: Scores) -> Scores:
    return {h: {k: round(v, 4) for k, v in row.items()} for h, row in scores.items()}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
