"""A file of features 3, as it was written then, and what becomes of it."""

from pathlib import Path

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.brain.model_file import KIND, ModelFile, scales, weights
from lkjam_box.errors import ModelError

pytest.importorskip("flatbuffers", reason="flatbuffers is in the dev and train extras")
pytest.importorskip("ai_edge_litert", reason="the schema comes with ai-edge-litert")

ROW, WIDE, HIDDEN, UNDER = 2, 8, 8, 8
# The outputs of features 3: where each lay, and where it is now.
PLACES = [
    (slice(0, 147), slice(0, f.REGISTER.stop)),
    (slice(147, 198), f.INTERVAL[0]),
    (slice(198, 249), f.INTERVAL[1]),
    (slice(249, 261), f.DEGREE[0]),
    (slice(261, 273), f.DEGREE[1]),
    (slice(273, 318), f.DURATION[0]),
    (slice(318, 363), f.DURATION[1]),
    (slice(363, 387), f.RATIO[0]),
    (slice(387, 411), f.RATIO[1]),
    (slice(411, 500), f.TIME[0]),
    (slice(500, 589), f.TIME[1]),
    (slice(589, 594), f.GUESS_PITCH),
    (slice(594, 598), f.GUESS_TIME),
]


def old_file(features=3):
    from lkjam_box.lab.training.flatfile import File

    rng = np.random.default_rng(4)
    file = File(f'{{"kind": "{KIND}", "features": {features}, "hidden": {HIDDEN}, "int8": true}}')
    graph = file.graph("main")
    graph.constant("table", rng.normal(size=(f.TRAINED_ROWS, ROW)).astype(np.float32))
    for name, rows, columns in (
        ("input", WIDE, ROW * f.IDS + f.FLOATS),
        ("gates.x", 3 * HIDDEN, WIDE),
        ("gates.h", 3 * HIDDEN, HIDDEN),
        ("under", UNDER, HIDDEN + WIDE),
        ("heads", f.OUTPUTS, UNDER),
    ):
        graph.int8(name + ".weight", rng.normal(size=(rows, columns)).astype(np.float32))
        graph.constant(name + ".bias", rng.normal(size=rows).astype(np.float32))
    return file.packed()


def test_the_weights_are_the_same_to_the_last_bit():
    from lkjam_box.lab.training.carry_over import carried_over

    old = old_file()
    new = carried_over(old)
    before, after = weights(old), weights(new)
    assert scales(new) == scales(old)
    for name in ("gates.x.weight", "gates.h.weight", "under.weight", "gates.h.bias"):
        assert (after[name] == before[name]).all()
    assert (after["input.weight"] == before["input.weight"][:, ROW * f.IDS :]).all()
    for was, now in PLACES:
        assert (after["heads.weight"][now] == before["heads.weight"][was]).all()
        assert (after["heads.bias"][now] == before["heads.bias"][was]).all()
    assert ModelFile(Path("new"), new, HIDDEN, "new").graphs.keys() == {"note", "hear", "times"}


def test_the_table_holds_what_the_input_layer_made_of_it():
    from lkjam_box.lab.training.carry_over import carried_over

    old = old_file()
    before, after = weights(old), weights(carried_over(old))
    rng = np.random.default_rng(5)
    for _ in range(20):
        ids = [f.OFFSET[name] + rng.integers(f.SIZE[name]) for name in f.COLUMN]
        row = before["table"][f.TRAINED_ROW[ids]].reshape(-1)
        meant = before["input.weight"][:, : ROW * f.IDS] @ row
        assert np.abs(after["input.table"][ids].sum(axis=0) - meant).max() < 1e-5


def test_only_features_3_are_carried_over():
    from lkjam_box.lab.training.carry_over import carried_over

    with pytest.raises(ModelError, match="features 4"):
        carried_over(old_file(4))
