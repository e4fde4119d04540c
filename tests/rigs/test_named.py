"""The rigs by name: on each the box trades at default options, and every note is clean."""

from __future__ import annotations

import json

import pytest

from lkjam_box.brain.engines import make_engine
from lkjam_box.cli import main
from lkjam_box.play.plan import make_plan
from lkjam_box.play.rig_set import play_on
from lkjam_box.play.rigs import RIGS
from lkjam_box.play.set_report import went_well

TOLD = "groovebox"  # plays its pattern and its keys on one cable: nobody could tell them apart


def played(name, **changes):
    changes = {"brain.engine": "markov", "metronome.when": "count-in", **changes}
    plan = make_plan(loops=4, changes=changes)
    return play_on(RIGS[name], plan, lambda which: make_engine(which, plan.config.brain))


@pytest.mark.parametrize("name", RIGS)
def test_a_set_on_every_rig(name):
    take, report = played(name)
    assert went_well(take)
    assert report.well, report.lines()
    assert sum(one.box for one in report.heard) > 20, "the answers were heard"
    said = {"TWO CLOCKS"} if name == "idle-clock" else set()  # for a while
    assert set(report.warnings) <= said
    if name != TOLD:
        assert report.in_call == report.strokes


def test_what_was_wrong_is_said():
    """A stage piano whose keys come back though its local control is on."""
    _, report = played("stage-piano", **{"thru.back": True})
    assert not report.well
    assert any("TWICE" in line for line in report.lines())


def test_the_command_names_the_rigs(capsys):
    assert main(["demo", "--rig", "list"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in RIGS)
    assert main(["demo", "--rig", "nobody", "--dry-run"]) != 0
    assert "stage-piano" in capsys.readouterr().err


def test_the_command_tells_what_the_box_made_of_it(tmp_path, capsys):
    pytest.importorskip("symusic")
    words = ["demo", "--rig", "wind", "--engine", "markov", "--loops", "2", "--json"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rig"]["heard"][0]["name"] == "EWI USB"
    assert (tmp_path / "demo.mid").exists()
