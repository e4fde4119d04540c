"""On the card image, which has neither ``lab`` nor ``play``: the box is all there, and what
needs a laptop says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lkjam_box
from lkjam_box import cli
from lkjam_box.cli import BOX, COMMANDS, LAB, main

PACKAGE = Path(lkjam_box.__file__).parent
LIBRARIES = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """A folder with the package as it lies on the card, and a recording."""
    folder = tmp_path_factory.mktemp("card")

    def left_out(path, names):
        of_the_lab = {"lab", "play"} if Path(path) == PACKAGE else set()
        return [name for name in names if name in of_the_lab or name == "__pycache__"]

    shutil.copytree(PACKAGE, folder / "lkjam_box", symlinks=True, ignore=left_out)
    (folder / "runtime" / "takes").mkdir(parents=True)
    (folder / "runtime" / "takes" / "0001-01-so-what-in-dm.mid").write_bytes(b"MThd")
    return folder


def typed(card, *words):
    """The command as its own process; -S, or an editable install would lend it the lab."""
    env = {name: text for name, text in os.environ.items() if name != "STATE_DIRECTORY"}
    env |= {
        "PYTHONPATH": os.pathsep.join((str(card), *LIBRARIES)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LKJAM_RUNTIME": str(card / "runtime"),
        "HOME": str(card),
    }
    return subprocess.run(
        [sys.executable, "-S", "-m", "lkjam_box", *words],
        cwd=card,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_says_that_the_lab_is_not_there(card):
    done = typed(card, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nfor the lab (not on this card):\n" in done.stdout
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


BOX_COMMANDS = {
    "run --dry-run --ports virtual": (0, "progressions, first"),
    "ports --ports virtual": (0, "no virtual ports"),
    "monitor --once": (2, "no box runs in"),
    "takes": (0, "0001-01-so-what-in-dm.mid"),
    "panic --ports virtual": (1, "no synth is plugged in"),
    "check --ports virtual --json": (None, '"findings"'),
    "tune --dry-run": (0, ""),
    "splash": (0, "splash: "),
    "progressions": (0, "Jazz blues"),
    "pins": (0, "GPIO"),
    "options --sample": (0, "clock:"),
}


@pytest.mark.parametrize("line", BOX_COMMANDS)
def test_the_box_is_all_there(card, line):
    code, words = BOX_COMMANDS[line]
    done = typed(card, *line.split())
    said = done.stdout + done.stderr
    assert words in said
    assert "Traceback" not in said
    if code is None:  # whether it can play here is the machine's own matter
        assert json.loads(done.stdout)["plays"] == (done.returncode == 0)
    else:
        assert done.returncode == code, said


def test_every_command_of_the_box_was_tried():
    assert {line.split()[0] for line in BOX_COMMANDS} == set(BOX)


LAB_COMMANDS = (
    "demo",
    "demo --fast",
    "render my.mid -o answered.mid",
    "train",
    "train preview",
    "evaluate --corpus solos.jsonl.gz",
    "listening-kit make --corpus solos.jsonl.gz --out kit",
    "listening-kit analyse --key key.json sheet.json",
    "bench clock",
    "bench soak --help",
    "clock-replay clock.csv",
)


@pytest.mark.parametrize("line", LAB_COMMANDS)
def test_what_needs_the_lab_says_so_in_one_line(card, line):
    done = typed(card, *line.split())
    name = line.split()[0]
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"lkjam-box {name}: not on the box's card: install lkjam_box on a computer of yours "
        f"(its README), then lkjam-box {name} there\n"
    )


def test_every_command_of_the_lab_was_tried():
    assert {line.split()[0] for line in LAB_COMMANDS} == set(LAB)


@pytest.mark.parametrize("missing", ["numpy", "lkjam_box.labels", "lkjam_box", None])
def test_any_other_missing_module_is_no_word_about_cards(missing, monkeypatch):
    def run(args):
        raise ModuleNotFoundError("gone", name=missing)

    monkeypatch.setattr(cli.command_module("pins"), "run", run)
    with pytest.raises(ModuleNotFoundError):
        main(["pins"])
