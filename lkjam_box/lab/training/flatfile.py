"""Writes the network as a TFLite file: dynamic-range int8, per tensor, built-in operators only.

The same weights give the same bytes. Operator versions are the oldest that have what is used,
so that tflite-runtime 2.14 runs the file too (it would load per-channel weights, but compute
nonsense). XNNPACK supports every operator after the table look-up, so that they run as one
delegate: SPLIT_V in place of the slices makes a call a tenth slower.
"""

from __future__ import annotations

import json
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as tfl

from ...brain import features as f
from ...brain.model_file import KIND, sealed

Weights = dict[str, f.F32]
_OP, _TYPE = tfl.BuiltinOperator, tfl.TensorType
_RELU = tfl.ActivationFunctionType.RELU


class _Graph:
    """The lists of a TFLite model, filled while the graph is built."""

    def __init__(self) -> None:
        self.buffers: list[Any] = [tfl.BufferT()]
        self.tensors: list[Any] = []
        self.operators: list[Any] = []
        self.codes: list[tuple[int, int]] = []

    def tensor(self, name: str, shape: tuple[int, ...], kind: int = _TYPE.FLOAT32) -> int:
        tensor = tfl.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), kind
        tensor.buffer, tensor.hasRank = 0, True
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> int:
        kind = {"f": _TYPE.FLOAT32, "i": _TYPE.INT32}[values.dtype.kind]
        return self._stored(name, values, kind)

    def int8(self, name: str, weight: f.F32) -> int:
        """Store a weight matrix as int8 with one scale for the whole; returns its tensor index."""
        scale = float(np.abs(weight).max()) / 127 or 1.0
        values = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
        index = self._stored(name, values, _TYPE.INT8)
        quantization = tfl.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint = [scale], [0]
        self.tensors[index].quantization = quantization
        return index

    def _stored(self, name: str, values: np.ndarray[Any, Any], kind: int) -> int:
        buffer = tfl.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self.buffers.append(buffer)
        index = self.tensor(name, values.shape, kind)
        self.tensors[index].buffer = len(self.buffers) - 1
        return index

    def run(
        self,
        code: int,
        inputs: list[int],
        outputs: list[int],
        options: Any = None,
        version: int = 1,
    ) -> int:
        if (code, version) not in self.codes:
            self.codes.append((code, version))
        operator = tfl.OperatorT()
        operator.opcodeIndex = self.codes.index((code, version))
        operator.inputs, operator.outputs = inputs, outputs
        if options is not None:
            operator.builtinOptions = options
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(tfl.BuiltinOptions, kind)
        self.operators.append(operator)
        return outputs[0]


