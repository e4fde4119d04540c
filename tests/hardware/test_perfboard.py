"""The hand-built box's wires are the pin map's, its perfboard shorts nothing."""

import re

import pytest

from hardware.gen.midi_loop import NOMINAL_MA, TOLERANCE, Loop
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


def test_a_bad_cable_does_the_pi_no_harm():
    """No buffer here: 3.3 V over the resistor in the pin's line must stay near its 16 mA."""
    values = {name.split()[0]: int(name.split()[1]) for name, *_ in layout.PARTS if name[0] == "R"}
    assert 3.3 / values["R4"] < 0.030
    least, most = Loop(3.3, values["R3"], values["R4"]).range_ma()
    assert NOMINAL_MA * (1 - TOLERANCE) <= least < most <= NOMINAL_MA * (1 + TOLERANCE)
