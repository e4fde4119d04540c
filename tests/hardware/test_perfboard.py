"""The hand-built box's wires are the pin map's, its perfboard shorts nothing."""

import re

import pytest

from hardware.perfboard import harness, layout


def test_the_harness_is_the_pin_maps():
    committed = harness.FILE.read_text()
    assert harness.faults(committed) == []
    assert committed == harness.text(), "python -m hardware.perfboard.harness --draw"


def test_two_wires_swapped_are_caught():
    text = harness.FILE.read_text()
    swapped = text.replace("- 29\n    - 31\n", "- 31\n    - 29\n")
    assert swapped != text
    assert harness.faults(swapped) == ["NEXT", "PREVIOUS"]


def test_the_perfboard_joins_what_it_should_and_nothing_else():
    assert layout.faults() == []
    assert layout.FILE.read_text() == layout.svg(), "python -m hardware.perfboard.layout"


@pytest.mark.parametrize("holes", [((2, 4), (2, 8)), ((13, 4), (13, 9), (15, 9))])
def test_a_wire_that_shorts_two_others_is_caught(monkeypatch, holes):
    monkeypatch.setattr(layout, "LINKS", (*layout.LINKS, ("MIDI OUT", holes)))
    assert layout.faults() != []


def test_a_leg_that_meets_no_wire_is_caught(monkeypatch):
    monkeypatch.setattr(layout, "LINKS", layout.LINKS[1:])
    assert "nothing at (5, 4)" in layout.faults()


def test_steps_name_checks_that_there_are():
    from lkjam_box.cli.check import WIRES

    steps = (layout.FILE.parent / "steps.md").read_text()
    named = set(re.findall(r"check --wire ([a-z-]+)", steps))
    assert named == set(WIRES)
