"""Writes the network as a TFLite file of three graphs: dynamic-range int8, built-in operators.

``hear`` takes in a note and gives the memory of it: the new state and the input layer. ``times``
gives, from a memory, the odds of the time-shifts to the note after. ``note`` is a note of an
answer in one call: the new state, the outputs with all that is added to them, and the draws, from
noise that comes in. :mod:`...brain.numpy_gru` and :mod:`...brain.draw` say the same in NumPy.

Weights are int8 per tensor and operator versions the oldest that have what is used, so that
tflite-runtime 2.14 runs the file too (it would load per-channel weights, but compute nonsense).
The table's part of the input layer is multiplied out: a look-up of ``IDS`` rows and their sum take
the place of four fifths of that layer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from ...brain import features as f
from ...brain.model_file import KIND
from ...brain.sampler import MASKED
from .flatfile import OP, RELU, TYPE, File, Graph, schema

Weights = dict[str, f.F32]


def folded(weights: Weights) -> Weights:
    """The weights as a file holds them, from those of the network in training."""
    table, matrix = weights["table"], weights["input.weight"]
    row = table.shape[1]
    out = {k: v for k, v in weights.items() if k not in ("table", "input.weight")}
    parts = []
    for name, column in f.COLUMN.items():
        size = f.SIZE[name]
        rows = table[f.TRAINED_ROW[f.OFFSET[name] : f.OFFSET[name] + size]]
        parts.append(rows @ matrix[:, column * row : (column + 1) * row].T)
    out["input.table"] = np.concatenate(parts).astype(np.float32)
    out["input.weight"] = matrix[:, f.IDS * row :].copy()
    return out


class _Net:
    """The network's layers, to be put into any graph."""

    def __init__(
        self, weights: Weights, quantized: bool, scales: dict[str, float], g: Graph
    ) -> None:
        self.weights, self.quantized, self.scales, self.g = weights, quantized, scales, g
        self.hidden = weights["gates.h.weight"].shape[1]

    def dense(self, name: str, x: int, relu: bool = False, rows: slice = slice(None)) -> int:
        g, weight = self.g, self.weights[name + ".weight"][rows]
        label = name + (".part" if rows != slice(None) else "") + ".weight"
        scale = self.scales.get(name + ".weight", 0.0)
        if self.quantized and not scale:
            scale = float(np.abs(self.weights[name + ".weight"]).max()) / 127
        stored = g.int8(label, weight, scale) if self.quantized else g.constant(label, weight)
        options = schema.FullyConnectedOptionsT()
        options.asymmetricQuantizeInputs = self.quantized
        options.fusedActivationFunction = RELU if relu else 0
        bias = g.constant(label.replace("weight", "bias"), self.weights[f"{name}.bias"][rows])
        version = 9 if self.quantized else 1
        shape = (1, weight.shape[0])
        return g.run(OP.FULLY_CONNECTED, [x, stored, bias], shape, options, version, name=name)

    def step(self, ids: int, floats: int, h: int) -> tuple[int, int]:
        """(input layer, new state)."""
        g, hidden = self.g, self.hidden
        width = self.weights["input.table"].shape[1]
        table = g.constant("input.table", self.weights["input.table"])
        rows = gather(g, table, ids, (f.IDS, width))
        options = schema.ReducerOptionsT()
        options.keepDims = True
        axis = g.constant("rows", np.array([0], np.int32))
        seen = g.run(OP.SUM, [rows, axis], (1, width), options)
        seen = pair(g, OP.ADD, seen, self.dense("input", floats), relu=True)
        x_reset, x_update, x_new = self._thirds(self.dense("gates.x", seen))
        h_reset, h_update, h_new = self._thirds(self.dense("gates.h", h))
        reset = g.run(OP.LOGISTIC, [pair(g, OP.ADD, x_reset, h_reset)], (1, hidden))
        update = g.run(OP.LOGISTIC, [pair(g, OP.ADD, x_update, h_update)], (1, hidden))
        inner = pair(g, OP.ADD, x_new, pair(g, OP.MUL, reset, h_new))
        new = g.run(OP.TANH, [inner], (1, hidden))
        kept = pair(g, OP.MUL, update, pair(g, OP.SUB, h, new))
        return seen, pair(g, OP.ADD, new, kept)

    def under(self, seen: int, state: int) -> int:
        return self.dense("under", join(self.g, [state, seen], 1), relu=True)

    def _thirds(self, x: int) -> list[int]:
        options = schema.SplitOptionsT()
        options.numSplits = 3
        axis = self.g.constant("columns", np.array(1, np.int32))
        return self.g.split(OP.SPLIT, [axis, x], [(1, self.hidden)] * 3, options)


