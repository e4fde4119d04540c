import numpy as np
import pytest

from lkjam_box.brain.model_file import read
from lkjam_box.brain.numpy_gru import NumpyStepper
from lkjam_box.lab.bench.step import measure
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.streams import encode, whole
from lkjam_box.lab.training.teacher import outputs


def test_the_onnx_net_is_the_same_net():
    pytest.importorskip("onnxruntime", reason="onnxruntime is in the dev extra")
    pytest.importorskip("onnx", reason="onnx is in the dev extra")
    from lkjam_box.lab.bench.onnx_net import OnnxStepper

    (solo,) = generate(1, 1)
    stream = encode(solo, whole(solo))
    model = read()
    ours, theirs = outputs(NumpyStepper(model), stream), outputs(OnnxStepper(model), stream)
    assert np.abs(ours - theirs).max() < 1e-3


def test_every_engine_is_measured_and_every_goal_judged():
    result = measure(blocks=1, idle=0)
    assert "numpy" in result["engines"]
    for name, row in result["engines"].items():
        assert row["step_us"]["n"] == 500
        assert 0 < row["step_us"]["median"] <= row["step_us"]["p99"]
        if name != "onnx":  # the network alone
            assert row["answer_ms"]["median"] > row["heard_us"]["median"] / 1000 > 0
    assert result["engines"]["numpy"]["ratio_to_numpy"] == 1.0
    for goal in result["goals"]:
        assert goal["met"] == (goal["seen"] <= goal["limit"])
