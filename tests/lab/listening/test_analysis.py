"""Figures worked out elsewhere, truths that intervals must cover, sheets of all kinds."""

import json
import math
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lkjam_box import cli
from lkjam_box.errors import FileError
from lkjam_box.lab.listening import analysis_report
from lkjam_box.lab.listening.analysis import analyse
from lkjam_box.lab.listening.intervals import _student, crossed_means, krippendorff_alpha, wilson
from lkjam_box.lab.listening.sheets import DIMENSIONS, read_key, read_sheets
from lkjam_box.lab.listening.trials import ORDERS, SYSTEMS

TRUTH = {"human": 5.0, "model": 4.0, "markov": 3.0}


def make_key(trials=12, catches=2, clips=2):
    listed = []
    for i in range(trials + catches):
        catch = i >= trials
        systems = [SYSTEMS[i % 3]] * 3 if catch else [SYSTEMS[k] for k in ORDERS[i % 6]]
        tokens = {f"{i:02d}{'abc'[k]}": system for k, system in enumerate(systems)}
        listed.append({"trial": f"t{i:02d}", "catch": catch, "clips": tokens})
    return {"kit": "k", "clips": clips, "trials": listed}


def simulate(key, listener, seed, careless=False):
    """A sheet by somebody who hears TRUTH, with noise; ``careless`` marks at random."""
    rng = random.Random(seed)
    bias = rng.gauss(0, 0.5)
    answers = []
    for trial in key["trials"]:
        tokens = list(trial["clips"])
        order = [tokens[k] for k in ORDERS[seed % 6]][: key["clips"]]
        heard = {system: rng.gauss(0, 0.5) for system in SYSTEMS}  # a clip's own worth

        def mark(token, trial=trial, heard=heard):
            if careless:
                return rng.randint(1, 7)
            system = trial["clips"][token]
            noise = 0 if trial["catch"] else rng.gauss(0, 0.5)
            return max(1, min(7, round(TRUTH[system] + heard[system] + bias + noise)))

        ratings = {token: {name: mark(token) for name in DIMENSIONS} for token in order}
        best = max(order, key=lambda token: TRUTH[trial["clips"][token]])
        answers.append(
            {
                "trial": trial["trial"],
                "order": order,
                "ratings": ratings,
                "preferred": best,
                "human": best,
                "confidence": 4,
            }
        )
    return {"kit": "k", "listener": listener, "background": {"plays": "jazz"}, "answers": answers}


@pytest.fixture
def returned(tmp_path):
    """(path of the key, paths of eight sheets)."""
    key = make_key()
    (tmp_path / "key.json").write_text(json.dumps(key))
    paths = []
    for i in range(8):
        paths.append(tmp_path / f"sheet{i}.json")
        paths[-1].write_text(json.dumps(simulate(key, f"listener {i}", i)))
    return tmp_path / "key.json", paths


def test_wilson_as_published():
    half, none = wilson(10, 20), wilson(0, 10)
    assert (half.low, half.high) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert (none.low, none.high) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert math.isnan(wilson(0, 0).value)


def test_student_as_in_tables():
    found = [_student(0.975, n) for n in (1, 2, 4, 9, 30)]
    assert found == pytest.approx([12.706, 4.303, 2.776, 2.262, 2.042], rel=4e-3)


