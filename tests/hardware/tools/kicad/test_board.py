"""KiCad's own rules over what is committed, and over broken copies of it."""

import json
import re
import shutil
import zipfile

import pytest

from hardware.gen import __main__ as gen
from hardware.gen import tools

FILES = ("kicad_pro", "kicad_sch", "kicad_pcb", "kicad_dru")


@pytest.fixture(scope="module", autouse=True)
def kicad():
    if not shutil.which("kicad-cli"):
        pytest.fail("kicad-cli is missing: sh hardware/tools/kicad.sh installs it", pytrace=False)


@pytest.fixture
def copy(tmp_path):
    """The project in a folder of its own."""
    for ending in FILES:
        shutil.copy(tools.KICAD / f"{tools.NAME}.{ending}", tmp_path)
    for name in ("sym-lib-table", "fp-lib-table"):
        shutil.copy(tools.KICAD / name, tmp_path)
    shutil.copytree(tools.KICAD / "lkjam.pretty", tmp_path / "lkjam.pretty")
    return tmp_path


def erc(schematic, out):
    words = ("--severity-all", "--format", "json", "-o", out / "erc.json", schematic)
    tools.kicad("sch", "erc", *words)
    sheets = json.loads((out / "erc.json").read_text())["sheets"]
    return [found["type"] for sheet in sheets for found in sheet["violations"]]


def drc(board, out):
    words = ("--severity-all", "--schematic-parity", "--format", "json", "-o", out / "drc.json")
    tools.kicad("pcb", "drc", *words, board)
    found = json.loads((out / "drc.json").read_text())
    return {
        "rules": [f"{one['type']}: {one['description']}" for one in found["violations"]],
        "unconnected": [one["description"] for one in found["unconnected_items"]],
        "parity": [one["type"] for one in found["schematic_parity"]],
    }


def test_the_schematic_has_no_faults(tmp_path):
    assert erc(tools.schematic(), tmp_path) == []


def test_a_wire_that_is_cut_is_caught(copy):
    file = copy / "lkjam.kicad_sch"
    text = file.read_text()
    cut = re.sub(r"\n\t\(wire.*?\n\t\)", "", text, count=1, flags=re.S)
    assert cut != text
    file.write_text(cut)
    assert erc(file, copy) != []


def test_the_board_has_no_faults_and_is_the_schematics(tmp_path):
    assert drc(tools.board(), tmp_path) == {"rules": [], "unconnected": [], "parity": []}


def test_a_net_by_another_name_is_caught(copy):
    file = copy / "lkjam.kicad_pcb"
    file.write_text(file.read_text().replace('"/NEXT"', '"/TEXT"'))
    assert drc(file, copy)["parity"] != []


def test_a_track_that_is_missing_is_caught(copy):
    file = copy / "lkjam.kicad_pcb"
    text = file.read_text()
    net = re.search(r'\(net (\d+) "/START"\)', text)[1]
    gone = re.sub(rf"\n\t\(segment(?:(?!\n\t\)).)*?\(net {net}\).*?\n\t\)", "", text, flags=re.S)
    assert gone != text
    file.write_text(gone)
    assert drc(file, copy)["unconnected"] != []


def isolation_faults(board, out):
    return [rule for rule in drc(board, out)["rules"] if "isolation of MIDI IN" in rule]


def test_ground_under_the_isolator_is_caught(copy):
    file = copy / "lkjam.kicad_pcb"
    text = file.read_text()
    net = re.search(r'\(net (\d+) "GND"\)', text)[1]
    pad = re.search(r'\(footprint "Package_DIP:DIP-6_W7.62mm".*?\(at ([\d.]+) ([\d.]+)', text, re.S)
    x, y = float(pad[1]) + 2.0, float(pad[2])
    via = (
        f'\t(via (at {x} {y}) (size 0.8) (drill 0.4) (layers "F.Cu" "B.Cu") (net {net}) '
        '(uuid "00000000-0000-4000-8000-000000000001"))\n'
    )
    file.write_text(text.rstrip()[:-1] + via + ")\n")
    assert isolation_faults(file, copy) != []


def test_it_draws_itself_alike_every_time(tmp_path):
    gen.schematic(tmp_path)
    for name in ("lkjam.kicad_sch", "lkjam.net.xml"):
        assert (tmp_path / name).read_text() == (tools.KICAD / name).read_text(), (
            f"{name}: python -m hardware.gen schematic, then look at it"
        )


DATED = re.compile(r"Created by|CreationDate|DRILL file")


def plain(text):
    """A gerber, drill or job file without when it was made."""
    return [line for line in text.splitlines() if not DATED.search(line)]


def test_the_gerbers_are_the_boards(tmp_path):
    gen.gerbers(tmp_path)
    with zipfile.ZipFile(gen.FAB / "lkjam-gerbers.zip") as packed:
        assert sorted(packed.namelist()) == sorted(path.name for path in tmp_path.iterdir())
        for path in tmp_path.iterdir():
            committed = packed.read(path.name).decode()
            assert plain(path.read_text()) == plain(committed), f"{path.name}: hardware.gen fab"
