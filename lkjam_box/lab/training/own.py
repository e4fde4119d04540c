"""The model's own events in training, drawn from the weights so far, quantized as for export."""

from __future__ import annotations

import copy
from pathlib import Path

from ...brain.model_file import ModelFile
from ...brain.model_runtime import Stepper, TfliteStepper, installed
from ...brain.numpy_gru import NumpyStepper
from .export import weights_of
from .graphs import folded, write
from .net import Net
from .streams import OwnEvents


def own_events(net: Net, share: float, seed: int) -> OwnEvents:
    """Own events drawn by ``net`` as it is now, on the best runtime that is installed."""
    content = write(folded(weights_of(copy.deepcopy(net).cpu())))
    model = ModelFile(Path("training"), content, net.size.hidden, "training")
    name = installed()[0]
    stepper: Stepper = NumpyStepper(model) if name == "numpy" else TfliteStepper(model, name)
    return OwnEvents(stepper, share, seed)