def test_alpha_of_the_published_example():
    """Krippendorff 2011, data C: four observers, twelve units, interval alpha .849."""
    rows = """1 2 3 3 2 1 4 1 2 . . .
              1 2 3 3 2 2 4 1 2 5 . 3
              . 3 3 3 2 3 4 2 2 5 1 .
              1 2 3 3 2 4 4 1 2 5 1 ."""
    table = [[math.nan if c == "." else float(c) for c in r.split()] for r in rows.splitlines()]
    assert krippendorff_alpha(np.array(table).T) == pytest.approx(0.849, abs=5e-4)
    assert krippendorff_alpha(np.array([[1.0, 1.0], [5.0, 5.0]])) == 1
    assert math.isnan(krippendorff_alpha(np.array([[1.0, math.nan]])))


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """200 tests of 10 listeners and 12 trials, all of them drawn from a known world."""
    rng = np.random.default_rng(7)
    hits = np.zeros(3)
    for number in range(200):
        listener, clip = rng.normal(0, 0.6, (10, 1, 1)), rng.normal(0, 0.6, (1, 12, 2))
        taste, noise = rng.normal(0, 0.3, (10, 1, 2)), rng.normal(0, 0.8, (10, 12, 2))
        marks = np.array([4.5, 4.0]) + listener + clip + taste + noise
        marks[rng.random((10, 12)) < 0.2] = np.nan
        both = np.concatenate([marks, marks[..., :1] - marks[..., 1:]], axis=2)
        for i, truth in enumerate((4.5, 4.0, 0.5)):
            found = crossed_means(both[..., i : i + 1], 300, number)[0]
            hits[i] += found.low <= truth <= found.high
    assert (hits / 200 >= 0.90).all(), hits
    assert (hits / 200 <= 0.995).all(), hits


def test_an_interval_of_one_mark_is_none_and_nothing_is_nothing():
    one = crossed_means(np.full((1, 1, 1), 3.0), 50, 1)[0]
    assert one.value == 3
    assert math.isnan(one.low)
    assert crossed_means(np.full((2, 2, 1), math.nan), 50, 1)[0].count == 0
    assert crossed_means(np.zeros((0, 0, 1)), 50, 1)[0].count == 0


def test_an_analysis_finds_who_is_better(returned):
    key = read_key(returned[0])
    sheets, complaints = read_sheets(returned[1], key)
    assert complaints == []
    found = analyse(key, sheets)
    means = [found["ratings"][system]["overall"]["value"] for system in SYSTEMS]
    assert means == pytest.approx([5, 4, 3], abs=0.6)
    assert found["differences"]["human - markov"]["overall"]["low"] > 0
    # Each listener hears every pair in 4 of 12 trials, and always prefers the better one.
    won = found["preferences"]["human over model"]
    assert (won["value"], won["count"], won["undecided"]) == (1, 32, 0)
    detection = found["detection"]
    assert (detection["value"], detection["count"], detection["chance"]) == (1, 64, 0.5)
    assert found["taken_for_human"]["markov"]["value"] == 0
    assert found["judgements"] == 8 * 12  # catch trials are none
    assert found["attention"]["doubtful"] == []
    assert 0 < found["agreement"]["rhythm"] < 1


def test_catch_trials_find_who_does_not_listen(returned, tmp_path):
    path = tmp_path / "careless.json"
    path.write_text(json.dumps(simulate(make_key(), "careless", 3, careless=True)))
    key = read_key(returned[0])
    sheets, _ = read_sheets([*returned[1], path], key)
    assert analyse(key, sheets)["attention"]["doubtful"] == ["careless"]
    assert analyse(key, sheets, attentive_only=True)["listeners"] == 8


def test_three_clips_a_trial(tmp_path):
    key = make_key(clips=3)
    (tmp_path / "key.json").write_text(json.dumps(key))
    (tmp_path / "s.json").write_text(json.dumps(simulate(key, "x", 1)))
    read = read_key(tmp_path / "key.json")
    sheets, complaints = read_sheets([tmp_path / "s.json"], read)
    assert not complaints
    found = analyse(read, sheets)
    assert found["detection"]["chance"] == pytest.approx(1 / 3)
    assert found["ratings"]["markov"]["motif"]["count"] == 12


BAD = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"[" * 100_000,
    b"{}",
    b'{"kit": "other", "listener": "x", "answers": []}',
    b'{"kit": "k", "listener": "  ", "answers": []}',
    b'{"kit": "k", "listener": "x\\ny\\ud800", "answers": [null, 3, {"trial": []}]}',
]


