"""The network for ONNX Runtime, to compare the shipped runtimes with."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...brain import features as f
from ...brain.model_file import ModelFile
from ...brain.ports import NotePort


class OnnxStepper:
    """The network on ONNX Runtime, float32, one thread."""

    name = "onnx"

    def __init__(self, model: ModelFile) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.hidden, self.blind = model.hidden, model.blind
        self._session: Any = onnxruntime.InferenceSession(
            graph(model), options, providers=["CPUExecutionProvider"]
        )
        self._x: f.F32 = np.zeros((1, f.FLOATS + model.hidden), np.float32)
        floats, state = self._x[:, : f.FLOATS], self._x[:, f.FLOATS :]
        outputs = np.zeros((1, f.OUTPUTS), np.float32)
        ids = np.zeros(f.IDS, np.int32)
        self.note = NotePort(ids, floats, state, np.zeros_like(state), self._run, outputs)

    def _run(self) -> None:
        port = self.note
        out = self._session.run(None, {"ids": port.ids, "x": self._x})[0]
        port.outputs[:], port.out[:] = out[:, : f.OUTPUTS], out[:, f.OUTPUTS :]

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        out: f.F32 = self._session.run(None, {"ids": ids, "x": x})[0]
        return out


def graph(model: ModelFile) -> bytes:
    """The bytes of an ONNX file with the model's weights, dequantized to float32."""
    from onnx import TensorProto, helper, numpy_helper

    weights, hidden = model.weights, model.hidden
    constants: dict[str, np.ndarray[Any, Any]] = {
        name: (value.T if name.endswith("weight") else value).copy()
        for name, value in weights.items()
    }
    constants |= {
        "first": np.array([0], np.int64),
        "packed": np.array([f.FLOATS, hidden], np.int64),
        "gates": np.array([2 * hidden, hidden], np.int64),
        "halves": np.array([hidden, hidden], np.int64),
    }
    nodes: list[Any] = []

    def op(kind: str, inputs: list[str], outputs: list[str], **attributes: int) -> None:
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    def dense(name: str, x: str) -> str:
        op("Gemm", [x, name + ".weight", name + ".bias"], [name])
        return name

    op("Gather", ["input.table", "ids"], ["rows"])
    op("ReduceSum", ["rows", "first"], ["row"], keepdims=1)
    op("Split", ["x", "packed"], ["floats", "h"], axis=1)
    op("Add", ["row", dense("input", "floats")], ["all"])
    op("Relu", ["all"], ["seen"])
    op("Split", [dense("gates.x", "seen"), "gates"], ["x.both", "x.new"], axis=1)
    op("Split", [dense("gates.h", "h"), "gates"], ["h.both", "h.new"], axis=1)
    op("Add", ["x.both", "h.both"], ["sum"])
    op("Sigmoid", ["sum"], ["both"])
    op("Split", ["both", "halves"], ["reset", "update"], axis=1)
    op("Mul", ["reset", "h.new"], ["held"])
    op("Add", ["x.new", "held"], ["inner"])
    op("Tanh", ["inner"], ["new"])
    op("Sub", ["h", "new"], ["change"])
    op("Mul", ["update", "change"], ["kept"])
    op("Add", ["new", "kept"], ["state"])
    op("Concat", ["state", "seen"], ["both.seen"], axis=1)
    op("Relu", [dense("under", "both.seen")], ["under.out"])
    op("Concat", [dense("heads", "under.out"), "state"], ["out"], axis=1)
    value = helper.make_tensor_value_info
    built = helper.make_graph(
        nodes,
        "gru",
        [
            value("ids", TensorProto.INT32, [f.IDS]),
            value("x", TensorProto.FLOAT, [1, f.FLOATS + hidden]),
        ],
        [value("out", TensorProto.FLOAT, [1, f.OUTPUTS + hidden])],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    opset = helper.make_opsetid("", 18)
    content: bytes = helper.make_model(
        built, opset_imports=[opset], ir_version=9
    ).SerializeToString()
    return content
