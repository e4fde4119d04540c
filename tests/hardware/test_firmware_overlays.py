"""Overlays and boot files against the pin map: what is written there is what the kernel gets."""

import re
import tomllib
from pathlib import Path

import pytest

from firmware.image.emulate import parse_config
from firmware.overlays import make

REPO = Path(__file__).parents[2]
PINS = tomllib.loads((REPO / "lkjam_box/pinmap.toml").read_text())["pins"]
BOOT = REPO / "firmware/boot"


def numbers(text, property_name, node):
    body = text[text.index(f"{node} {{") :]
    return {int(n) for n in re.search(rf"{property_name} = <([\d ]+)>", body)[1].split()}


@pytest.mark.parametrize("name", make.FILES)
def test_they_are_made_of_the_pin_map_as_it_is(name):
    assert (make.HERE / name).read_text() == make.FILES[name](make.read())


def test_contacts_are_pulled_up_and_lights_driven():
    text = (make.HERE / "lkjam-box.dts").read_text()
    contacts = {pin["bcm"] for pin in PINS.values() if pin["use"] in ("button", "foot", "encoder")}
    lights = {pin["bcm"] for pin in PINS.values() if pin["use"] == "light"}
    assert numbers(text, "brcm,pins", "lkjam-contacts") == contacts
    assert numbers(text, "brcm,pins", "lkjam-lights") == lights
    assert len(contacts) == 13
    assert "clock-frequency = <400000>" in text


def test_a_pin_that_moves_moves_in_the_overlay(tmp_path):
    moved = tmp_path / "pinmap.toml"
    text = make.PINMAP.read_text()
    moved.write_text(text.replace('bcm = 26\nuse = "button"', 'bcm = 11\nuse = "button"'))
    assert make.box(make.read(moved)) != make.box(make.read())
    moved.write_text(text.replace('bcm = 15\nuse = "uart"', 'bcm = 16\nuse = "uart"'))
    with pytest.raises(ValueError, match="MIDI"):
        make.box(make.read(moved))


def test_every_pi_gets_its_overlay_and_only_that():
    text = (BOOT / "config.txt").read_text()
    for section in ("pi3", "pi02", "pi4"):
        assert parse_config(text, section).overlays == ("lkjam-box",)
    assert parse_config(text, "pi5").overlays == ("lkjam-box-pi5",)
    assert parse_config(text, "pi3").kernel == "vmlinuz"
    assert "midi-uart" not in text


def test_the_kernels_words_keep_the_wire_free_and_a_core_for_notes():
    words = (BOOT / "cmdline.txt").read_text().split()
    assert "ro" in words
    assert "rw" not in words
    assert [word for word in words if word.startswith("console=")] == ["console=tty0"]
    assert {"isolcpus=managed_irq,domain,3", "nohz_full=3", "irqaffinity=0-2"} <= set(words)
    assert (BOOT / "cmdline.txt").read_text().count("\n") == 1
