"""Runs a model file. The only importer of the TFLite libraries.

``ai_edge_litert`` first, then ``tflite_runtime``, then the NumPy reference: the same file
runs on all three.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from ..errors import MissingLibrary, ModelError
from . import features as f
from .model_file import ModelFile, read
from .numpy_gru import NumpyStepper
from .ports import NotePort, Port

RUNTIMES = {"litert": "ai_edge_litert.interpreter", "tflite": "tflite_runtime.interpreter"}


class Stepper(Protocol):
    """Runs the network. Its ports may be used by one caller at a time; they keep no state."""

    name: str
    hidden: int
    blind: tuple[str, ...]
    heard: Port
    note: NotePort

    def times(self, memory: f.F32) -> list[float]:
        """The odds of the time-shifts after a note, of those in a phrase plus of those after one,
        from the memory [1, hidden + input layer] of the note."""

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        """All outputs: ids [IDS], x [1, FLOATS + hidden] -> a new [1, OUTPUTS + hidden]."""


def single_thread() -> None:
    """Keep BLAS from starting threads. Call before numpy is imported in the process."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


class Graphs:
    """The graphs of a model file in a TFLite interpreter, either library, on one thread."""

    def __init__(self, model: ModelFile, name: str) -> None:
        try:
            library = import_module(RUNTIMES[name])
        except ImportError as error:
            extra = {"litert": "model", "tflite": "tflite"}[name]
            raise MissingLibrary(
                f"{RUNTIMES[name].split('.')[0]} is not installed ({error}): "
                f"pip install 'lkjam-box[{extra}]'"
            ) from None
        try:
            with _hushed():
                interpreter: Any = library.Interpreter(model_content=model.content, num_threads=1)
                interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{model.path}: {name} refuses the model: {reason}") from None
        # The wrapped object's methods: views of tensors may be held while they run, and graphs run
        # without their names' being looked up. The public methods forbid the one, as tensors
        # move when they are resized, which ours never are, and take 50 us for the other.
        raw: Any = getattr(interpreter, "_interpreter", None)
        if not all(hasattr(raw, method) for method in ("AllocateTensors", "Invoke", "tensor")):
            raise ModelError(f"{model.path}: this version of {name} is not known to the box")
        self._interpreter, self._raw, self._graphs = interpreter, raw, model.graphs

    def open(self, name: str) -> tuple[dict[str, Any], Callable[[], None]]:
        """A graph's inputs and outputs by name, all zero, and what runs it."""
        number, inputs, outputs = self._graphs[name]
        self._raw.AllocateTensors(number)
        views = {
            tensor: self._raw.tensor(self._interpreter, at, number)
            for tensor, at in (inputs | outputs).items()
        }
        for tensor in inputs:
            views[tensor][...] = 0  # they come with whatever lay in their place
        return views, partial(self._raw.Invoke, number)


class TfliteStepper:
    """The network in a TFLite interpreter."""

    def __init__(self, model: ModelFile, name: str) -> None:
        graphs = Graphs(model, name)
        self.name, self.hidden, self.blind = name, model.hidden, model.blind
        views, run = graphs.open("hear")
        self.heard = Port(views["ids"], views["floats"], views["state"], views["memory"], run)
        views, run = graphs.open("note")
        ids, floats, state = (views.pop(tensor) for tensor in ("ids", "floats", "state"))
        new_state, outputs = views.pop("new state"), views.pop("outputs")
        draws = {tensor: view.reshape(-1).data.cast("B") for tensor, view in views.items()}
        self.note = NotePort(ids, floats, state, new_state, run, outputs, draws)
        views, self._run_times = graphs.open("times")
        self._memory, self._times = views["memory"], views["times"]
        self._graphs = graphs  # owns their memory

    def times(self, memory: f.F32) -> list[float]:
        self._memory[...] = memory
        self._run_times()
        out: list[float] = self._times.tolist()
        return out

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        note = self.note
        note.user = None
        note.ids[:], note.floats[:], note.state[:] = ids, x[:, : f.FLOATS], x[:, f.FLOATS :]
        note.run()
        return np.concatenate((note.outputs, note.out), 1)


@contextmanager
def _hushed() -> Iterator[None]:
    """Suppress standard error, where the library greets; its errors come as exceptions."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def installed() -> list[str]:
    """Names of the runtimes that can be imported here, best first."""
    out = []
    for name, module in RUNTIMES.items():
        try:
            import_module(module)
        except ImportError:
            continue
        out.append(name)
    return [*out, "numpy"]


def load(path: str = "", runtime: str = "auto") -> Stepper:
    """A stepper for a model file. ``auto`` takes the first runtime that runs it.

    Raises ModelError for a bad file, MissingLibrary for a runtime asked for and absent.
    """
    model = read(path)
    if runtime == "numpy":
        return NumpyStepper(model)
    if runtime != "auto":
        return TfliteStepper(model, runtime)
    for name in RUNTIMES:
        try:
            return TfliteStepper(model, name)
        except (MissingLibrary, ModelError, AttributeError):  # numpy 2 under tflite_runtime
            continue
    return NumpyStepper(model)
