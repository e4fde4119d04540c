"""``--help``: the commands in two groups, and examples that can be typed as they stand."""

import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lkjam_box import cli, lab
from lkjam_box.cli import BOX, COMMANDS, LAB, command_module, command_parser, main
from lkjam_box.cli.bench import BENCHMARKS
from lkjam_box.cli.monitor import request_of
from lkjam_box.cli.run import overrides
from lkjam_box.config.load import override
from lkjam_box.config.options import Config, Music
from lkjam_box.music.library import load_library

MODULES = {name: command_module(name) for name in COMMANDS} | {
    f"bench {name}": import_module(f"lkjam_box.lab.bench.{name}") for name in BENCHMARKS
}
EXAMPLES = [
    *(("", example) for example in cli.EXAMPLES),
    *((owner, example) for owner, module in MODULES.items() for example in module.EXAMPLES),
]


def words_of(example):
    """What the shell hands on to us."""
    words = shlex.split(example)
    words = words[: words.index(">")] if ">" in words else words
    program, *words = words[1:] if words[0] == "sudo" else words
    assert program == "lkjam-box"
    return words


def sections(text):
    """The lines below each title."""
    found = {}
    for part in text.split("\n\n"):
        title, _, lines = part.partition("\n")
        found[title] = [line.strip().split(maxsplit=1) for line in lines.splitlines()]
    return found


def test_the_commands_in_two_groups(capsys):
    assert main([]) == 2
    out = capsys.readouterr().out
    found = sections(out)
    groups = [title for title in found if title.startswith("for the ")]
    assert groups == ["for the box:", "for the lab, on a computer of yours:"]
    for title, group in zip(groups, (BOX, LAB), strict=True):
        assert found[title] == [[name, text] for name, text in group.items()]
    assert all(example in out for example in cli.EXAMPLES)
    assert not set(BOX) & set(LAB)


@pytest.mark.parametrize("owner", MODULES)
def test_help_says_what_it_does_and_shows_examples(owner, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "82")  # argparse leaves two of them free
    with pytest.raises(SystemExit) as caught:
        main([*owner.split(), "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert f"usage: lkjam-box {owner} " in out
    assert f"\n{COMMANDS.get(owner) or BENCHMARKS[owner.split()[1]]}\n" in out
    assert max(map(len, out.splitlines())) <= 80
    examples = out.partition("\nexamples:\n")[2]
    assert MODULES[owner].EXAMPLES
    for example, text in MODULES[owner].EXAMPLES.items():
        assert words_of(example)[: len(owner.split())] == owner.split()
        assert example in examples
        assert text in examples


@pytest.mark.parametrize(("owner", "example"), EXAMPLES)
def test_an_example_is_true(owner, example, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    name, *words = words_of(example)
    parser = command_parser(f"lkjam-box {name}", COMMANDS[name], command_module(name))
    args = parser.parse_args(words)
    if hasattr(args, "set") and hasattr(args, "ports"):
        override(Config(), overrides(args))
    for text in getattr(args, "control", ()):
        request_of(text)
    if getattr(args, "progression", ""):
        load_library(Music())[0].find(args.progression)
    if name == "demo" and not args.call:
        assert main([name, *words, "--dry-run"]) == 0
    if name in ("options", "pins", "progressions") and not {"check", "--check"} & set(words):
        assert main([name, *words]) == 0


def test_the_tables_name_what_there_is():
    commands = {path.stem.replace("_", "-") for path in Path(cli.__file__).parent.glob("[!_]*.py")}
    assert commands == set(COMMANDS)
    benchmarks = (Path(lab.__file__).parent / "bench").glob("*.py")
    assert {path.stem for path in benchmarks if "\ndef configure(" in path.read_text()} == set(
        BENCHMARKS
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys, lkjam_box.cli as cli\n"
        "cli.main([])\n"
        "print(*(name for name in sys.modules if name.startswith(('lkjam_box', 'numpy'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert set(done.stdout.splitlines()[-1].split()) == {
        "lkjam_box",
        "lkjam_box.cli",
        "lkjam_box.errors",
    }
