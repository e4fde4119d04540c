"""The command from end to end, with a small model of random weights and solos without a split."""

import hashlib
import json
import random

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.cli import main
from lkjam_box.cli.evaluate import _card
from lkjam_box.lab.training.teacher import HEADS
from lkjam_box.protocol.engine import Strategy

pytest.importorskip("flatbuffers", reason="flatbuffers is in the dev and train extras")
pytest.importorskip("ai_edge_litert", reason="the schema comes with ai-edge-litert")

ROW, WIDE, HIDDEN, UNDER = 2, 8, 8, 8
PLAYERS = {"human", "random pairing", "markov", *(f"model {s.name.lower()}" for s in Strategy)}


def model(seed, blind=()):
    from lkjam_box.lab.training.graphs import folded, write

    rng = np.random.default_rng(seed)

    def dense(rows, columns):
        return rng.normal(0, 0.1, (rows, columns)).astype(np.float32)

    weights = {
        "table": dense(f.TRAINED_ROWS, ROW),
        "input.weight": dense(WIDE, ROW * f.IDS + f.FLOATS),
        "gates.x.weight": dense(3 * HIDDEN, WIDE),
        "gates.h.weight": dense(3 * HIDDEN, HIDDEN),
        "under.weight": dense(UNDER, HIDDEN + WIDE),
        "heads.weight": dense(f.OUTPUTS, UNDER),
    }
    for name in list(weights)[1:]:
        bias = np.zeros(len(weights[name]), np.float32)
        weights[name.replace("weight", "bias")] = bias
    return write(folded(weights), blind=blind)


def record(number, rng):
    """A solo of sixteen bars as the corpus has it, without a split."""
    notes, beat, pitch = [], 0.0, 62
    while beat < 62:
        pitch = max(50, min(80, pitch + rng.randrange(-4, 5)))
        notes.append([beat, pitch, 0.4, 60 + rng.random(), 1, beat, 0])
        beat += rng.choice((0.5, 0.5, 0.5, 1.0))
    return {
        "id": f"solo{number}", "title": f"tune <{number}>", "period": 4, "tempo": 150.0,
        "meters": [[0, 4]], "chords": [[0, "C7"], [16, "F7"], [32, "Eb-7"], [48, "G79b"]],
        "downbeats": list(range(0, 64, 4)), "beat_sec": [b * 0.4 for b in range(64)],
        "notes": notes, "style": "BEBOP", "feel": "SWING", "key": "C-maj",
    }  # fmt: skip


@pytest.fixture(autouse=True)
def no_shared_data(monkeypatch):
    monkeypatch.setenv("LKJAM_DATA", "/none")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("evaluate")
    rng = random.Random(2)
    for name, numbers in (("held.jsonl", (0, 1)), ("train.jsonl", range(2, 8))):
        lines = [json.dumps(record(number, rng)) for number in numbers]
        (path / name).write_text("\n".join(lines) + "\n")
    (path / "own.tflite").write_bytes(model(1))
    (path / "without").mkdir()
    (path / "without" / "without_role.tflite").write_bytes(model(2, ("role",)))
    return path


def evaluate(folder, *more, model="own.tflite"):
    return main(
        ["evaluate", "--corpus", str(folder / "held.jsonl"), "--model", str(folder / model), *more]
    )


@pytest.fixture(scope="module")
def everything(folder):
    """(exit code, what was printed, the page) of a run with all there is."""
    import contextlib
    import io

    page, said = folder / "report.html", io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = evaluate(
            folder, "--train", str(folder / "train.jsonl"), "--free", "4",
            "--ablations", str(folder / "without"), "--also", f"twin={folder / 'own.tflite'}",
            "--report", str(page), "--json",
        )  # fmt: skip
    return code, json.loads(said.getvalue()), page.read_text()


