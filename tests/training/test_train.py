import json
from pathlib import Path

import numpy as np
import pytest

from lkjam_box.brain.model_file import ModelFile, default_model, read
from lkjam_box.brain.numpy_gru import NumpyStepper
from lkjam_box.cli import main
from lkjam_box.evaluation.teacher import outputs
from lkjam_box.training import corpus
from lkjam_box.training.basics import generate
from lkjam_box.training.card import NOTICE, page
from lkjam_box.training.streams import encode, whole


def test_the_shipped_card_is_of_the_shipped_file():
    folder = default_model().parent
    card = json.loads((folder / "card.json").read_text())
    assert card["sha256"] == read().sha256
    assert page(card) == (folder / "MODEL_CARD.md").read_text()
    assert (folder / "LICENSE-DATA").read_text().strip() == NOTICE
    assert card["parameters"] <= 700_000
    assert card["valid"]["int8"]["pitch"]["ppl"] <= 9.2
    assert card["valid"]["int8"]["pitch"]["acc"] >= 0.30


def test_writing_is_deterministic_and_reads_back():
    pytest.importorskip("flatbuffers", reason="flatbuffers is in the dev and train extras")
    pytest.importorskip("ai_edge_litert", reason="the schema comes with ai-edge-litert")
    from lkjam_box.training.flatfile import write

    weights = read().weights
    content = write(weights, quantized=False)
    assert content == write(weights, quantized=False)
    again = ModelFile(Path("again"), content, read().hidden, "again").weights
    for name in ("table", "input.weight", "gates.h.bias", "heads.weight"):
        assert (again[name] == weights[name]).all()


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is in the train extra only")


def test_the_reference_computes_what_torch_does(torch):
    from lkjam_box.training.export import weights_of
    from lkjam_box.training.net import Net, Size

    torch.manual_seed(1)
    net = Net(Size(row=4, input=24, hidden=32, under=24)).eval()
    (solo,) = generate(1, 2)
    stream = encode(solo, whole(solo))
    model = ModelFile(Path("none"), b"", 32, "none")
    ours = outputs(NumpyStepper(model, weights_of(net)), stream)
    with torch.no_grad():
        ids, floats = torch.from_numpy(stream.ids).long(), torch.from_numpy(stream.floats)
        theirs, _ = net(ids[None], floats[None], torch.zeros(1, 1, 32))
    assert np.abs(ours - theirs[0].numpy()).max() < 1e-4


def test_training_learns_the_basics(torch):
    from dataclasses import replace

    from lkjam_box.training import loop
    from lkjam_box.training.net import Size

    solos = generate(24, 1)
    solos = [replace(s, split="valid") if i % 6 == 0 else s for i, s in enumerate(solos)]
    tiny = loop.Settings(
        epochs=6, basics=0, lanes=6, steps=32, rate=5e-3, check_epochs=2, average=0.9,
        size=Size(4, 32, 32, 32),
    )  # fmt: skip
    seen = []
    trained = loop.train(solos, tiny, lambda progress: seen.append(progress.share))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert trained.history[-1]["pitch"] < trained.history[0]["pitch"] < np.log(128)
    again = loop.train(solos, tiny, lambda progress: None)
    assert again.history == trained.history


def test_train_leaves_a_folder_that_plays(torch, tmp_path, capsys):
    data = corpus.data_folder()
    if not (data / "wjazzd").exists():
        pytest.skip("the shared data is not beside us")
    assert main(["train", "--limit", "2", "--epochs", "1", "--out", str(tmp_path)]) == 0
    card = json.loads((tmp_path / "card.json").read_text())
    assert read(tmp_path / "lkjam-gru.tflite").sha256 == card["sha256"]
    assert (
        "lkjam-box train --seed 1 --epochs 1 --limit 2" in (tmp_path / "MODEL_CARD.md").read_text()
    )
    assert "perplexity" in capsys.readouterr().out
