"""The pages of docs/your-rig.md: drawn from their description, and naming only what there is."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from lkjam_box.cli import command_module, command_parser
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.panel.menu_entries import entries
from lkjam_box.protocol.choices import Role
from lkjam_box.protocol.shared_state import Snapshot
from tools.rigs.drawing import WIDTH, draw
from tools.rigs.rigs import RIGS

REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs/your-rig.md").read_text()
PICTURES = REPO / "docs/pictures/rigs"
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2] for part in re.split(r"^## ", PAGE, flags=re.M)
}
SNAPSHOT = Snapshot(devices=((1, "FP-30X", Role.PLAYER, False),))
ENTRIES = {entry.name: entry for entry in entries(SNAPSHOT)}
WORDS = {
    entry.words(SNAPSHOT, value) for entry in ENTRIES.values() for value in entry.choices
}  # of all values in the menu
SPANS = sorted({" ".join(span.split()) for span in re.findall(r"`([^`]+)`", PAGE)})


def shown():
    """Everything that stands as text in the code of the panel and of the warnings."""
    files = [*(REPO / "lkjam_box/panel").glob("*.py"), REPO / "lkjam_box/health/warning_texts.py"]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


SHOWN = set(shown())


def is_there(span):
    """Whether the box has it: command, option, entry or value of the menu, word of the screen."""
    if span.startswith("lkjam-box "):
        _, name, *words = shlex.split(span)
        command_parser(name, name, command_module(name)).parse_args(words)
        return True
    option, _, value = span.partition(": ")
    if re.fullmatch(r"[a-z]+\.[a-z_]+", option):
        override(Config(), {option: value})
        return True
    is_shown = any(text == span or text.startswith(f"{span} ") for text in SHOWN)
    return span in ENTRIES or span in WORDS or is_shown or re.fullmatch(r"IN \d", span)


@pytest.mark.parametrize("name", RIGS)
def test_a_picture_is_drawn_from_its_description(name):
    assert (PICTURES / f"{name}.svg").read_text() == draw(RIGS[name])


def test_each_picture_has_its_page_and_each_page_what_a_player_asks():
    assert {path.stem for path in PICTURES.iterdir()} == set(RIGS)
    for name, rig in RIGS.items():
        page = SECTIONS[rig.title]
        assert f"(pictures/rigs/{name}.svg)" in page
        for wanted in ("**By itself.**", "**Set.**", "| hums |", "| doubles |", "| hangs |"):
            assert wanted in page, f"{rig.title}: {wanted}"
        assert len(page.split()) < 320, f"{rig.title}: more than one page"
        anchor = re.sub(r"[^a-z -]", "", rig.title.lower()).replace(" ", "-")
        assert f"(#{anchor})" in PAGE


@pytest.mark.parametrize("span", SPANS)
def test_what_it_names_is_there(span):
    assert is_there(span)


@pytest.mark.parametrize("span", ["hears nothing", "BOTH THREE", "SCREEN OF DEATH"])
def test_what_is_not_there_is_found_out(span):
    assert not is_there(span)


@pytest.mark.parametrize("name", RIGS)
def test_nothing_of_a_drawing_lies_over_another(name):
    rig = RIGS[name]
    for number, device in enumerate(rig.devices):
        x, y = device.middle
        assert 70 <= x <= WIDTH - 70
        for other in rig.devices[number + 1 :]:
            over = abs(x - other.middle[0]) < 145, abs(y - other.middle[1]) < 75
            assert not all(over), f"{device.name}, {other.name}"
    names = {device.name for device in rig.devices}
    assert {end[0] for cable in rig.cables for end in (cable.begin, cable.end)} == names


@pytest.mark.parametrize("page", ["docs/manual.md", "README.md"])
def test_it_is_found(page):
    assert "your-rig.md)" in (REPO / page).read_text()
