"""The lists of a TFLite file, filled while its graphs are built.

The same calls give the same bytes. Constants are stored once however many graphs use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from ...brain.model_file import sealed

__all__ = ["OP", "RELU", "TYPE", "File", "Graph", "schema"]
OP, TYPE = schema.BuiltinOperator, schema.TensorType
RELU = schema.ActivationFunctionType.RELU
_KINDS = {"f": TYPE.FLOAT32, "i": TYPE.INT32}


class File:
    """A model of several graphs."""

    def __init__(self, description: str) -> None:
        self._model = schema.ModelT()
        self._model.version, self._model.description = 3, description
        self._model.buffers, self._model.subgraphs = [schema.BufferT()], []
        self._codes: list[tuple[int, int]] = []
        self._buffers: dict[bytes, int] = {}

    def graph(self, name: str) -> Graph:
        """A new graph; the first one is number 0."""
        graph = Graph(self, name)
        self._model.subgraphs.append(graph.written)
        return graph

    def packed(self) -> bytes:
        model = self._model
        model.operatorCodes = []
        for code, version in self._codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode = code, min(code, 127)
            entry.version = version
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return sealed(bytes(builder.Output()))

    def buffer(self, content: bytes) -> int:
        number = self._buffers.get(content)
        if number is None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(content, np.uint8)
            self._model.buffers.append(buffer)
            number = self._buffers[content] = len(self._model.buffers) - 1
        return number

    def code(self, code: int, version: int) -> int:
        if (code, version) not in self._codes:
            self._codes.append((code, version))
        return self._codes.index((code, version))


class Graph:
    """One graph. Its methods return the numbers of the tensors that they make."""

    def __init__(self, file: File, name: str) -> None:
        self._file = file
        self.written = schema.SubGraphT()
        self.written.name, self.written.tensors, self.written.operators = name, [], []
        self.written.inputs, self.written.outputs = [], []

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(self.written.tensors[tensor].shape)

    def input(self, name: str, shape: tuple[int, ...], kind: int = TYPE.FLOAT32) -> int:
        self.written.inputs.append(self.tensor(name, shape, kind))
        return int(self.written.inputs[-1])

    def output(self, name: str, tensor: int) -> None:
        self.written.tensors[tensor].name = name
        self.written.outputs.append(tensor)

    def tensor(self, name: str, shape: Sequence[int], kind: int = TYPE.FLOAT32) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, list(shape), kind
        tensor.buffer, tensor.hasRank = 0, True
        self.written.tensors.append(tensor)
        return len(self.written.tensors) - 1

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> int:
        index = self.tensor(name, values.shape, _KINDS[values.dtype.kind])
        return self._filled(index, values)

    def int8(self, name: str, weight: np.ndarray[Any, Any], scale: float = 0.0) -> int:
        """A weight matrix as int8 with one scale for the whole, ``scale`` or what it needs."""
        scale = scale or float(np.abs(weight).max()) / 127 or 1.0
        values = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
        index = self._filled(self.tensor(name, values.shape, TYPE.INT8), values)
        quantization = schema.QuantizationParametersT()
        quantization.scale, quantization.zeroPoint = [scale], [0]
        self.written.tensors[index].quantization = quantization
        return index

    def run(
        self,
        code: int,
        inputs: list[int],
        shape: Sequence[int],
        options: Any = None,
        version: int = 1,
        kind: int = TYPE.FLOAT32,
        name: str = "",
    ) -> int:
        """Add an operator with one output of ``shape``."""
        return self.split(code, inputs, [shape], options, version, kind, name)[0]

    def split(
        self,
        code: int,
        inputs: list[int],
        shapes: Sequence[Sequence[int]],
        options: Any = None,
        version: int = 1,
        kind: int = TYPE.FLOAT32,
        name: str = "",
    ) -> list[int]:
        """Add an operator with an output of each shape."""
        operator = schema.OperatorT()
        operator.opcodeIndex = self._file.code(code, version)
        named = name or f"t{len(self.written.tensors)}"
        outputs = [
            self.tensor(f"{named}.{i}" if i else named, shape, kind)
            for i, shape in enumerate(shapes)
        ]
        operator.inputs, operator.outputs = inputs, outputs
        if options is not None:
            operator.builtinOptions = options
            which = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, which)
        self.written.operators.append(operator)
        return outputs

    def _filled(self, index: int, values: np.ndarray[Any, Any]) -> int:
        content = np.ascontiguousarray(values).tobytes()
        self.written.tensors[index].buffer = self._file.buffer(content)
        return index
