"""The image, made once for all checks (parts that are there are used again)."""

import shutil
from pathlib import Path

import pytest

from firmware.image import build
from tools.machine.steps import Failed

PROGRAMS = (
    *build.TOOLS,
    "qemu-system-aarch64",
    "fdtoverlay",
    "fdtget",
    "fdtput",
    "debugfs",
    "zstd",
)


@pytest.fixture(scope="session")
def firmware_tools():
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.fail(f"missing: {' '.join(missing)}; run hardware/tools/firmware.sh", pytrace=False)


@pytest.fixture(scope="session")
def firmware_card(firmware_tools):
    """The builder, with all parts there."""
    try:
        build.prepare(install=False)
        card = build.Card(build.BUILD, build.REPO / "out/lkjam-box.img")
        card.build()
    except Failed as error:
        pytest.fail(f"image: {error}", pytrace=False)
    return card


@pytest.fixture(scope="session")
def firmware_image(firmware_card) -> Path:
    return firmware_card.out


@pytest.fixture(scope="session")
def firmware_kernel(firmware_card):
    return build.Kernel.find(firmware_card.unpacked)


@pytest.fixture
def firmware_copy(firmware_image, tmp_path):
    """One to break, gone after the test."""
    from firmware.image.emulate import Card

    yield Card(firmware_image, tmp_path / "card")
    shutil.rmtree(tmp_path / "card")
