import struct

import pytest

from lkjam_box.cli import main
from lkjam_box.errors import FileError
from lkjam_box.lab.training.corpus import data_folder
from lkjam_box.lab.training.layers import BAR_BEATS, BARS, panels
from lkjam_box.protocol.engine import Role, Strategy

needs_data = pytest.mark.skipif(
    not data_folder().is_dir(), reason="the shared data is not beside us"
)
pytest.importorskip("matplotlib", reason="pictures need matplotlib (extra: train)")
from lkjam_box.lab.training.preview import FILE, picture, shown  # noqa: E402


def test_every_layer_and_strategy_has_a_panel_without_the_data(tmp_path):
    found = panels(tmp_path / "none", 1)
    assert [panel.layer for panel in found] == [
        *["Basic"] * 2,
        *["Advanced"] * 2,
        *["Expert"] * 4,
    ]
    answers = [part for panel in found for part in panel.parts if part.strategy]
    assert {part.strategy for part in answers} == set(Strategy) - {Strategy.FREE}
    for panel in found:
        end = panel.start_beats + BAR_BEATS * BARS
        notes = [note for part in panel.parts for note in part.notes]
        assert notes
        assert all(panel.start_beats - 0.2 <= note.onset_beats < end for note in notes)
    calls = {part.notes for panel in found for part in panel.parts if part.name == "call"}
    assert len(calls) == 1  # all strategies answer the same one
    assert found == panels(tmp_path / "none", 1)


@needs_data
def test_the_data_adds_a_human_solo_and_a_human_pair():
    found = panels(data_folder(), 1)
    assert len(found) == 10
    solo = found[2]
    assert [part.role for part in solo.parts] == [Role.HUMAN]
    pair = found[5]
    assert [part.role for part in pair.parts] == [Role.HUMAN, Role.BOX]
    assert pair.parts[0].notes[-1].end_beats <= pair.parts[1].notes[0].onset_beats + 1e-9


def test_the_command_writes_a_picture_as_high_as_its_panels(tmp_path, capsys):
    data = str(tmp_path / "none")
    out = tmp_path / "new" / "folder"
    assert main(["train", "preview", "--data", data, "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out / FILE)
    head = (out / FILE).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    picture(panels(tmp_path / "none", 1)[:2], tmp_path / "two.png")
    narrow, low = struct.unpack(">II", (tmp_path / "two.png").read_bytes()[16:24])
    assert (width, height - low) == (narrow, 6 * 235)


def test_a_folder_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot write"):
        picture(panels(tmp_path / "none", 1)[:1], tmp_path / "file" / FILE)


@pytest.mark.parametrize(
    ("corpus", "players"),
    [
        ("Bj79", "Bmaj7(9)"),
        ("Ab7913", "Ab7(9,13)"),
        ("D-79b", "Dm7(b9)"),
        ("C-", "Cm"),
        ("Bm7b5", "Bm7b5"),
        ("C#min7/B", "C#m7/B"),
        ("G13b9b", "G7(b13,b9)"),
        ("F9", "F9"),
        ("C7alt", "C7alt"),
        ("N.C.", "N.C."),
    ],
)
def test_symbols_as_players_write_them(corpus, players):
    assert shown(corpus) == players
