"""Sample file and reference page are what the table prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkjam_box.cli import main
from lkjam_box.config.load import parse_config
from lkjam_box.config.options import Config
from lkjam_box.config.reference import reference, sample
from lkjam_box.config.table import OPTIONS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("name", "page", "flag"),
    [("lkjam-box.sample.yaml", sample, "--sample"), ("options.md", reference, "--reference")],
)
def test_committed_pages_are_the_printed_ones(name, page, flag, capsys) -> None:  # type: ignore[no-untyped-def]
    assert (DOCS / name).read_text(encoding="utf-8") == page(), (
        f"print it again: lkjam-box options {flag} > docs/{name}"
    )
    assert main(["options", flag]) == 0
    assert capsys.readouterr().out == page()


def test_sample_is_the_defaults_as_it_stands_and_with_every_option_taken_in() -> None:
    text = sample()
    assert parse_config(text) == Config()
    taken_in = [
        line.replace("#", "", 1) if line.startswith("  #") and line[3:4] not in " " else line
        for line in text.splitlines()
    ]
    assert parse_config("\n".join(taken_in)) == Config()
    written = sum(line.startswith("  ") and line[2] not in "# " for line in taken_in)
    assert written == sum(map(len, OPTIONS.values()))


def test_reference_names_every_option_once() -> None:
    page = reference()
    for section, options in OPTIONS.items():
        part = page.split(f"## {section}\n")[1].split("\n## ")[0]
        assert [line.split("`")[1] for line in part.splitlines() if line.startswith("| `")] == [
            *options
        ]


def test_check_says_good_or_the_one_line(tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("clock: {bpm: 99}")
    bad.write_text("clock: {bpm: 9}")
    assert main(["options", "--check", str(good)]) == 0
    assert main(["options", "--check", str(bad)]) == 2
    assert "bad.yaml:1: clock.bpm: found 9" in capsys.readouterr().err
