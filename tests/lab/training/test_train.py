import json
from pathlib import Path

import numpy as np
import pytest

from lkjam_box.brain.model_file import ModelFile, default_model, read
from lkjam_box.brain.numpy_gru import NumpyStepper
from lkjam_box.cli import main
from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.card import NOTICE, page
from lkjam_box.lab.training.streams import encode, whole
from lkjam_box.lab.training.teacher import outputs


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
    from lkjam_box.lab.training.graphs import write

    weights = read().weights
    content = write(weights, quantized=False)
    assert content == write(weights, quantized=False)
    again = ModelFile(Path("again"), content, read().hidden, "again").weights
    for name in ("input.table", "input.weight", "gates.h.bias", "heads.weight"):
        assert (again[name] == weights[name]).all()


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is in the train extra only")


def test_the_reference_computes_what_torch_does(torch):
    from lkjam_box.lab.training.export import weights_of
    from lkjam_box.lab.training.graphs import folded
    from lkjam_box.lab.training.net import Net, Size

    torch.manual_seed(1)
    net = Net(Size(row=4, input=24, hidden=32, under=24)).eval()
    (solo,) = generate(1, 2)
    stream = encode(solo, whole(solo))
    model = ModelFile(Path("none"), b"", 32, "none")
    ours = outputs(NumpyStepper(model, folded(weights_of(net))), stream)
    with torch.no_grad():
        ids, floats = torch.from_numpy(stream.ids).long(), torch.from_numpy(stream.floats)
        theirs, _ = net(ids[None], floats[None], torch.zeros(1, 1, 32))
    assert np.abs(ours - theirs[0].numpy()).max() < 1e-4


@pytest.fixture
def data(torch):
    pytest.importorskip("lightning_fabric", reason="lightning-fabric is in the train extra only")
    folder = corpus.data_folder()
    if not (folder / "wjazzd").exists():
        pytest.skip("the shared data is not beside us")
    return folder


def test_train_leaves_a_folder_that_plays(data, tmp_path, capsys):
    out = str(tmp_path)
    assert main(["train", "--limit", "2", "--epochs", "1", "--out", out]) == 0
    card = json.loads((tmp_path / "card.json").read_text())
    assert read(tmp_path / "lkjam-gru.tflite").sha256 == card["sha256"]
    text = (tmp_path / "MODEL_CARD.md").read_text()
    assert "lkjam-box train --seed 1 --epochs 1 --limit 2" in text
    assert [row["stage"] for row in card["trained"]["history"]] == [1, 2, 3]
    for stage in ("basic", "advanced", "expert"):
        assert f"| {stage} | whole |" in text
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "perplexity" in capsys.readouterr().out
    # Going on from the end trains nothing more; other settings are refused.
    went_on = ["train", "--limit", "2", "--out", out, "--resume", "--epochs"]
    assert main([*went_on, "1"]) == 0
    assert json.loads((tmp_path / "card.json").read_text())["sha256"] == card["sha256"]
    capsys.readouterr()
    assert main([*went_on, "2"]) == 2
    said = capsys.readouterr().err
    assert "other settings: basic: found 2, allowed: 1, as it began" in said


def test_ablations_are_trained_by_the_same_command(data, tmp_path):
    words = ["--limit", "2", "--epochs", "1", "--stages", "advanced", "--only-ablations"]
    assert main(["train", *words, "--ablations", "harmony", "--out", str(tmp_path)]) == 0
    model = read(tmp_path / "ablations" / "no-harmony.tflite")
    assert model.blind == ("harmony",)
    card = json.loads((tmp_path / "ablations" / "no-harmony.card.json").read_text())
    assert card["sha256"] == model.sha256
    assert not (tmp_path / "lkjam-gru.tflite").exists()


def test_a_dry_run_says_what_it_would_take_and_writes_nothing(data, tmp_path, capsys):
    assert main(["train", "--limit", "2", "--dry-run", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "train: 2 solos" in said
    assert "min" in said.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["--stages", "basic,master"],
        ["--epochs", "0"],
        ["--epochs", "1,2"],
        ["--ablations", "key"],
        ["--processes", "0"],
    ],
)
def test_wrong_words_are_one_line(torch, words, capsys):
    pytest.importorskip("lightning_fabric", reason="lightning-fabric is in the train extra only")
    assert main(["train", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
