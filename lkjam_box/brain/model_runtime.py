"""Runs a model file. The only importer of the TFLite libraries.

``ai_edge_litert`` first, then ``tflite_runtime``, then the NumPy reference: the same file
runs on all three.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from ..errors import MissingLibrary, ModelError
from . import features as f
from .model_file import ModelFile, read
from .numpy_gru import NumpyStepper

RUNTIMES = {"litert": "ai_edge_litert.interpreter", "tflite": "tflite_runtime.interpreter"}


class Stepper(Protocol):
    """Runs one step of the network. Holds no state: it comes in ``x``, goes out in the result."""

    name: str
    hidden: int
    blind: tuple[str, ...]

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        """ids [IDS], x [1, FLOATS + hidden] -> a new [1, OUTPUTS + hidden]."""


def single_thread() -> None:
    """Keep BLAS from starting threads. Call before numpy is imported in the process."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


class TfliteStepper:
    """A TFLite interpreter on one thread, either library."""

    def __init__(self, model: ModelFile, name: str) -> None:
        try:
            library = import_module(RUNTIMES[name])
        except ImportError as error:
            extra = {"litert": "model", "tflite": "tflite"}[name]
            raise MissingLibrary(
                f"{RUNTIMES[name].split('.')[0]} is not installed ({error}): "
                f"pip install 'lkjam-box[{extra}]'"
            ) from None
        self.name, self.hidden, self.blind = name, model.hidden, model.blind
        try:
            with _hushed():
                interpreter: Any = library.Interpreter(model_content=model.content, num_threads=1)
                interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{model.path}: {name} refuses the model: {reason}") from None
        inputs = {tuple(i["shape"]): i["index"] for i in interpreter.get_input_details()}
        self._ids = inputs[(f.IDS,)]
        self._x = inputs[(1, f.FLOATS + model.hidden)]
        self._out = interpreter.get_output_details()[0]["index"]
        self._interpreter = interpreter  # owns the model's memory
        # The wrapped object's own methods take .7 us a call less than the public ones, which
        # check for views of tensors that we never make. Both libraries have them.
        raw: Any = getattr(interpreter, "_interpreter", None)
        if all(hasattr(raw, method) for method in ("SetTensor", "Invoke", "GetTensor")):
            self._set, self._invoke = raw.SetTensor, raw.Invoke
            self._get = partial(raw.GetTensor, self._out, 0)
        else:
            self._set, self._invoke = interpreter.set_tensor, interpreter.invoke
            self._get = partial(interpreter.get_tensor, self._out)

    def step(self, ids: f.I32, x: f.F32) -> f.F32:
        self._set(self._ids, ids)
        self._set(self._x, x)
        self._invoke()
        return self._get()  # type: ignore[no-any-return]


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