def gather(
    g: Graph,
    table: int,
    at: int,
    shape: tuple[int, ...],
    axis: int = 0,
    within: int = 0,
    kind: int = TYPE.FLOAT32,
) -> int:
    options = schema.GatherOptionsT()
    options.axis, options.batchDims = axis, within
    return g.run(OP.GATHER, [table, at], shape, options, 5 if within else 1, kind)


def join(g: Graph, parts: list[int], axis: int, kind: int = TYPE.FLOAT32) -> int:
    options = schema.ConcatenationOptionsT()
    options.axis = axis
    shape = list(g.shape(parts[0]))
    shape[axis] = sum(g.shape(part)[axis] for part in parts)
    return g.run(OP.CONCATENATION, parts, shape, options, kind=kind)


def pair(g: Graph, code: int, a: int, b: int, relu: bool = False) -> int:
    options = {OP.ADD: schema.AddOptionsT, OP.MUL: schema.MulOptionsT, OP.SUB: schema.SubOptionsT}[
        code
    ]()
    if relu:
        options.fusedActivationFunction = RELU
    shape = np.broadcast_shapes(g.shape(a), g.shape(b))
    return g.run(code, [a, b], shape, options)


def added(g: Graph, first: int, *others: int) -> int:
    for other in others:
        first = pair(g, OP.ADD, first, other)
    return first


def shaped(g: Graph, x: int, shape: tuple[int, ...], kind: int = TYPE.FLOAT32) -> int:
    options = schema.ReshapeOptionsT()
    options.newShape = list(shape)
    to = g.constant(f"shape{shape}", np.array(shape, np.int32))
    return g.run(OP.RESHAPE, [x, to], shape, options, kind=kind)


def parts(g: Graph, x: int, sizes: list[int], axis: int) -> list[int]:
    options = schema.SplitVOptionsT()
    options.numSplits = len(sizes)
    shapes = []
    for size in sizes:
        shape = list(g.shape(x))
        shape[axis] = size
        shapes.append(shape)
    inputs = [
        x,
        g.constant(f"sizes{sizes}", np.array(sizes, np.int32)),
        g.constant(f"axis{axis}", np.array(axis, np.int32)),
    ]
    return g.split(OP.SPLIT_V, inputs, shapes, options)


def softmax(g: Graph, x: int) -> int:
    options = schema.SoftmaxOptionsT()
    options.beta = 1.0
    return g.run(OP.SOFTMAX, [x], g.shape(x), options)


def summed(g: Graph, x: int, axis: int, shape: tuple[int, ...]) -> int:
    options = schema.ReducerOptionsT()
    options.keepDims = len(shape) == len(g.shape(x))
    return g.run(OP.SUM, [x, g.constant(f"over{axis}", np.array([axis], np.int32))], shape, options)


