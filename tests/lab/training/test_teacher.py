import json

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.brain.model_runtime import load
from lkjam_box.cli import main
from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.streams import encode, whole
from lkjam_box.lab.training.teacher import evaluate


class Fixed:
    """Says the same logits whatever it sees."""

    name, hidden, blind = "fixed", 8, ()

    def __init__(self, logits=None):
        self.out = np.zeros((1, f.OUTPUTS + self.hidden), np.float32)
        if logits is not None:
            self.out[0, : f.OUTPUTS] = logits

    def step(self, ids, x):
        return self.out


def test_knowing_nothing_scores_the_number_of_choices():
    scores = evaluate(Fixed(), generate(2, 1))
    assert scores["pitch"]["ppl"] == pytest.approx(128)
    assert scores["time_shift"]["ppl"] == pytest.approx(f.TIME_BINS)
    assert scores["duration"]["ppl"] == pytest.approx(f.DURATION_BINS)
    assert scores["position"]["ppl"] == pytest.approx(3)


def test_every_note_after_the_first_counts():
    solos = generate(3, 1)
    scores = evaluate(Fixed(), solos)
    notes = sum(len(solo.notes) for solo in solos)
    assert scores["pitch"]["n"] == scores["position"]["n"] == notes - 3
    assert scores["time_shift"]["n"] == notes - 6


def test_scores_are_those_of_one_note_at_a_time():
    """The three views of pitch added up by hand, for notes that close and that do not."""
    (solo,) = generate(1, 4)
    stepper = Fixed(np.random.default_rng(1).normal(size=f.OUTPUTS))
    out, total, hits = stepper.out[0].astype(float), 0.0, 0
    places = np.exp(out[f.POSITION]) / np.exp(out[f.POSITION]).sum()
    stream = encode(solo, whole(solo))
    guesses = [f.guessed(stream.ids, table) for table, _ in f.PITCH_GUESSES]
    for i in range(1, len(solo.notes)):
        last, root = solo.notes[i - 1].pitch, int(stream.root[i])
        odds = np.zeros(128)
        for closing, weight in enumerate((places[0] + places[1], places[2])):
            logits = [
                out[f.REGISTER][p]
                + out[f.INTERVAL[closing]][f.interval_index(p - last)]
                + (out[f.DEGREE[closing]][(p - root) % 12] if root >= 0 else 0.0)
                for p in range(128)
            ]
            for k, (value, there) in enumerate(guesses):
                pitch = last + int(value[i]) + f.PITCH_GUESSES[k][1]
                if there[i] and 0 <= pitch < 128:
                    logits[pitch] += out[f.GUESS_PITCH][k]
            odds += weight * np.exp(logits) / np.exp(logits).sum()
        total -= np.log(odds[solo.notes[i].pitch])
        hits += int(np.argmax(odds) == solo.notes[i].pitch)
    scores = evaluate(stepper, [solo])["pitch"]
    assert scores["nll"] == pytest.approx(total / (len(solo.notes) - 1), rel=1e-4)
    assert scores["acc"] == hits / (len(solo.notes) - 1)


def test_the_command_prints_json_of_a_file(tmp_path, capsys):
    data = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"
    if not data.exists():
        pytest.skip("the shared data is not beside us")
    import gzip

    with gzip.open(data, "rt") as lines:
        few = [line for line in lines if '"split":"valid"' in line][:3]
    path = tmp_path / "few.jsonl.gz"
    with gzip.open(path, "wt") as out:
        out.writelines(few)
    assert (
        main(["evaluate", "--corpus", str(path), "--free", "0", "--ablations", "none", "--json"])
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    for head in ("pitch", "time_shift", "duration", "position"):
        assert set(said[head]) == {"nll", "ppl", "acc", "n"}
    assert said["pitch"]["ppl"] < 12
    assert said["model"]["runtime"] == load().name


def test_an_absent_corpus_is_one_line(capsys):
    assert main(["evaluate", "--corpus", "/none.jsonl.gz"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
