"""Recordings by command: list them, copy them."""

import pytest

from lkjam_box.cli import main


@pytest.fixture
def takes(tmp_path, monkeypatch):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    folder = tmp_path / "takes"
    folder.mkdir()
    names = ["0009-10-blues-in-f.mid", "0009-02-blues-in-f.mid", "0010-01-so-what-in-dm.mid"]
    for name in (*names, "0010-02-now.part", "other.mid"):
        (folder / name).write_bytes(name.encode() * 100)
    return folder


def test_listed_oldest_first_and_only_the_finished(takes, capsys):
    assert main(["takes"]) == 0
    found = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert found == [
        "0009-02-blues-in-f.mid",
        "0009-10-blues-in-f.mid",
        "0010-01-so-what-in-dm.mid",
    ]


def test_exported_by_the_beginning_of_a_name(takes, tmp_path, capsys):
    stick = tmp_path / "stick"
    assert main(["takes", "--export", str(stick), "0009"]) == 0
    assert sorted(p.name for p in stick.iterdir()) == [
        "0009-02-blues-in-f.mid",
        "0009-10-blues-in-f.mid",
    ]
    for path in stick.iterdir():
        assert path.read_bytes() == (takes / path.name).read_bytes()
    assert "2 recordings" in capsys.readouterr().out


def test_none_is_one_line_and_code_2(takes, capsys):
    assert main(["takes", "7777"]) == 2
    assert main(["takes", "--set", "recorder.folder=/nowhere"]) == 2
    assert main(["takes", "--export", str(takes / "other.mid")]) == 2
    assert capsys.readouterr().err.count("\n") == 3
