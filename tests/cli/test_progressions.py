"""``lkjam-box progressions``: what it prints and what it returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lkjam_box.cli import main


def test_list_and_json_name_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progressions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["progressions", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(lines) == len(found) >= 24
    assert all(line.startswith(p["name"]) for line, p in zip(lines, found, strict=True))


def test_show_in_a_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progressions", "show", "jazz", "blues", "--key", "Bb"]) == 0
    assert "  1 | Bb7 " in capsys.readouterr().out
    assert main(["progressions", "show", "Jazz blues", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["key"], shown["form_bars"], shown["bars"][0]) == ("F", 12, "F7")
    assert shown["chords"][0] == {"beat": 0.0, "symbol": "F7"}


def test_shown_file_is_one_to_start_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["progressions", "show", "Bird blues", "--key", "Bb", "--yaml"]) == 0
    (tmp_path / "mine.yaml").write_text(capsys.readouterr().out)
    assert main(["progressions", "check", str(tmp_path / "mine.yaml")]) == 0


def test_unknown_name_and_bad_key_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["nothing like it"], ["Jazz blues", "--key", "X"]):
        assert main(["progressions", "show", *words]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_check_says_good_or_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("{name: Mine, key: C, bars: [C7]}")
    bad.write_text("name: Mine\nkey: C\nbars: [C8]")
    assert main(["progressions", "check", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: good: Mine\n"
    assert main(["progressions", "check", str(good), str(bad)]) == 1
    assert f"{bad}:3: bar 1: chord: found 'C8'" in capsys.readouterr().out
    assert main(["progressions", "check", "--json", str(bad)]) == 1
    assert json.loads(capsys.readouterr().out)[0]["progressions"] == []


def test_own_folder_is_listed_and_its_errors_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text("{name: Mine, key: C, bars: [C7]}")
    (tmp_path / "b.yaml").write_text("{name: Bad, key: C}")
    assert main(["progressions", "--folder", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "Mine" in printed.out
    assert "b.yaml:1: bars is missing" in printed.err