def write(weights: Weights, quantized: bool = True, blind: tuple[str, ...] = ()) -> bytes:
    """The file's bytes. ``weights`` as :func:`.export.weights_of` gives them; ``blind`` names
    what the network was trained without."""
    g = _Graph()
    hidden = weights["gates.h.weight"].shape[1]
    row = weights["table"].shape[1]

    def dense(name: str, x: int, relu: bool = False) -> int:
        weight = weights[name + ".weight"]
        stored = g.int8 if quantized else g.constant
        out = g.tensor(name, (1, weight.shape[0]))
        options = tfl.FullyConnectedOptionsT()
        options.asymmetricQuantizeInputs = quantized
        options.fusedActivationFunction = _RELU if relu else 0
        inputs = [
            x,
            stored(name + ".weight", weight),
            g.constant(name + ".bias", weights[f"{name}.bias"]),
        ]
        return g.run(_OP.FULLY_CONNECTED, inputs, [out], options, 9 if quantized else 1)

    def join(name: str, parts: list[int]) -> int:
        options = tfl.ConcatenationOptionsT()
        options.axis = 1
        width = sum(g.tensors[p].shape[1] for p in parts)
        return g.run(_OP.CONCATENATION, parts, [g.tensor(name, (1, width))], options)

    def part(name: str, x: int, at: int, width: int) -> int:
        places = [
            g.constant(f"{name}.{what}", np.array(values, np.int32))
            for what, values in (("at", [0, at]), ("width", [1, width]))
        ]
        out = g.tensor(name, (1, width))
        return g.run(_OP.SLICE, [x, *places], [out], tfl.SliceOptionsT())

    def thirds(name: str, x: int) -> list[int]:
        options = tfl.SplitOptionsT()
        options.numSplits = 3
        outs = [g.tensor(f"{name}.{gate}", (1, hidden)) for gate in ("reset", "update", "new")]
        axis = g.constant(name + ".axis", np.array(1, np.int32))
        g.run(_OP.SPLIT, [axis, x], outs, options)
        return outs

    def pair(name: str, code: int, a: int, b: int) -> int:
        options = {_OP.ADD: tfl.AddOptionsT, _OP.MUL: tfl.MulOptionsT, _OP.SUB: tfl.SubOptionsT}
        out = g.tensor(name, tuple(g.tensors[a].shape))
        return g.run(code, [a, b], [out], options[code]())

    def curve(name: str, code: int, a: int) -> int:
        return g.run(code, [a], [g.tensor(name, tuple(g.tensors[a].shape))])

    ids = g.tensor("ids", (f.IDS,), _TYPE.INT32)
    packed = g.tensor("x", (1, f.FLOATS + hidden))
    gather = tfl.GatherOptionsT()
    gather.axis = 0
    rows = g.tensor("rows", (f.IDS, row))
    g.run(_OP.GATHER, [g.constant("table", weights["table"]), ids], [rows], gather)
    flat = g.tensor("flat", (1, f.IDS * row))
    shape = tfl.ReshapeOptionsT()
    shape.newShape = [1, f.IDS * row]
    to = g.constant("flat.shape", np.array(shape.newShape, np.int32))
    g.run(_OP.RESHAPE, [rows, to], [flat], shape)
    floats, h = part("floats", packed, 0, f.FLOATS), part("h", packed, f.FLOATS, hidden)
    seen = dense("input", join("seen", [flat, floats]), relu=True)
    x_reset, x_update, x_new = thirds("gates.x.split", dense("gates.x", seen))
    h_reset, h_update, h_new = thirds("gates.h.split", dense("gates.h", h))
    reset = curve("reset", _OP.LOGISTIC, pair("reset.sum", _OP.ADD, x_reset, h_reset))
    update = curve("update", _OP.LOGISTIC, pair("update.sum", _OP.ADD, x_update, h_update))
    inner = pair("new.sum", _OP.ADD, x_new, pair("new.reset", _OP.MUL, reset, h_new))
    new = curve("new", _OP.TANH, inner)
    kept = pair("kept", _OP.MUL, update, pair("change", _OP.SUB, h, new))
    state = pair("state", _OP.ADD, new, kept)
    under = dense("under", join("under.in", [state, seen]), relu=True)
    out = join("out", [dense("heads", under), state])
    said = {"kind": KIND, "features": f.FEATURE_VERSION, "hidden": hidden, "int8": quantized}
    if blind:
        said["blind"] = list(blind)
    return _packed(g, [ids, packed], [out], json.dumps(said))


def _packed(g: _Graph, inputs: list[int], outputs: list[int], description: str) -> bytes:
    graph = tfl.SubGraphT()
    graph.name, graph.tensors, graph.operators = "main", g.tensors, g.operators
    graph.inputs, graph.outputs = inputs, outputs
    model = tfl.ModelT()
    model.version, model.description = 3, description
    model.buffers, model.subgraphs, model.operatorCodes = g.buffers, [graph], []
    for code, version in g.codes:
        entry = tfl.OperatorCodeT()
        entry.builtinCode, entry.deprecatedBuiltinCode = code, min(code, 127)
        entry.version = version
        model.operatorCodes.append(entry)
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return sealed(bytes(builder.Output()))
