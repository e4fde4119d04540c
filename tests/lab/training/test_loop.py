import importlib.util
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is in the train extra only")
pytest.importorskip("lightning_fabric", reason="lightning-fabric is in the train extra only")

from lkjam_box.errors import FileError  # noqa: E402
from lkjam_box.lab.training import loop  # noqa: E402
from lkjam_box.lab.training.batches import Windows  # noqa: E402
from lkjam_box.lab.training.checkpoint import Checkpoints  # noqa: E402
from lkjam_box.lab.training.streams import OwnEvents  # noqa: E402

_SCRIPT = Path(__file__).with_name("small.py")
_spec = importlib.util.spec_from_file_location("small", _SCRIPT)
small = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small)
ABOUT = {"settings": {"seed": 1}, "data": {"solos": "a"}, "command": "c", "versions": {}}


class Stopped(Exception):
    pass


def _same(a, b):
    return all((a[name] == b[name]).all() for name in a)


@pytest.fixture(scope="module")
def straight():
    return loop.train(small.Basics(), small.SETTINGS)


def test_training_learns_and_every_stage_is_heard(straight):
    data, seen = small.Basics(), []
    again = loop.train(data, small.SETTINGS, lambda told: seen.append((told.share, told.row)))
    assert _same(small.weights(straight), small.weights(again))
    stages = [("basic", 1), ("advanced", 1), ("advanced", 2), ("expert", 1)]
    assert [(stage, number) for stage, number, _ in data.asked] == stages
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    history = again.history
    assert [(row["stage"], row["epoch"]) for row in history] == [(1, 1), (2, 1), (2, 2), (3, 1)]
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["whole pitch"] < history[0]["whole pitch"]


def test_going_on_is_bit_by_bit_the_same_as_never_stopping(straight, tmp_path):
    def stop_after_two(told):
        if told.row and told.step.index == 1:
            raise Stopped

    kept = Checkpoints(tmp_path, ABOUT)
    with pytest.raises(Stopped):
        loop.train(small.Basics(), small.SETTINGS, stop_after_two, checkpoints=kept)
    torch.manual_seed(77)  # whatever happened in between
    data = small.Basics()
    again = loop.train(data, small.SETTINGS, checkpoints=kept, resume=True)
    assert [(stage, number) for stage, number, _ in data.asked] == [("advanced", 2), ("expert", 1)]
    assert _same(small.weights(straight), small.weights(again))
    bare = [[{**row, "seconds": 0} for row in run.history] for run in (straight, again)]
    assert bare[0] == bare[1]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".gitignore", "best.pt", "pass-0003.pt", "pass-0004.pt"]


def test_two_processes_reach_the_weights_of_one(tmp_path):
    file = tmp_path / "two.npz"
    subprocess.run([sys.executable, str(_SCRIPT), "2", str(file)], check=True, timeout=120)
    two = np.load(file)
    one = small.weights(loop.train(small.Basics(), replace(small.SETTINGS, dropout=0.0)))
    assert set(one) == set(two)
    for name in one:
        np.testing.assert_allclose(one[name], two[name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_a_stage_that_gets_no_better_ends_early_and_its_best_ships(monkeypatch, tmp_path):
    losses = iter([3.0, 2.0, 2.5, 2.6, 9.0, 9.5])  # basic; advanced, best first; expert
    monkeypatch.setattr(loop, "scores", lambda net, layouts, device: {"loss": next(losses)})
    settings = replace(small.SETTINGS, advanced=9, expert=2, patience=2)
    kept = Checkpoints(tmp_path, ABOUT)
    trained = loop.train(small.Basics(), settings, checkpoints=kept)
    assert [row["stage"] for row in trained.history] == [1, 2, 2, 2, 3, 3]
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert best["best"] == 9.0  # of the last stage, though an earlier one was lower
    assert _same({n: v.numpy() for n, v in best["average"].items()}, small.weights(trained))
    latest = kept.latest()
    assert not _same({n: v.numpy() for n, v in latest["average"].items()}, small.weights(trained))


def test_own_events_come_only_with_a_share():
    asked = []

    def own(net, share, seed):
        asked.append(share)
        return OwnEvents(None, share, seed)

    data = small.Basics()
    loop.train(data, replace(small.SETTINGS, advanced=3), own=own)
    assert [drawn.share if drawn else 0 for *_, drawn in data.asked][:2] == [0, 0]
    assert asked == sorted(asked)
    assert asked[-1] == 0.25
    assert len(asked) == 3


def test_other_settings_or_data_are_refused_in_one_line(tmp_path):
    loop.train(small.Basics(), small.SETTINGS, checkpoints=Checkpoints(tmp_path, ABOUT))
    for part, wanted in (("settings", {"seed": 2}), ("data", {"solos": "b"})):
        other = Checkpoints(tmp_path, {**ABOUT, part: wanted})
        with pytest.raises(FileError, match=f"other {part}.*as it began") as caught:
            loop.train(small.Basics(), small.SETTINGS, checkpoints=other, resume=True)
        assert "\n" not in str(caught.value)
    (tmp_path / "pass-0009.pt").write_bytes(b"half a fi")
    with pytest.raises(FileError, match=r"pass-0009\.pt: not a checkpoint"):
        Checkpoints(tmp_path, ABOUT).latest()
    with pytest.raises(FileError, match="no checkpoint"):
        Checkpoints(tmp_path / "none", ABOUT).latest()


def test_a_checkpoint_says_how_it_was_made(tmp_path):
    loop.train(small.Basics(), small.SETTINGS, checkpoints=Checkpoints(tmp_path, ABOUT))
    state = Checkpoints(tmp_path, ABOUT).latest()
    assert set(ABOUT) <= set(state)
    assert {"net", "average", "best_state", "optimiser", "steps", "next", "history"} <= set(state)


def test_every_process_gets_its_lanes_and_all_the_counts():
    streams = small.Basics().epoch("basic", 1, random.Random(3), None)
    alone = Windows(streams, 5, 32, random.Random(1))
    shared = [Windows(streams, 5, 32, random.Random(1), rank=r, ranks=2) for r in (0, 1)]
    assert [len(w) for w in shared] == [len(alone)] * 2
    assert [w.lanes for w in shared] == [3, 2]
    notes = 0
    for number, window in enumerate(alone):
        parts = [w[number] for w in shared]
        notes += len(window.live)
        assert sum(len(part.live) for part in parts) == len(window.live) == window.counts[0]
        assert ((window.targets >= 0).sum(0) == window.counts).all()
        assert all((part.counts == window.counts).all() for part in parts)
        assert (parts[0].floats == window.floats[::2]).all()
    assert notes == sum(map(len, streams))


def test_a_window_without_any_target_of_a_head_leaves_the_weights_whole():
    stream = small.Basics().epoch("basic", 1, random.Random(3), None)[0]
    short = replace(
        stream, **{n: getattr(stream, n)[-1:] for n in ("ids", "floats", "last", "root", "targets")}
    )  # the last note of all: no time-shift follows it
    run = loop.Run(small.SETTINGS, loop.Fabric(accelerator="cpu", devices=1))
    batch = Windows([short], 2, 32, random.Random(1))
    _, nats = run.step(batch[0], run.zeros(2))
    assert nats[loop.HEADS.index("time_shift")] == 0.0
    assert all(torch.isfinite(p).all() for p in run.net.parameters())
