"""The image on an emulated Pi 3: it plays, and survives the power cut."""

import pytest

from firmware.image import contents, emulate, judge

KEEP = contents.REPO / "build/card-boot"


@pytest.fixture(scope="module")
def booted(firmware_image):
    """Both boots, the power cut between them."""
    card = emulate.Card(firmware_image, KEEP)
    card.spy()
    found = {name: emulate.facts(card, name, words) for name, words in emulate.BOOTS.items()}
    yield found
    card.image.unlink()


def test_it_starts_plays_and_shuts_all_doors(booted):
    print(judge.page("first", booted["first"]))
    assert judge.wrong(booted["first"], starts_before=0) == []


def test_the_power_cut_while_it_writes_does_not_matter(booted):
    print(judge.page("after the power cut", booted["after-power-cut"]))
    assert judge.wrong(booted["after-power-cut"], starts_before=1) == []
    there = booted["after-power-cut"]["kept"]["there"]
    assert {"player", "proof-starts", "options.json"} <= set(there)


def test_the_log_of_the_boot_is_kept(booted):
    log = (KEEP / "boot-first.log").read_text()
    assert "PREEMPT_RT" in log
    assert "lkjam-box: stage: priority FIFO 70" in log
