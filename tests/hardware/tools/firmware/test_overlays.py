"""Overlays against the device trees of the kernel that is on the card."""

import subprocess

import pytest

from firmware.image import contents
from firmware.overlays import make

BUS = "/soc/i2c@7e804000"
UART, AUX = "/soc/serial@7e201000", "/soc/serial@7e215040"
GPIO = "/soc/gpio@7e200000"
OLD = [board for board in contents.BOARDS if not board.startswith("bcm2712")]
NEW = [board for board in contents.BOARDS if board.startswith("bcm2712")]


def run(*words):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True)


@pytest.fixture(scope="module")
def compiled(firmware_tools, tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlays")
    for name in contents.OVERLAYS:
        source = make.HERE / f"{name}.dts"
        done = run("dtc", "-@", "-I", "dts", "-O", "dtb", "-o", folder / f"{name}.dtbo", source)
        assert done.returncode == 0, done.stderr
        said = [line for line in done.stderr.splitlines() if "interrupts_property" not in line]
        assert not said, said  # an overlay cannot know its interrupt parent; else it is clean
    return folder


def apply(kernel, board, overlay, out):
    return run("fdtoverlay", "-i", contents.board_tree(kernel, board), "-o", out, overlay)


def get(tree, node, name, kind="s"):
    done = run("fdtget", "-t", kind, tree, node, name)
    return done.stdout.strip() if done.returncode == 0 else None


@pytest.mark.parametrize("board", OLD)
def test_on_every_pi_before_the_5_midi_has_the_wire(board, compiled, firmware_kernel, tmp_path):
    out = tmp_path / "board.dtb"
    done = apply(firmware_kernel, board, compiled / "lkjam-box.dtbo", out)
    assert done.returncode == 0, done.stderr
    assert get(out, BUS, "clock-frequency", "u") == str(make.I2C_HZ)
    assert (get(out, UART, "status"), get(out, AUX, "status")) == ("okay", "disabled")
    assert get(out, f"{UART}/bluetooth", "status") == "disabled"
    pins = get(out, UART, "pinctrl-0", "u")
    assert pins == get(out, f"{GPIO}/uart0-gpio14", "phandle", "u")
    up = get(out, f"{GPIO}/lkjam-contacts", "brcm,pins", "u")
    assert up.split() == [str(n) for n in make.read().pulled_up]


@pytest.mark.parametrize("board", OLD)
def test_the_screen_can_be_on_spi_beside_it(board, compiled, firmware_kernel, tmp_path):
    first, both = tmp_path / "first.dtb", tmp_path / "both.dtb"
    apply(firmware_kernel, board, compiled / "lkjam-box.dtbo", first)
    done = run("fdtoverlay", "-i", first, "-o", both, compiled / "lkjam-box-spi.dtbo")
    assert done.returncode == 0, done.stderr
    assert get(both, "/soc/spi@7e204000", "status") == "okay"


@pytest.mark.parametrize("board", NEW)
def test_the_pi_5_gets_its_header_uart(board, compiled, firmware_kernel, tmp_path):
    out = tmp_path / "board.dtb"
    done = apply(firmware_kernel, board, compiled / "lkjam-box-pi5.dtbo", out)
    assert done.returncode == 0, done.stderr
    assert get(out, f"{make.RP1}/i2c@40074000", "clock-frequency", "u") == str(make.I2C_HZ)
    assert get(out, f"{make.RP1}/serial@40030000", "compatible").split()[0] == "arm,pl011"
    assert get(out, "/aliases", "serial0") == f"{make.RP1}/serial@40030000"


@pytest.mark.parametrize(
    ("name", "board"), [("lkjam-box", OLD[0]), ("lkjam-box", NEW[0]), ("lkjam-box-pi5", OLD[0])]
)
def test_a_wrong_label_or_a_wrong_board_is_caught(name, board, compiled, firmware_kernel, tmp_path):
    text = (make.HERE / f"{name}.dts").read_text()
    fits = (name == "lkjam-box-pi5") == (board in NEW)
    if fits:
        text = text.replace("<&i2c1>", "<&i2c_one>")
    source, overlay = tmp_path / "broken.dts", tmp_path / "broken.dtbo"
    source.write_text(text)
    assert run("dtc", "-q", "-@", "-O", "dtb", "-o", overlay, source).returncode == 0
    assert apply(firmware_kernel, board, overlay, tmp_path / "out.dtb").returncode != 0


def test_every_board_has_the_drivers_of_its_card(firmware_card, firmware_kernel):
    """Read from the trees: what a Pi 4 or 5, which nothing can emulate here, needs to start."""
    names = set(contents.card_drivers(firmware_kernel))
    assert {"bcm2835", "sdhci_iproc", "sdhci_brcmstb", "fixed", "gpio_regulator"} <= names
    packed = subprocess.run(
        ["cpio", "-t", "--quiet"],
        input=(firmware_card.folder / "initrd.img").read_bytes(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in names:
        if firmware_kernel.resolve([name]):
            files = {name, name.replace("_", "-")}
            assert any(f"-{one}.ko" in packed for one in files), name
