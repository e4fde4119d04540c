"""Each contract of the house is broken on purpose, and caught."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]
BROKEN_BY = {  # file of the package, and the line that it must not have
    "A room stands on the rooms below it": (
        "tempo/gate.py",
        "from ..turns.grid import Grid",
    ),
    "In the lab, judging stands on making": (
        "lab/training/corpus.py",
        "from ..evaluation import tables",
    ),
    "Nobody but the command line imports the lab": (
        "play/virtual_gig.py",
        "def late():\n    from ..lab.bench.replay import replay",
    ),
    "The box plays without virtual sets": (
        "service/supervisor.py",
        "from ..play.virtual_gig import Gig",
    ),
    "One importer of each wire's library": (
        "ports/din_port.py",
        "def late():\n    import rtmidi",
    ),
    "Processes live in service": ("recorder/takes.py", "import signal"),
    "No numpy in the stage process": ("tempo/follower.py", "import numpy"),
    "What decides reads no clock and opens nothing": ("turns/scheduler.py", "import time"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package's code, without caches and models."""
    folder = tmp_path_factory.mktemp("house")
    ignore = shutil.ignore_patterns("__pycache__", "models", "*.yaml")
    shutil.copytree(REPO / "lkjam_box", folder / "lkjam_box", ignore=ignore)
    shutil.copy(REPO / "pyproject.toml", folder)
    return folder


def lint(folder):
    """(code, what it says) of the contracts' check there."""
    code = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; lint_imports_command(['--no-cache'])"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def test_the_house_keeps_all_of_them(house):
    code, said = lint(house)
    assert code == 0, said
    assert all(f"{name} KEPT" in said for name in CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_that_is_broken_is_caught(house, name):
    file, line = BROKEN_BY[name]
    path = house / "lkjam_box" / file
    text = path.read_text()
    path.write_text(f"{text}\n\n{line}\n")
    try:
        code, said = lint(house)
    finally:
        path.write_text(text)
    assert code == 1
    assert f"{name} BROKEN" in said


def test_only_one_room_asks_for_a_runtime_of_the_model_by_name():
    """TFLite is imported by name, where no contract sees it."""
    found = [
        str(path.relative_to(REPO / "lkjam_box"))
        for path in (REPO / "lkjam_box").rglob("*.py")
        if "tflite_runtime" in path.read_text() and "import_module" in path.read_text()
    ]
    assert found == ["brain/model_runtime.py"]
