"""How long the network, a note heard and an answer of 32 notes take, from Python.

Every installed runtime beside NumPy float32 and ONNX Runtime of the same net, in blocks
that alternate, on real events with the state fed back (zeros would be computed faster).
The step is the network alone, without draws: all outputs and the new state from all inputs.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import platform
import random
import sys
import time
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...brain.model_file import ModelFile
    from ...brain.model_runtime import Stepper
    from ...brain.ports import Port
    from ..training.corpus import Solo
    from ..training.streams import Stream


EXAMPLES = {
    "lkjam-box bench step": "every runtime that is installed",
    "lkjam-box bench step --blocks 2": "the same, sooner and rougher",
}
NOTES = 32
STEP_GOAL, ANSWER_GOAL_MS, IDLE_GOAL_MS = 0.12, 1.0, 2.0  # a step over numpy's
_BLOCK = 500
_IDLE_S = 0.7


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="", metavar="FILE", help="default: the shipped model")
    parser.add_argument("--blocks", type=int, default=8, metavar="N", help="blocks per engine")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    from ...brain.model_runtime import single_thread

    single_thread()
    result = measure(args.model, args.blocks)
    if args.json:
        print(json.dumps(result, indent=1))
        return 0
    print(f"{result['machine']}: {result['hidden']} wide, medians (p99)")
    print(
        f"{'engine':<10}{'step us':>18}{'to numpy':>10}{'heard note us':>18}"
        f"{'32 notes ms':>18}{'after idle ms':>15}"
    )
    for name, row in result["engines"].items():
        cells = [
            f"{row[part]['median']:>10.{digits}f} ({row[part]['p99']:.{digits}f})"
            if row[part]
            else ""
            for part, digits in (("step_us", 1), ("heard_us", 1), ("answer_ms", 2))
        ]
        idle = f"{row['idle_answer_ms']:.2f}" if row["idle_answer_ms"] else ""
        print(
            f"{name:<10}{cells[0]:>18}{row['ratio_to_numpy']:>10.2f}"
            f"{cells[1]:>18}{cells[2]:>18}{idle:>15}"
        )
    for goal in result["goals"]:
        word = "met" if goal["met"] else "MISSED"
        print(f"{word:<7}{goal['goal']}: {goal['seen']} (limit {goal['limit']})")
    return 0


def measure(model: str = "", blocks: int = 8, idle: int = 15) -> dict[str, Any]:
    """All figures; ``blocks`` of 500 steps and 20 answers an engine, alternating."""
    from ...brain.model_file import read
    from ...brain.model_runtime import installed, load
    from ...errors import LkjamError
    from ..training.basics import generate
    from ..training.streams import encode, turns

    file = read(model)
    steppers: dict[str, Stepper] = {}
    nets: dict[str, Port] = {}
    left_out: dict[str, str] = {}
    for name in installed():
        try:
            stepper = load(model, name)
            nets[name] = stepper.note if name == "numpy" else _tflite_net(file, name)
            steppers[name] = stepper
        except (LkjamError, AttributeError) as error:
            left_out[name] = str(error)
    try:
        from .onnx_net import OnnxStepper

        nets["onnx"] = OnnxStepper(file).note
    except ImportError as error:
        left_out["onnx"] = f"{error.name} is not installed"
    (solo,) = generate(1, 11)
    stream = encode(solo, turns(solo, random.Random(11)))
    steps: dict[str, list[float]] = {name: [] for name in nets}
    heard: dict[str, list[float]] = {name: [] for name in steppers}
    answers: dict[str, list[float]] = {name: [] for name in steppers}
    idles: dict[str, list[float]] = {name: [] for name in steppers}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for block in range(blocks + 1):
            for name, net in nets.items():
                timed = _steps(net, stream)
                if block:  # the first one warms up
                    steps[name] += timed
            for name, stepper in steppers.items():
                timed = _heard(stepper, block)
                again = [_answer_s(stepper, seed) for seed in range(block * 20, block * 20 + 20)]
                if block:
                    heard[name] += timed
                    answers[name] += [t for t in again if t]
        for seed in range(idle):
            for name, stepper in steppers.items():
                idles[name] += [_answer_s(stepper, seed, _IDLE_S)]
    finally:
        if collecting:
            gc.enable()
    base = _at(steps["numpy"], 0.5)
    engines = {
        name: {
            "step_us": _spread(steps[name], 1e6),
            "ratio_to_numpy": round(_at(steps[name], 0.5) / base, 3),
            "heard_us": _spread(heard[name], 1e6) if name in steppers else None,
            "answer_ms": _spread(answers[name], 1e3) if name in steppers else None,
            "idle_answer_ms": round(1e3 * _at(idles.get(name, []), 0.5), 3),
        }
        for name in nets
    }
    return {
        "machine": f"{platform.machine()} {sys.implementation.name} {platform.python_version()}",
        "hidden": file.hidden,
        "notes": NOTES,
        "engines": engines,
        "left_out": left_out,
        "goals": _goals(engines),
    }


def _goals(engines: dict[str, Any]) -> list[dict[str, Any]]:
    out = []

    def goal(text: str, seen: float, limit: float) -> None:
        out.append({"goal": text, "seen": round(seen, 3), "limit": limit, "met": seen <= limit})

    if "litert" in engines:
        row = engines["litert"]
        goal("step on litert over numpy", row["ratio_to_numpy"], STEP_GOAL)
        goal("32 notes warm, ms", row["answer_ms"]["median"], ANSWER_GOAL_MS)
        goal("32 notes after idle, ms", row["idle_answer_ms"], IDLE_GOAL_MS)
    if "tflite" in engines:
        goal("step on tflite over numpy", engines["tflite"]["ratio_to_numpy"], 1.0)
    return out


def _tflite_net(model: ModelFile, name: str) -> Port:
    """The network of ``model``, and nothing else, on a TFLite runtime."""
    from ...brain.model_file import ModelFile, scales
    from ...brain.model_runtime import Graphs
    from ...brain.ports import NotePort
    from ..training.graphs import write

    content = write(model.weights, scales=scales(model.content), only="step")
    graphs = Graphs(ModelFile(model.path, content, model.hidden, model.name), name)
    views, run = graphs.open("step")
    inputs = views["ids"], views["floats"], views["state"]
    return NotePort(*inputs, views["new state"], run, views["outputs"], user=graphs)


def _steps(net: Port, stream: Stream) -> list[float]:
    net.state[:] = 0.0
    out = []
    for i in range(_BLOCK):
        row = i % len(stream)
        net.ids[:], net.floats[0] = stream.ids[row], stream.floats[row]
        began = time.perf_counter()
        net.run()
        out.append(time.perf_counter() - began)
        net.state[:] = net.out
    return out


@lru_cache
def _solo(seed: int) -> Solo:
    from ..training.basics import generate

    (solo,) = generate(1, seed)
    return solo


def _heard(stepper: Stepper, seed: int) -> list[float]:
    from ...brain.gru import GruEngine
    from ...protocol.engine import Position, Role, Scene

    solo = _solo(seed % 7)
    engine = GruEngine(stepper)
    call = Scene(0.0, math.inf, solo.harmony, solo.bpm)
    out = []
    for note in solo.notes[:_BLOCK]:
        began = time.perf_counter()
        engine.hear(note, Position.CONTINUE, Role.HUMAN, call)
        out.append(time.perf_counter() - began)
    return out


def _answer_s(stepper: Stepper, seed: int, pause_s: float = 0.0) -> float:
    """Seconds for the first 32 notes of an answer, ``pause_s`` from now; 0 when it has fewer."""
    from ...brain.gru import GruEngine
    from ...protocol.engine import ControlValues, Position, Question, Role, Scene

    solo = _solo(seed % 7)
    engine = GruEngine(stepper)
    call = Scene(0.0, 32.0, solo.harmony, solo.bpm)
    for note in solo.notes[:8]:
        engine.hear(note, Position.CONTINUE, Role.HUMAN, call)
    scene = Scene(32.0, 192.0, solo.harmony, solo.bpm)
    time.sleep(pause_s)
    began = time.perf_counter()
    count = sum(
        1 for _ in islice(engine.answer(Question((), call, scene, ControlValues(), seed)), NOTES)
    )
    took = time.perf_counter() - began
    return took if count == NOTES else 0.0


def _at(values: list[float], share: float) -> float:
    ordered = sorted(v for v in values if v)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _spread(values: list[float], unit: float) -> dict[str, float]:
    return {
        "median": round(unit * _at(values, 0.5), 3),
        "p99": round(unit * _at(values, 0.99), 3),
        "n": len(values),
    }
