"""The pin map is sound, and the software plays by it."""

import re
from importlib import resources
from pathlib import Path

import pytest

from lkjam_box.cli import main
from lkjam_box.cli.pins import markdown
from lkjam_box.config import options
from lkjam_box.config.options import Panel
from lkjam_box.config.table import OPTIONS
from lkjam_box.pinmap import (
    GROUND_PINS,
    HEADER,
    POWER_3V3_PINS,
    POWER_5V_PINS,
    PinError,
    movable,
    parse,
    pins,
)

TEXT = resources.files("lkjam_box").joinpath("pinmap.toml").read_text()


def test_every_pin_of_the_header_is_accounted_for():
    every = [*HEADER.values(), *GROUND_PINS, *POWER_3V3_PINS, *POWER_5V_PINS]
    assert sorted(every) == list(range(1, 41))


def test_options_begin_where_the_map_says():
    panel = Panel()
    moved = {pin.option: pin.bcm for pin in pins().values() if pin.option}
    assert moved == {name: getattr(panel, name) for name in moved}
    assert set(moved) == {name for name in Panel.__struct_fields__ if name.startswith("pin_")}


def test_the_map_says_what_an_option_moves():
    told = {pin.option: f"GPIO (BCM) of {pin.what or pin.label}." for pin in movable()}
    assert told == {name: OPTIONS["panel"][name].description for name in told}
    assert {OPTIONS["panel"][name].allowed for name in told} == {"a whole number from 0 to 27"}


def test_a_wire_with_an_option_adds_it(monkeypatch):
    wires = parse(with_line("midi_in", "bcm = 15", 'bcm = 15\noption = "pin_midi_in"'))
    monkeypatch.setattr("lkjam_box.pinmap.pins", lambda: wires)
    monkeypatch.setattr(options, "pins", lambda: wires)
    grown = options._with_pins(Panel)
    assert grown().pin("midi_in") == 15
    assert grown(pin_midi_in=9).pin("midi_in") == 9
    assert Panel(pin_next=9).pin("next") == 9
    assert Panel().pin("oled_sda") == 2


def test_what_a_contact_to_ground_closes_is_pulled_up():
    for pin in pins().values():
        assert pin.pull == ("up" if pin.use in ("button", "foot", "encoder") else ""), pin.name


def test_gpio_3_is_the_screens_and_no_power_button():
    assert pins()["oled_scl"].bcm == 3
    assert [pin.name for pin in pins().values() if pin.header == 5] == ["oled_scl"]


def test_the_page_of_pins_is_the_printed_one():
    page = Path(__file__).parents[2] / "docs/pins.md"
    assert page.read_text() == markdown(), "lkjam-box pins --markdown > docs/pins.md"


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_every_wire_is_shown(words, capsys):
    assert main(["pins", *words]) == 0
    shown = capsys.readouterr().out
    assert all(pin.label in shown for pin in pins().values())


def with_line(name: str, old: str, new: str) -> str:
    """The shipped map with one line of one pin changed."""
    begin = TEXT.index(f"[pins.{name}]")
    changed = TEXT[begin:].replace(old, new, 1)
    assert changed != TEXT[begin:]
    return TEXT[:begin] + changed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_line("next", "bcm = 6", "bcm = 5"), "pins.next: GPIO 5 belongs to previous"),
        (with_line("next", "bcm = 6", "bcm = 3"), "kept for i2c"),
        (with_line("next", "bcm = 6", "bcm = 1"), "kept for id"),
        (with_line("next", "bcm = 6", "bcm = 28"), "allowed: 0 to 27"),
        (with_line("midi_in", "bcm = 15", "bcm = 12"), "uart is on 14, 15"),
        (with_line("next", 'use = "button"', 'use = "knob"'), "allowed: button"),
        (with_line("next", "bcm = 6", "gpio = 6"), "gpio unknown"),
        (with_line("next", "bcm = 6\n", ""), "bcm is missing"),
        ("[pins", "pinmap.toml: "),
        ("", "no [pins.NAME]"),
    ],
)
def test_a_broken_map_is_caught(text, said):
    with pytest.raises(PinError, match=re.escape(said)):
        parse(text)
