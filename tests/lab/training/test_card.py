import math

import pytest

from lkjam_box.lab.training.card import stage_rows
from lkjam_box.lab.training.curves import draw

HEADS = ("pitch", "time_shift", "duration", "position", "velocity")


def _row(stage, epoch, nats, layouts=("whole",), own=0.0):
    row = {"stage": stage, "epoch": epoch, "notes": 100, "seconds": 2.0, "own_share": own}
    row |= {f"train {head}": nats for head in HEADS}
    for layout in layouts:
        row |= {f"{layout} {head}": nats + 1 for head in HEADS}
        row |= {f"{layout} accuracy": 0.25, "loss": nats}
    return row


HISTORY = [
    _row(1, 1, 3.0),
    _row(2, 1, 2.5, layouts=()),
    _row(2, 2, 2.0, layouts=("whole", "pairs")),
    _row(2, 3, 2.2, layouts=("whole", "pairs"), own=0.1),
]


def test_a_stage_is_told_by_its_best_pass_and_the_sums_of_all():
    basic, whole, pairs = stage_rows(HISTORY)
    assert (basic.stage, basic.layout, basic.passes, basic.best_pass) == ("basic", "whole", 1, 1)
    assert (whole.stage, whole.passes, whole.best_pass) == ("advanced", 3, 2)
    assert (whole.notes, whole.seconds, whole.own_share) == (300, 6.0, 0.1)
    assert whole.ppl["pitch"] == pytest.approx(math.exp(3))
    assert pairs.layout == "pairs"
    assert stage_rows(HISTORY[1:2]) == []  # never checked: nothing to tell


def test_the_curves_are_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is in the demo and train extras")
    draw(HISTORY, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
