"""The drive LKJAM: what a player writes counts when it is good, and only then."""

import importlib
import sys
from pathlib import Path

import pytest

from firmware.drive import lkjam_sample
from lkjam_box.config.load import load_config
from lkjam_box.config.reference import sample
from lkjam_box.music.progression import load_progressions

DRIVE = Path(__file__).parents[2] / "firmware/drive"


@pytest.fixture
def code(monkeypatch):
    """Its modules, as they lie in one folder on the box."""
    monkeypatch.syspath_prepend(str(DRIVE))
    yield importlib.import_module
    for name in ("lkjam_drive", "lkjam_gadget"):
        sys.modules.pop(name, None)


@pytest.fixture
def drive(code):
    return code("lkjam_drive")


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick/progressions").mkdir(parents=True)
    return tmp_path / "stick"


@pytest.fixture
def player(tmp_path):
    return tmp_path / "state/player"


def judge(kind, paths):
    """Files that say so are wrong."""
    return "; ".join(f"{p.name}:1: {kind}" for p in paths if b"wrong" in p.read_bytes())


def take(drive, stick, player, judged=judge):
    return drive.take(stick, player, judged)


def test_good_files_are_taken_once(drive, stick, player):
    (stick / "lkjam-box.yaml").write_text("clock:\n  bpm: 90\n")
    (stick / "progressions/a.yaml").write_text("name: A")
    taken = take(drive, stick, player)
    assert taken.new == ["lkjam-box.yaml", "progressions/a.yaml"]
    assert taken.options_changed
    assert (player / "lkjam-box.yaml").read_text() == "clock:\n  bpm: 90\n"
    assert (player / "progressions/a.yaml").read_text() == "name: A"
    calls = []
    again = take(drive, stick, player, lambda *words: calls.append(words) or "")
    assert (again.new, again.gone, again.wrong) == ([], [], {})
    assert not calls  # a start without news costs no look


def test_a_bad_file_leaves_the_good_one_before(drive, stick, player):
    for name in ("a", "b"):
        (stick / f"progressions/{name}.yaml").write_text(f"name: {name}")
    (stick / "lkjam-box.yaml").write_text("good")
    take(drive, stick, player)
    (stick / "progressions/a.yaml").write_text("wrong")
    (stick / "progressions/b.yaml").write_text("name: better")
    (stick / "lkjam-box.yaml").write_text("wrong")
    taken = take(drive, stick, player)
    assert taken.new == ["progressions/b.yaml"]
    assert set(taken.wrong) == {"progressions/a.yaml", "lkjam-box.yaml"}
    assert not taken.options_changed
    assert (player / "progressions/a.yaml").read_text() == "name: a"
    assert (player / "lkjam-box.yaml").read_text() == "good"
    told = drive.report(taken, player, "0.1")
    assert "a.yaml:1: progressions" in told
    assert "the one before still counts" in told
    assert "Mend it and eject" in told


def test_what_is_taken_away_is_gone(drive, stick, player):
    (stick / "lkjam-box.yaml").write_text("good")
    (stick / "progressions/a.yml").write_text("name: A")
    take(drive, stick, player)
    (stick / "lkjam-box.yaml").unlink()
    (stick / "progressions/a.yml").unlink()
    taken = take(drive, stick, player)
    assert taken.gone == ["lkjam-box.yaml", "progressions/a.yml"]
    assert (player / "lkjam-box.yaml").read_bytes() == b""  # as the box comes
    assert not list((player / "progressions").iterdir())
    assert take(drive, stick, player).gone == []


def test_what_other_systems_leave_is_left(drive, stick, player):
    for name in ("._a.yaml", "notes.txt", ".DS_Store"):
        (stick / "progressions" / name).write_text("x")
    (stick / "progressions/folder.yaml").mkdir()
    (stick / "progressions/huge.yaml").write_bytes(b"x" * (drive.FILE_MAX + 1))
    taken = take(drive, stick, player)
    assert taken.new == []
    assert list(taken.wrong) == ["progressions/huge.yaml"]
    assert not list((player / "progressions").iterdir())


def test_half_a_file_of_a_power_cut_is_cleared_away(drive, stick, player):
    drive.begin(player)
    (player / "progressions/.a.yaml.new").write_text("hal")
    assert take(drive, stick, player).gone == []
    assert not list((player / "progressions").iterdir())


