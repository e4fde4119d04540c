"""The network in plain NumPy: reference for every runtime, and the last resort of the box."""

from __future__ import annotations

import numpy as np

from . import features as f
from .model_file import ModelFile


class NumpyStepper:
    """Runs one step of the network in float32."""

    name = "numpy"

    def __init__(self, model: ModelFile, weights: dict[str, f.F32] | None = None) -> None:
        """``weights`` replaces the file's own (the float original, for comparing)."""
        w = weights or model.weights
        self.hidden, self.blind = model.hidden, model.blind
        self._table = w["table"]
        self._input, self._input_bias = w["input.weight"].T.copy(), w["input.bias"]
        self._from_x, self._from_x_bias = w["gates.x.weight"].T.copy(), w["gates.x.bias"]
        self._from_h, self._from_h_bias = w["gates.h.weight"].T.copy(), w["gates.h.bias"]
        self._under, self._under_bias = w["under.weight"].T.copy(), w["under.bias"]
        self._heads, self._heads_bias = w["heads.weight"].T.copy(), w["heads.bias"]

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        """ids [IDS], x [1, FLOATS + hidden] -> [1, OUTPUTS + hidden]."""
        size = self.hidden
        h = x[0, f.FLOATS :]
        rows = self._table[ids].reshape(-1)
        seen = np.concatenate((rows, x[0, : f.FLOATS])) @ self._input + self._input_bias
        seen = np.maximum(seen, 0.0)
        gates_x = seen @ self._from_x + self._from_x_bias
        gates_h = h @ self._from_h + self._from_h_bias
        both = 1.0 / (1.0 + np.exp(-(gates_x[: 2 * size] + gates_h[: 2 * size])))
        reset, update = both[:size], both[size:]
        new = np.tanh(gates_x[2 * size :] + reset * gates_h[2 * size :])
        state = new + update * (h - new)
        under = np.maximum(np.concatenate((state, seen)) @ self._under + self._under_bias, 0.0)
        out = np.concatenate((under @ self._heads + self._heads_bias, state))
        return out[None].astype(np.float32)
