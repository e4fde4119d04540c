"""The network in plain NumPy: reference for every runtime, and the last resort of the box."""

from __future__ import annotations

import numpy as np

from . import features as f
from .model_file import ModelFile
from .ports import NotePort, Port
from .sampler import softmax


class NumpyStepper:
    """Runs the network in float32."""

    name = "numpy"

    def __init__(self, model: ModelFile, weights: dict[str, f.F32] | None = None) -> None:
        """``weights`` replaces the file's own (the float original, for comparing)."""
        w = weights or model.weights
        self.hidden, self.blind = model.hidden, model.blind
        self._table = w["input.table"]
        self._input, self._input_bias = w["input.weight"].T.copy(), w["input.bias"]
        self._from_x, self._from_x_bias = w["gates.x.weight"].T.copy(), w["gates.x.bias"]
        self._from_h, self._from_h_bias = w["gates.h.weight"].T.copy(), w["gates.h.bias"]
        self._under, self._under_bias = w["under.weight"].T.copy(), w["under.bias"]
        self._heads, self._heads_bias = w["heads.weight"].T.copy(), w["heads.bias"]
        self._memory: f.F32 = np.zeros((1, self.hidden + self._table.shape[1]), np.float32)
        self._outputs: f.F32 = np.zeros((1, f.OUTPUTS), np.float32)
        self._ids: f.I32 = np.zeros(f.IDS, np.int32)
        self._floats: f.F32 = np.zeros((1, f.FLOATS), np.float32)
        self._state: f.F32 = np.zeros((1, self.hidden), np.float32)
        inputs = self._ids, self._floats, self._state
        self.heard = Port(*inputs, self._memory, self._hear)
        state = self._memory[:, : self.hidden]
        self.note = NotePort(*inputs, state, self._note, self._outputs)

    def times(self, memory: f.F32) -> list[float]:
        out = self._said(memory[0])
        first, after = (softmax(out[table]) for table in f.TIME)
        odds: list[float] = (first + after).tolist()
        return odds

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        """ids [IDS], x [1, FLOATS + hidden] -> [1, OUTPUTS + hidden]."""
        memory = self._step(ids, x[0, : f.FLOATS], x[0, f.FLOATS :])
        return np.concatenate((self._said(memory), memory[: self.hidden]))[None]

    def _hear(self) -> None:
        self._memory[0] = self._step(self._ids, self._floats[0], self._state[0])

    def _note(self) -> None:
        self._hear()
        self._outputs[0] = self._said(self._memory[0])

    def _step(self, ids: f.I32, floats: f.F32, h: f.F32) -> f.F32:
        """The memory: new state and input layer."""
        size = self.hidden
        seen = self._table[ids].sum(axis=0) + (floats @ self._input + self._input_bias)
        seen = np.maximum(seen, 0.0)
        gates_x = seen @ self._from_x + self._from_x_bias
        gates_h = h @ self._from_h + self._from_h_bias
        both = 1.0 / (1.0 + np.exp(-(gates_x[: 2 * size] + gates_h[: 2 * size])))
        reset, update = both[:size], both[size:]
        new = np.tanh(gates_x[2 * size :] + reset * gates_h[2 * size :])
        state = new + update * (h - new)
        return np.concatenate((state, seen)).astype(np.float32)

    def _said(self, memory: f.F32) -> f.F32:
        under = np.maximum(memory @ self._under + self._under_bias, 0.0)
        out: f.F32 = under @ self._heads + self._heads_bias
        return out
