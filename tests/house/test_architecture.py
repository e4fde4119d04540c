"""The page that a newcomer reads says what the code is."""

import ast
import re
from pathlib import Path

import pytest

from tools import architecture

REPO = Path(__file__).parents[2]
PAGE = (REPO / "docs/architecture.md").read_text()
REFERENCES = sorted(set(re.findall(r"`([a-z_]+/[a-z_]+\.py):([\w.]+)`", PAGE)))


@pytest.fixture(scope="module")
def house():
    return architecture.read()


def test_the_page_has_the_order_that_the_command_prints(house):
    assert architecture.page_with(PAGE, architecture.order(house)) == PAGE


def test_the_picture_is_drawn_from_this_code(house):
    assert architecture.PICTURE.read_text() == architecture.draw(house)


def test_no_two_rooms_import_each_other_and_none_imports_upwards(house):
    floor = {room: number for number, rooms in enumerate(house.floors) for room in rooms}
    assert all(floor[a] > floor[b] for a, b in house.arrows)
    assert len(floor) == len(house.jobs)


def test_a_room_that_changes_shows_in_page_and_picture(house):
    changed = architecture.House(house.floors, {**house.jobs, "stage": "Another job"}, house.arrows)
    assert architecture.draw(changed) != architecture.draw(house)
    assert architecture.order(changed) != architecture.order(house)


def test_there_are_references_to_hold():
    assert len(REFERENCES) > 60


@pytest.mark.parametrize(("file", "name"), REFERENCES)
def test_what_the_page_names_is_there(file, name):
    body = ast.parse((REPO / "lkjam_box" / file).read_text()).body
    for part in name.split("."):
        found = [node for node in body if part in names_of(node)]
        assert found, f"{file} has no {name}"
        body = getattr(found[0], "body", [])


def names_of(node):
    """What a statement defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return {
        leaf.id
        for target in targets
        if target is not None
        for leaf in ast.walk(target)
        if isinstance(leaf, ast.Name)
    }