def test_an_empty_drive_is_a_box_as_it_comes(drive, stick, player):
    taken = take(drive, stick, player)
    assert (taken.new, taken.gone, taken.wrong) == ([], [], {})
    assert load_config(player / "lkjam-box.yaml") == load_config(None)


def test_what_the_drive_begins_with_is_good(tmp_path):
    lkjam_sample.fill(tmp_path, sample())
    assert load_config(tmp_path / "lkjam-box.yaml") == load_config(None)
    found = load_progressions(tmp_path / "progressions/my-blues.yaml")
    assert [p.name for p in found] == ["My blues"]
    assert b"\r\n" in (tmp_path / "README.txt").read_bytes()


# --- the cable


@pytest.fixture
def gadget(code, tmp_path):
    """One below a /sys of files."""
    module = code("lkjam_gadget")
    port = tmp_path / "sys/class/udc/fe980000.usb"
    port.mkdir(parents=True)
    (port / "state").write_text("configured\n")
    one = module.Gadget(Path("/dev/mmcblk0p3"), tmp_path)
    one.make()
    return one


@pytest.mark.parametrize(
    ("roles", "may"),
    [
        ({}, False),
        ({"soc/usb@7e980000": "host"}, False),
        ({"soc/usb@7e980000": "otg"}, True),
        ({"axi/pcie@1000120000/rp1/usb@200000": "host", "soc/usb@480000": "peripheral"}, True),
    ],
)
def test_a_board_without_a_port_for_it_is_known_at_once(code, tmp_path, roles, may):
    gadget = code("lkjam_gadget").Gadget(Path("/dev/mmcblk0p3"), tmp_path)
    for path, role in roles.items():
        folder = tmp_path / "proc/device-tree" / path
        folder.mkdir(parents=True)
        (folder / "dr_mode").write_bytes(role.encode() + b"\0")
    assert gadget.may_have_port() is may
    (tmp_path / "sys/class/udc/dummy_udc.0").mkdir(parents=True)
    assert gadget.may_have_port()


def state(gadget, text):
    (gadget.root / "sys/class/udc/fe980000.usb/state").write_text(f"{text}\n")


@pytest.fixture
def watch(code, gadget):
    reads = []
    one = code("lkjam_gadget").Watch(gadget, "fe980000.usb", lambda: reads.append(1))
    one.reads = reads
    return one


def test_a_computer_sees_an_instrument_and_a_drive(gadget):
    home = gadget.home
    assert (home / "strings/0x409/product").read_text() == "lkjam_box"
    assert {p.name for p in (home / "configs/c.1").iterdir() if p.is_symlink()} == {
        "midi.usb0",
        "mass_storage.usb0",
    }
    assert (home / "functions/mass_storage.usb0/lun.0/removable").read_text() == "1"
    assert not gadget.ejected()
    assert gadget.ports() == ["fe980000.usb"]
    gadget.plug(gadget.ports()[0])
    assert (home / "UDC").read_text() == "fe980000.usb"


def test_made_twice_nothing_is_written_that_the_kernel_refuses(gadget):
    name = gadget.home / "idVendor"
    name.chmod(0o400)
    name.unlink()
    gadget.make()
    assert not name.exists()


def eject(gadget):
    gadget.withdraw()


def test_while_the_computer_holds_the_drive_it_is_not_read(watch):
    for _ in range(5):
        watch.look()
    assert not watch.reads


def test_ejected_it_is_read_once_and_offered_again_after_the_cable(watch, gadget):
    watch.look()
    eject(gadget)
    for _ in range(3):
        watch.look()
    assert len(watch.reads) == 1
    assert gadget.ejected()  # a drive that comes back by itself would puzzle
    state(gadget, "not attached")
    watch.look()
    assert not gadget.ejected()
    assert len(watch.reads) == 1
    state(gadget, "configured")
    watch.look()
    eject(gadget)
    watch.look()
    assert len(watch.reads) == 2


def test_a_cable_pulled_without_ejecting_is_read_too(watch, gadget):
    watch.look()
    state(gadget, "not attached")
    watch.look()
    assert len(watch.reads) == 1
    assert not gadget.ejected()
