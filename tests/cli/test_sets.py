"""demo and render as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys

import mido
import pytest

from lkjam_box.cli import main
from lkjam_box.play.take_files import read_tracks


def player_file(path):
    track = mido.MidiTrack()
    for pitch in (60, 63, 65, 67):
        track.append(mido.Message("note_on", note=pitch, velocity=90, time=0))
        track.append(mido.Message("note_off", note=pitch, time=480))
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(path)


def test_render_trades_with_a_file_and_repeats_itself(tmp_path, capsys):
    player_file(tmp_path / "me.mid")
    arguments = ["render", str(tmp_path / "me.mid"), "--engine", "markov", "--seed", "7", "--json"]
    assert main([*arguments, "-o", str(tmp_path / "a.mid")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["answers"], found["answers_on_time"], found["left_sounding"]) == (1, 1, 0)
    tracks, _ = read_tracks(tmp_path / "a.mid")
    assert [note.onset_beats for note in tracks["player"]] == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert tracks["box"][0].onset_beats >= 16
    assert main([*arguments, "-o", str(tmp_path / "b.mid")]) == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    assert main([*arguments, "--seed", "8", "-o", str(tmp_path / "c.mid")]) == 0
    assert (tmp_path / "a.mid").read_bytes() != (tmp_path / "c.mid").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["render", "gone.mid", "-o", "x.mid"], "gone.mid"),
        (["demo", "--fast", "--progression", "Nope at all"], "Nope"),
        (["demo", "--fast", "--bpm", "9000"], "clock.bpm"),
        (["demo", "--fast", "--key", "Q"], "key"),
        (["demo", "--dry-run", "--config", "gone.yaml"], "gone.yaml"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err.strip()
    assert "\n" not in err
    assert word in err


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--dry-run", "--progression", "Minor blues"]) == 0
    assert "Minor blues in Cm" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_the_fast_demo_leaves_everything(tmp_path, capsys):
    pytest.importorskip("symusic", reason="the demo extra is not installed")
    folder = tmp_path / "out"
    arguments = ["demo", "--fast", "--engine", "markov", "--loops", "2", "--turn-bars", "1"]
    assert main([*arguments, "--out", str(folder), "--json"]) == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {"demo.mid", "demo.wav", "demo.png", "oled.gif"}
    assert json.loads(capsys.readouterr().out)["answers"] == 1


def test_the_live_demo_plays_the_real_processes(tmp_path):
    pytest.importorskip("symusic", reason="the demo extra is not installed")
    arguments = ["demo", "--loops", "2", "--turn-bars", "1", "--bpm", "240", "--engine", "markov"]
    done = subprocess.run(
        [sys.executable, "-m", "lkjam_box", *arguments, "--out", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert (found["turns"], found["answers"], found["left_sounding"]) == (2, 1, 0)
    assert found["notes_player"] > 0
    assert found["notes_box"] > 0


def test_a_model_that_cannot_play_is_told_in_one_line(tmp_path, capsys):
    player_file(tmp_path / "me.mid")
    (tmp_path / "bad.tflite").write_bytes(b"no model")
    files = [str(tmp_path / name) for name in ("me.mid", "out.mid", "bad.tflite")]
    assert main(["render", files[0], "-o", files[1], "--model", files[2], "--loops", "2"]) == 0
    said = capsys.readouterr()
    assert [line for line in said.err.splitlines() if "Markov does" in line and files[2] in line]
    assert "markov" in said.out
