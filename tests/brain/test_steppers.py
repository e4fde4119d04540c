import random

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.brain import model_runtime
from lkjam_box.brain.model_file import read
from lkjam_box.errors import LkjamError, MissingLibrary
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.streams import encode, turns
from lkjam_box.lab.training.teacher import outputs


@pytest.fixture(scope="module")
def stream():
    (solo,) = generate(1, seed=7)
    return encode(solo, turns(solo, random.Random(7)))


@pytest.mark.parametrize("name", sorted(model_runtime.RUNTIMES))
def test_a_runtime_agrees_with_the_reference(name, stream):
    if name not in model_runtime.installed():
        pytest.skip(f"{model_runtime.RUNTIMES[name]} is not installed")
    try:
        stepper = model_runtime.load(runtime=name)
    except (LkjamError, AttributeError) as error:
        pytest.skip(f"{name} does not start here: {error}")
    said = outputs(stepper, stream)
    meant = outputs(model_runtime.load(runtime="numpy"), stream)
    assert np.abs(said - meant).max() < 1.0
    assert np.abs(said - meant).mean() < 0.1
    agreed = said[:, f.REGISTER].argmax(1) == meant[:, f.REGISTER].argmax(1)
    assert agreed.mean() > 0.9


def test_a_step_depends_on_nothing_but_its_inputs(stream):
    stepper = model_runtime.load()
    x = np.zeros((1, f.FLOATS + stepper.hidden), np.float32)
    x[0, : f.FLOATS] = stream.floats[3]
    first = stepper.step(stream.ids[3], x).copy()
    for i in range(5):
        stepper.step(stream.ids[i], x + 0.1)
    assert (stepper.step(stream.ids[3], x) == first).all()


def test_auto_falls_down_the_ladder(monkeypatch):
    def nothing(name):
        raise ImportError(name)

    monkeypatch.setattr(model_runtime, "import_module", nothing)
    assert model_runtime.load().name == "numpy"
    with pytest.raises(MissingLibrary, match=r"pip install 'lkjam-box\[model\]'"):
        model_runtime.TfliteStepper(read(), "litert")