def tried(g: Graph, name: str, logits: int, noise: int) -> tuple[int, int]:
    """A draw from each row of ``logits`` [rows, n] by ``noise`` [rows, 1], uniform in [0, 1):
    (choices [rows, 1], what the strictly likelier ones weigh [rows])."""
    rows, n = g.shape(logits)
    odds = softmax(g, logits)
    g.output(name, odds)
    axis = g.constant("along", np.array(1, np.int32))
    upto = g.run(OP.CUMSUM, [odds, axis], (rows, n), schema.CumsumOptionsT())
    # The first place that is not below the noise is the first of the largest after a cut there.
    cut = g.run(OP.MINIMUM, [upto, noise], (rows, n), schema.MaximumMinimumOptionsT())
    options = schema.ArgMaxOptionsT()
    options.outputType = TYPE.INT32
    choice = g.run(OP.ARG_MAX, [cut, axis], (rows,), options, kind=TYPE.INT32)
    choice = shaped(g, choice, (rows, 1), TYPE.INT32)
    own = gather(g, odds, choice, (rows, 1), 1, 1)
    likelier = g.run(OP.GREATER, [odds, own], (rows, n), schema.GreaterOptionsT(), kind=TYPE.BOOL)
    options = schema.CastOptionsT()
    options.inDataType, options.outDataType = TYPE.BOOL, TYPE.FLOAT32
    likelier = g.run(OP.CAST, [likelier], (rows, n), options)
    weight = pair(g, OP.MUL, odds, likelier)
    return choice, summed(g, weight, 1, (rows,))


def cut(g: Graph, x: int, at: slice) -> int:
    size = np.array([at.stop - at.start], np.int32)
    begin = g.constant(f"from{at.start}", np.array([at.start], np.int32))
    inputs = [x, begin, g.constant(f"size{size}", size)]
    return g.run(OP.SLICE, inputs, size.tolist(), schema.SliceOptionsT())


def write(
    weights: Weights,
    quantized: bool = True,
    blind: tuple[str, ...] = (),
    scales: dict[str, float] | None = None,
    only: str = "",
) -> bytes:
    """The file's bytes. ``weights`` as :func:`folded` gives them; ``blind`` names what the network
    was trained without; ``scales`` are those of matrices that were int8 before. ``only``
    "step" writes one graph instead, the network and nothing else, to measure it by."""
    hidden = weights["gates.h.weight"].shape[1]
    said: dict[str, Any] = {
        "kind": KIND,
        "features": f.FEATURE_VERSION,
        "hidden": hidden,
        "int8": quantized,
    }
    if blind:
        said["blind"] = list(blind)
    file = File(json.dumps(said))
    scales = scales or {}
    builders: dict[str, Callable[[_Net], object]] = {
        "note": _note,
        "hear": _hear,
        "times": _times,
        "step": _step,
    }
    for name in (only,) if only else ("note", "hear", "times"):
        builders[name](_Net(weights, quantized, scales, file.graph(name)))
    return file.packed()


def _heard(net: _Net) -> tuple[int, int]:
    g = net.g
    ids = g.input("ids", (f.IDS,), TYPE.INT32)
    floats = g.input("floats", (1, f.FLOATS))
    return net.step(ids, floats, g.input("state", (1, net.hidden)))


def _hear(net: _Net) -> None:
    net.g.output("memory", join(net.g, list(reversed(_heard(net))), 1))


def _times(net: _Net) -> None:
    g = net.g
    memory = g.input("memory", (1, net.hidden + net.weights["input.table"].shape[1]))
    under = net.dense("under", memory, relu=True)
    tables = [net.dense("heads", under, rows=table) for table in f.TIME]
    g.output("times", summed(g, softmax(g, join(g, tables, 0)), 0, (f.TIME_BINS,)))


def _step(net: _Net) -> int:
    """The outputs."""
    seen, state = _heard(net)
    net.g.output("new state", state)
    out = net.dense("heads", net.under(seen, state))
    net.g.output("outputs", out)
    return out