def test_json_has_every_section_and_the_scores_on_top(everything, folder):
    code, found, _ = everything
    assert code == 0
    for head in HEADS:
        assert set(found[head]) == {"nll", "ppl", "acc", "n"}
    assert found["solos"] == 2
    assert found["model"]["sha256"] == hashlib.sha256(model(1)).hexdigest()
    assert set(found["teacher"]) == {"model", "without_role", "twin"}
    assert found["teacher"]["model"]["whole"] == {head: found[head] for head in HEADS}
    assert set(found["teacher"]["twin"]) == {"whole", "turns", "exchanges"}
    assert found["ngram"]["scores"]["pitch"]["mixed 5"]["n"] == found["pitch"]["n"]
    assert set(found["markov"]["pitch"]) == {"on stage", "trained"}
    more = {f"{name} {s}" for name in ("without_role", "twin") for s in ("free", "imitation")}
    assert set(found["free"]) == PLAYERS | more
    assert set(found["overlap"]) == (PLAYERS | more | {"human halves"}) - {"human"}
    assert set(found["copying"]) == set(found["diversity"]["players"])
    assert set(found["copying"]) == (PLAYERS | more) - {"random pairing"}
    assert {goal["met"] for goal in found["goals"]} <= {True, False, None}


def test_the_same_file_under_another_name_plays_the_same(everything):
    _, found, _ = everything
    assert found["free"]["twin free"] == found["free"]["model free"]
    assert found["teacher"]["twin"] == found["teacher"]["model"]


def test_the_page_shows_everybody_and_escapes_names(everything):
    _, found, page = everything
    for name in found["free"]:
        assert f"<td>{name}</td>" in page
    for title in ("Motif response", "Melodic contour", "Examples", "What it must show"):
        assert f"<h2>{title}</h2>" in page
    assert page.count("<svg") > 40
    assert "http" not in page


def test_without_training_solos_a_line_says_so(folder, capsys):
    assert evaluate(folder, "--free", "0", "--json") == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "no training solos" in said.err
    assert found["ngram"] == {}
    assert "free" not in found
    assert "copying" not in found


def test_the_seed_decides(folder, capsys):
    said = []
    for seed in ("1", "1", "2"):
        assert evaluate(folder, "--free", "2", "--json", "--seed", seed) == 0
        said.append(json.loads(capsys.readouterr().out)["free"]["model free"])
    assert said[0] == said[1] != said[2]


def test_plain_text_has_the_tables(folder, capsys):
    args = ("--free", "2", "--train", str(folder / "train.jsonl"))
    assert evaluate(folder, *args) == 0
    out = capsys.readouterr().out
    for title in ("Teacher-forced", "Free-running", "Diversity", "Longest run", "Goals"):
        assert any(line.startswith(title) for line in out.splitlines())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--also", "nonsense"), "NAME=FILE"),
        (("--also", "model=x.tflite"), "cannot read"),
        (("--ablations", "/none"), "no .tflite"),
        (("--free", "-1"), "0 or more"),
        (("--train", "/none.jsonl"), "cannot read"),
        (("--report", "/none/x.html"), "no folder"),
    ],
)
def test_what_cannot_be_is_one_line(folder, capsys, args, words):
    assert evaluate(folder, *args) == 2
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("lkjam-box")]
    assert words in line


def test_the_card_counts_for_its_own_file_only(folder, tmp_path):
    from lkjam_box.brain.model_file import read

    (tmp_path / "a.tflite").write_bytes(model(1))
    own = read(tmp_path / "a.tflite")
    assert _card(own) == {}
    scores = {"int8": {"pitch": {"ppl": 8.0}}, "float32": {"pitch": {"ppl": 7.9}}}
    row = {"stage": 1, "epoch": 1, "loss": 1.0, "notes": 9, "seconds": 1.0, "own_share": 0.0}
    row |= {"whole accuracy": 0.3, **{f"whole {head}": 0.0 for head in HEADS}}
    card = {"sha256": own.sha256, "valid": scores, "trained": {"history": [row]}}
    (tmp_path / "card.json").write_text(json.dumps(card))
    found = _card(own)
    assert (found["int8"], found["float32"]) == (8.0, 7.9)
    assert found["stages"]["basic"]["whole"]["pitch"] == {"nll": 0.0, "ppl": 1.0, "acc": 0.3}
    (tmp_path / "card.json").write_text(json.dumps({**card, "sha256": "other"}))
    assert _card(own) == {}
