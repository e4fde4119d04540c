"""Reads a model file: its description and its weights. No TFLite library needed.

The file is a TFLite flatbuffer of several graphs; its description string is one line of JSON that
carries the feature version and the widths. This is the single source of truth for every runtime.

The file ends with a seal, a checksum of the rest: the runtimes run most damaged files as if
they were whole, so they are handed only files with a right seal.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from . import features as f

KIND = "lkjam-gru"
SEAL = b"LKJSEAL1"  # then the SHA-256 of all before it; flatbuffers are read from the front
_SEAL_SIZE = len(SEAL) + 32
_DTYPES: dict[int, np.dtype[Any]] = {0: np.dtype("<f4"), 2: np.dtype("<i4"), 9: np.dtype("i1")}


def default_model() -> Path:
    """The model that comes with the box."""
    return Path(__file__).resolve().parents[1] / "models" / "lkjam-gru.tflite"


@dataclass(frozen=True)
class ModelFile:
    """A checked model file."""

    path: Path
    content: bytes
    hidden: int
    name: str
    blind: tuple[str, ...] = ()  # inputs hidden from it: a model for comparing

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def graphs(self) -> dict[str, tuple[int, dict[str, int], dict[str, int]]]:
        """By name: a graph's number, and the numbers of its inputs and outputs by name."""
        out = {}
        for number, graph in enumerate(_Table.root(self.content).tables(2)):
            names = [tensor.string(3) for tensor in graph.tables(0)]
            ends = (graph.array(field, np.dtype("<i4")).tolist() for field in (1, 2))
            inputs, outputs = ({names[i]: i for i in end} for end in ends)
            out[graph.string(4)] = number, inputs, outputs
        return out

    @cached_property
    def weights(self) -> dict[str, f.F32]:
        """Every constant float tensor by name; int8 ones dequantized to float32."""
        return weights(self.content)


def sealed(model: bytes) -> bytes:
    """``model`` with the seal that :func:`read` asks for."""
    return model + SEAL + hashlib.sha256(model).digest()


def read(path: str | Path = "") -> ModelFile:
    """Read and check a model file (none given: the shipped one). Raises ModelError."""
    path = Path(path) if str(path) else default_model()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: cannot read the model ({error.strerror}): give a .tflite of "
            "`lkjam-box train`, or none for the shipped one"
        ) from None
    if content[4:8] != b"TFL3":
        raise ModelError(f"{path}: not a TFLite model: allowed is a .tflite of `lkjam-box train`")
    model, seal = content[:-_SEAL_SIZE], content[-_SEAL_SIZE:]
    if not seal.startswith(SEAL):
        raise ModelError(
            f"{path}: a model without its seal, so cut short or not one of ours: copy it again, "
            "or train one with `lkjam-box train`"
        )
    if sealed(model) != content:
        raise ModelError(f"{path}: damaged, its checksum does not fit: copy it again")
    try:
        said = described(content)
        kind, version, hidden = said["kind"], said["features"], int(said["hidden"])
        blind = tuple(name for name in f.BLIND if name in said.get("blind", ()))
    except (ValueError, KeyError, TypeError, struct.error):
        raise ModelError(
            f"{path}: a TFLite model, but not one of ours: train one with `lkjam-box train`"
        ) from None
    if kind != KIND or version != f.FEATURE_VERSION:
        raise ModelError(
            f"{path}: made for {kind} features {version}, this box has {KIND} features "
            f"{f.FEATURE_VERSION}: train again with `lkjam-box train`, or take the shipped model"
        )
    return ModelFile(path, content, hidden, path.stem, blind)


@dataclass(frozen=True, slots=True)
class _Table:
    """A flatbuffer table: as much of the format as a model needs."""

    content: bytes
    at: int

    @staticmethod
    def root(content: bytes) -> _Table:
        return _Table(content, struct.unpack_from("<I", content, 0)[0])

    def _field(self, number: int) -> int:
        """Where a field lies, 0 when it has its default."""
        vtable = self.at - struct.unpack_from("<i", self.content, self.at)[0]
        size = struct.unpack_from("<H", self.content, vtable)[0]
        slot = 4 + 2 * number
        offset = struct.unpack_from("<H", self.content, vtable + slot)[0] if slot < size else 0
        return self.at + offset if offset else 0

    def scalar(self, number: int, form: str) -> int:
        at = self._field(number)
        return int(struct.unpack_from(form, self.content, at)[0]) if at else 0

    def _follow(self, at: int) -> int:
        return at + int(struct.unpack_from("<I", self.content, at)[0])

    def table(self, number: int) -> _Table | None:
        at = self._field(number)
        return _Table(self.content, self._follow(at)) if at else None

    def tables(self, number: int) -> list[_Table]:
        start, count = self._vector(number)
        return [_Table(self.content, self._follow(start + 4 * i)) for i in range(count)]

    def _vector(self, number: int) -> tuple[int, int]:
        at = self._field(number)
        if not at:
            return 0, 0
        start = self._follow(at)
        return start + 4, int(struct.unpack_from("<I", self.content, start)[0])

    def string(self, number: int) -> str:
        start, count = self._vector(number)
        return self.content[start : start + count].decode()

    def array(self, number: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        """A vector of numbers; for bytes the length counts items of ``dtype``."""
        start, count = self._vector(number)
        return np.frombuffer(self.content, dtype, count, start)


def described(content: bytes) -> dict[str, Any]:
    """What a model says of itself."""
    said: dict[str, Any] = json.loads(_Table.root(content).string(3))
    return said


def scales(content: bytes) -> dict[str, float]:
    """By name, what one step of an int8 tensor is worth."""
    return {
        tensor.string(3): float(quantization.array(2, np.dtype("<f4"))[0])
        for tensor in _Table.root(content).tables(2)[0].tables(0)
        if (quantization := tensor.table(4)) is not None and tensor.scalar(1, "<b") == 9
    }


def weights(content: bytes) -> dict[str, f.F32]:
    """Every constant float tensor by name; int8 ones dequantized to float32."""
    model = _Table.root(content)
    buffers = [b.array(0, np.dtype("u1")) for b in model.tables(4)]
    out: dict[str, f.F32] = {}
    for tensor in model.tables(2)[0].tables(0):
        data = buffers[tensor.scalar(2, "<I")]
        dtype = _DTYPES.get(tensor.scalar(1, "<b"))
        if not len(data) or dtype is None or ((dtype.kind, dtype.itemsize) == ("i", 4)):
            continue
        values = data.view(dtype).reshape(tensor.array(0, np.dtype("<i4"))).astype(np.float32)
        quantization = tensor.table(4)
        if dtype.itemsize == 1 and quantization is not None:
            values *= quantization.array(2, np.dtype("<f4"))[0]
        out[tensor.string(3)] = values
    return out