def _note(net: _Net) -> None:
    g = net.g
    out = pair(g, OP.MUL, _step(net), g.input("warmth", (1, f.OUTPUTS)))
    out = shaped(g, out, (f.OUTPUTS,))
    tables = shaped(g, cut(g, out, slice(f.SHARED, f.OUTPUTS)), (2, f.TABLES))
    weights = cut(g, out, slice(f.GUESS_PITCH.start, f.SHARED))
    weights = pair(g, OP.ADD, weights, g.input("follow", (f.GUESSES,)))
    size = 2 * f.TIME_BINS
    to = g.constant("size", np.array([size], np.int32))
    at = g.input("guesses", (f.GUESSES, 1), TYPE.INT32)
    guessed = g.run(OP.SCATTER_ND, [at, weights, to], (size,), schema.ScatterNdOptionsT())
    # Whether it closes: the odds of going on count by the share of time-shifts that fit.
    times = added(g, cut(g, out, f.TIME[0]), cut(g, guessed, slice(f.TIME_BINS, size)))
    inside = pair(g, OP.MUL, softmax(g, times), g.input("fits", (f.TIME_BINS,)))
    inside = summed(g, inside, 0, (1,))
    lead = summed(g, pair(g, OP.MUL, cut(g, out, f.POSITION), g.input("lead", (3,))), 0, (1,))
    urge = g.run(OP.EXP, [lead], (1,), schema.ExpOptionsT())
    urge = pair(g, OP.MUL, urge, g.input("push", (1,)))
    options = schema.LessEqualOptionsT()
    closing = g.run(OP.LESS_EQUAL, [inside, urge], (1,), options, kind=TYPE.BOOL)
    options = schema.CastOptionsT()
    options.inDataType, options.outDataType = TYPE.BOOL, TYPE.INT32
    closes = g.run(OP.CAST, [closing], (1,), options, kind=TYPE.INT32)
    closing = shaped(g, closes, (), TYPE.INT32)
    # Pitch and time-shift, each a row.
    chosen = gather(g, tables, closing, (f.TABLES,))
    wide = (f.SLOTS,)
    start = g.input("register", (1,), TYPE.INT32)
    inputs = [out, start, g.constant("slots", np.array(wide, np.int32))]
    register = g.run(OP.SLICE, inputs, wide, schema.SliceOptionsT())
    leap, degree = (
        gather(g, chosen, g.input(name, wide, TYPE.INT32), wide) for name in ("leaps", "degrees")
    )
    rest = g.constant("rest", np.zeros(f.TIME_BINS - f.SLOTS, np.float32))
    times = cut(g, chosen, slice(f.TABLES - f.TIME_BINS, f.TABLES))
    logits = join(g, [added(g, register, leap, degree), rest, times], 0)
    logits = added(g, logits, guessed, gather(g, g.input("bias", (2, size)), closing, (size,)))
    logits = shaped(g, logits, (2, f.TIME_BINS))
    first, refused = tried(g, "odds", logits, g.input("noise", (2, 1)))
    # Duration, given the time-shift, and velocity.
    at = f.INTERVALS + 12
    table = g.constant("ratios", (at + f.DURATION_BINS + f.RATIO_OF).astype(np.int32))
    shift = shaped(g, first, (2,), TYPE.INT32)
    one = g.constant("one", np.array([1], np.int32))
    shift = g.run(OP.SLICE, [shift, one, one], (1,), schema.SliceOptionsT(), kind=TYPE.INT32)
    shift = shaped(g, shift, (), TYPE.INT32)
    ratios = gather(g, table, shift, (f.DURATION_BINS,), kind=TYPE.INT32)
    lengths = cut(g, chosen, slice(at, at + f.DURATION_BINS))
    lengths = added(g, lengths, gather(g, chosen, ratios, (f.DURATION_BINS,)))
    masked = g.constant("masked", np.full(f.DURATION_BINS - 16, MASKED, np.float32))
    logits = join(g, [lengths, cut(g, out, f.VELOCITY), masked], 0)
    logits = shaped(g, logits, (2, f.DURATION_BINS))
    second, again = tried(g, "odds.second", logits, g.input("noise.second", (2, 1)))
    tokens = [shaped(g, closes, (1, 1), TYPE.INT32), first, second]
    g.output("tokens", join(g, tokens, 0, TYPE.INT32))
    g.output("weights", join(g, [refused, again, inside, urge], 0))