@pytest.mark.parametrize("content", BAD)
def test_a_bad_sheet_costs_lines_and_no_good_sheet(returned, tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    key = read_key(returned[0])
    sheets, complaints = read_sheets([path, *returned[1], tmp_path / "missing.json"], key)
    assert len(sheets) == 8
    assert 2 <= len(complaints) <= 3
    assert all("\n" not in line and len(line) < 400 for line in complaints)
    assert all("bad.json" in line for line in complaints[:-1])


def test_of_two_sheets_of_a_listener_the_fuller_counts(returned, tmp_path):
    half = json.loads(returned[1][0].read_text())
    half["answers"] = half["answers"][:3]
    path = tmp_path / "half.json"
    path.write_text(json.dumps(half))
    key = read_key(returned[0])
    for paths in ([path, returned[1][0]], [returned[1][0], path]):
        sheets, complaints = read_sheets(paths, key)
        assert [len(sheet.answers) for sheet in sheets] == [14]
        assert len(complaints) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(field=st.sampled_from(["trial", "order", "ratings", "preferred", "human", "confidence"]),
       value=JSON, where=st.integers(0, 13))  # fmt: skip
@example(field="preferred", value="", where=0)
def test_any_broken_answer_is_left_out_alone(tmp_path, field, value, where):
    data = make_key()
    sheet = simulate(data, "x", 2)
    if sheet["answers"][where][field] == value or (field, value) == ("preferred", "none"):
        return
    sheet["answers"][where][field] = value
    (tmp_path / "key.json").write_text(json.dumps(data))
    (tmp_path / "s.json").write_text(json.dumps(sheet))
    key = read_key(tmp_path / "key.json")
    sheets, complaints = read_sheets([tmp_path / "s.json"], key)
    kept = len(sheets[0].answers)
    assert (kept, len(complaints)) in ((13, 1), (14, 0))
    if kept == 14:  # only another mark on the scale is as good
        assert field == "confidence"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=60) | JSON.map(lambda x: json.dumps(x).encode()))
def test_any_file_is_a_line_at_most(tmp_path, content):
    (tmp_path / "key.json").write_text(json.dumps(make_key()))
    (tmp_path / "s.json").write_bytes(content)
    key = read_key(tmp_path / "key.json")
    sheets, complaints = read_sheets([tmp_path / "s.json"], key)
    assert sheets == []
    assert len(complaints) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"kit": 1, "clips": 2, "trials": []}', "[1]"])
def test_a_key_that_is_none_is_said(tmp_path, content):
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(FileError):
        read_key(tmp_path / "key.json")


def test_the_command_prints_writes_and_says(returned, tmp_path, capsys):
    out = tmp_path / "report.html"
    names = [str(path) for path in returned[1]]
    command = ["listening-kit", "analyse", "--key", str(returned[0])]
    assert cli.main([*command, *names, "--report", str(out)]) == 0
    text = capsys.readouterr().out
    assert "8 listeners" in text
    assert all(word in text for word in (*SYSTEMS, *DIMENSIONS, "taken for human"))
    page = out.read_text()
    assert page.count("<svg") == 1
    assert "http" not in page
    assert cli.main([*command, *names[:1], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["listeners"] == 1
    (tmp_path / "bad.json").write_text("no")
    assert cli.main([*command, *names, str(tmp_path / "bad.json")]) == 1
    assert "bad.json: not JSON" in capsys.readouterr().err
    assert cli.main([*command, str(tmp_path / "bad.json")]) == 2


def test_the_report_escapes_what_listeners_write(returned, tmp_path):
    sheet = simulate(make_key(), "<script>alert(1)</script>", 1)
    (tmp_path / "s.json").write_text(json.dumps(sheet))
    key = read_key(returned[0])
    sheets, _ = read_sheets([tmp_path / "s.json"], key)
    assert "<script>" not in analysis_report.page(analyse(key, sheets))
