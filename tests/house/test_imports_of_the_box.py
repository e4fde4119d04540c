"""What the processes of a playing box import, asked of the interpreter while they play."""

import json
import os
from collections import defaultdict

import pytest

from lkjam_box.midi.messages import STOP, note_off, note_on, real_time
from lkjam_box.protocol.records import EngineId
from lkjam_box.protocol.shared_state import Mode
from tests.service.test_supervisor import LiveBox

# Loaded by Python at its start, and so in all that is forked from it: each process writes down with
# the time what it has when it first imports something, and every import.
SPY = """
import json, os, sys, time
_files = {{}}
def _hook(event, arguments):
    if event != "import":
        return
    file, pid = _files.get(os.getpid()), os.getpid()
    if file is None:
        file = _files[pid] = open(os.path.join({folder!r}, f"{{pid}}.imports"), "a", buffering=1)
        for name in list(sys.modules):
            file.write(json.dumps([time.monotonic(), name]) + chr(10))
    file.write(json.dumps([time.monotonic(), arguments[0]]) + chr(10))
sys.addaudithook(_hook)
"""
NEVER = {"torch", "matplotlib", "lightning_fabric", "symusic", "pretty_midi", "onnx", "pytest"}


@pytest.fixture
def box(tmp_path):
    spy = tmp_path / "spy"
    spy.mkdir()
    (spy / "sitecustomize.py").write_text(SPY.format(folder=str(spy)))
    path = os.pathsep.join([str(spy), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    (tmp_path / "run").mkdir()
    box = LiveBox(
        tmp_path / "run",
        {"brain.engine": "gru", "panel.screen": "ssd1306"},
        PYTHONPATH=path,
        STATE_DIRECTORY=str(tmp_path / "state"),
    )
    yield box
    box.close()


def imports(folder):
    """{pid: {module: when it was first imported}} of all processes so far."""
    found = defaultdict(dict)
    for path in (folder.parent / "spy").glob("*.imports"):
        for line in path.read_text().splitlines():
            time_s, name = json.loads(line)
            found[int(path.stem)].setdefault(name, time_s)
    return found


def test_a_playing_box_imports_neither_lab_nor_play_and_mido_only_to_write_a_file(box, tmp_path):
    box.until("ready", lambda now: now.engine == EngineId.GRU and now.keyboard)
    pids = {name: box.child(name) for name in ("stage", "brain", "panel", "recorder")}
    box.roll()
    box.until("trading", lambda now: now.mode == Mode.TRADING)
    box.keys.send(note_on(0, 61, 90))
    box.until("thru", lambda now: (0, 61) in box.held())
    box.keys.send(note_off(0, 61))
    box.until("an answer", lambda now: now.answers >= 1)
    playing = imports(box.folder)
    assert set(pids.values()) | {box.box.pid} <= set(playing)
    for modules in playing.values():
        ours = {name for name in modules if name.startswith("lkjam_box.")}
        assert not [name for name in ours if name.startswith(("lkjam_box.lab", "lkjam_box.play"))]
        assert not {name.partition(".")[0] for name in modules} & (NEVER | {"mido"})
    assert "lkjam_box.stage.stage" in playing[pids["stage"]]
    assert "numpy" not in playing[pids["stage"]]
    assert "numpy" in playing[pids["brain"]]  # so the spy sees what there is to see

    box.drums.send(real_time(STOP))
    takes = tmp_path / "state" / "takes"
    box.until("the take", lambda now: list(takes.glob("*.mid")))
    after = imports(box.folder)
    assert "mido" in after[pids["recorder"]]
    assert "mido" not in after[pids["stage"]]
    assert box.close() == 0, box.said()
