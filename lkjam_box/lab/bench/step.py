"""How long one call of the network and an answer of 32 notes take, from Python.

Every installed runtime beside NumPy float32 and ONNX Runtime of the same net, in blocks
that alternate, on real events with the state fed back (zeros would be computed faster).
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...brain.features import F32
    from ...brain.model_runtime import Stepper
    from ..training.streams import Stream

EXAMPLES = {
    "lkjam-box bench step": "every runtime that is installed",
    "lkjam-box bench step --blocks 2": "the same, sooner and rougher",
}
NOTES = 32
STEP_GOAL_US, ANSWER_GOAL_MS, IDLE_GOAL_MS = 8.0, 1.0, 2.0
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
    print(f"{'engine':<10}{'step us':>18}{'to numpy':>10}{'32 notes ms':>18}{'after idle ms':>15}")
    for name, row in result["engines"].items():
        step, answer = row["step_us"], row["answer_ms"]
        print(
            f"{name:<10}{step['median']:>10.1f} ({step['p99']:.1f})"
            f"{row['ratio_to_numpy']:>10.2f}{answer['median']:>11.2f} ({answer['p99']:.2f})"
            f"{row['idle_answer_ms']:>13.2f}"
        )
    for goal in result["goals"]:
        word = "met" if goal["met"] else "MISSED"
        print(f"{word:<7}{goal['goal']}: {goal['seen']} (limit {goal['limit']})")
    return 0


def measure(model: str = "", blocks: int = 8, idle: int = 5) -> dict[str, Any]:
    """All figures; ``blocks`` of 500 steps and 20 answers an engine, alternating."""
    from ...brain.model_file import read
    from ...brain.model_runtime import installed, load
    from ...errors import LkjamError
    from ..training.basics import generate
    from ..training.streams import encode, turns

    steppers: dict[str, Stepper] = {}
    left_out: dict[str, str] = {}
    for name in installed():
        try:
            steppers[name] = load(model, name)
        except (LkjamError, AttributeError) as error:
            left_out[name] = str(error)
    try:
        from .onnx_net import OnnxStepper

        steppers["onnx"] = OnnxStepper(read(model))
    except ImportError as error:
        left_out["onnx"] = f"{error.name} is not installed"
    (solo,) = generate(1, 11)
    stream = encode(solo, turns(solo, random.Random(11)))
    steps: dict[str, list[float]] = {name: [] for name in steppers}
    answers: dict[str, list[float]] = {name: [] for name in steppers}
    idles: dict[str, list[float]] = {name: [] for name in steppers}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for block in range(blocks + 1):
            for name, stepper in steppers.items():
                timed = _steps(stepper, stream)
                again = [_answer_s(stepper, seed) for seed in range(block * 20, block * 20 + 20)]
                if block:  # the first one warms up
                    steps[name] += timed
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
            "answer_ms": _spread(answers[name], 1e3),
            "idle_answer_ms": round(1e3 * _at(idles[name], 0.5), 3) if idle else 0.0,
            "ratio_to_numpy": round(_at(steps[name], 0.5) / base, 3),
        }
        for name in steppers
    }
    return {
        "machine": f"{platform.machine()} {sys.implementation.name} {platform.python_version()}",
        "hidden": steppers["numpy"].hidden,
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
        goal("step on ai-edge-litert, us", row["step_us"]["median"], STEP_GOAL_US)
        goal("32 notes warm, ms", row["answer_ms"]["median"], ANSWER_GOAL_MS)
        goal("32 notes after idle, ms", row["idle_answer_ms"], IDLE_GOAL_MS)
    for name in ("litert", "tflite"):
        if name in engines:
            goal(f"step on {name} over numpy", engines[name]["ratio_to_numpy"], 1.0)
    return out


def _steps(stepper: Stepper, stream: Stream) -> list[float]:
    import numpy as np

    from ...brain import features as f

    x: F32 = np.zeros((1, f.FLOATS + stepper.hidden), np.float32)
    out = []
    for i in range(_BLOCK):
        row = i % len(stream)
        x[0, : f.FLOATS] = stream.floats[row]
        ids = stream.ids[row]
        began = time.perf_counter()
        said = stepper.step(ids, x)
        out.append(time.perf_counter() - began)
        x[0, f.FLOATS :] = said[0, f.OUTPUTS :]
    return out


def _answer_s(stepper: Stepper, seed: int, pause_s: float = 0.0) -> float:
    """Seconds for the first 32 notes of an answer, ``pause_s`` from now; 0 when it has fewer."""
    from ...brain.gru import GruEngine
    from ...protocol.engine import ControlValues, Position, Question, Role, Scene
    from ..training.basics import generate

    (solo,) = generate(1, seed % 7)
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
