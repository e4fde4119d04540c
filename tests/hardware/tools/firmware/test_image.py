"""The image as a file: no door, nothing written, small enough; and broken copies of it."""

import gzip
import json
import subprocess

import pytest

from firmware.image import layout, look, sbom
from tools.machine import project

MOST_BYTES = 1_200_000_000
PACKAGE = f"{project.HOME}/lib/python{project.PYTHON}/site-packages/lkjam_box"


def test_it_is_as_it_must_be(firmware_image):
    assert look.wrong(look.Look(firmware_image)) == []


def test_it_packs_into_what_a_slow_line_takes(firmware_image):
    """zstd at its quickest: xz, which the release takes, packs better."""
    packed = subprocess.run(
        ["sh", "-c", f"zstd -q -1 -c '{firmware_image}' | wc -c"], capture_output=True, text=True
    )
    assert 50_000_000 < int(packed.stdout) <= MOST_BYTES


def test_the_kernel_is_packed_as_the_firmware_can_unpack_it(
    firmware_image, firmware_kernel, tmp_path
):
    at = layout.places(firmware_image)["boot"].offset
    path = tmp_path / "vmlinuz"
    subprocess.run(["mcopy", "-n", "-i", f"{firmware_image}@@{at}", "::/vmlinuz", path], check=True)
    assert gzip.decompress(path.read_bytes()) == firmware_kernel.image.read_bytes()


def test_the_cards_partitions_fit(firmware_image):
    places = layout.places(firmware_image)
    assert places["boot"].size == layout.BOOT.size_mib * layout.MIB
    ends = [place.offset + place.size for place in places.values()]
    starts = [place.offset for place in places.values()]
    assert starts == sorted(starts)
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] == firmware_image.stat().st_size


def test_the_bill_names_what_is_in_it(firmware_card, firmware_kernel, tmp_path):
    bill = firmware_card.bill(firmware_kernel.release)
    names = {package["name"] for package in bill["packages"]}
    assert {"systemd", "libc6", "raspi-firmware", "busybox-static", "lkjam-box", "numpy"} <= names
    assert f"linux-binary-{firmware_kernel.release}" in names
    assert 100 < len(names) < 400
    text = sbom.write(bill, tmp_path / "x.img").read_text()
    assert json.loads(text)["spdxVersion"] == "SPDX-2.3"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("/etc/fstab", "/dev/mmcblk0p2 / ext4 rw 0 1\n", "fstab"),
        ("/etc/shadow", "root:$y$j9T$x$y:19000:0:99999:7:::\n", "password: root"),
        ("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", "machine-id"),
        ("/etc/systemd/journald.conf.d/lkjam-box.conf", "[Journal]\n", "journal"),
        ("/etc/systemd/system.conf.d/lkjam-box.conf", "[Manager]\n", "watchdog"),
        ("/usr/sbin/sshd", "x", "server: sshd"),
        ("/etc/resolv.conf", "nameserver 192.0.2.1\n", "of the machine that built it"),
        ("/etc/systemd/system/multi-user.target.wants/ssh.service", "x", "ssh.service is started"),
        (f"{PACKAGE}/lab", "x", "lab is for a laptop"),
        (f"{PACKAGE}/play", "x", "play is for a laptop"),
    ],
)
def test_a_broken_copy_is_caught(firmware_copy, tmp_path, name, text, said):
    file = tmp_path / "file"
    file.write_text(text)
    folder, _, base = name.rpartition("/")
    if base in look.Look(firmware_copy.image).names(folder):
        firmware_copy.change_root(f"rm {name}")
    firmware_copy.change_root(f"write {file} {name}")
    found = look.wrong(look.Look(firmware_copy.image))
    assert any(said in line for line in found), found


def test_a_console_on_the_midi_wire_is_caught(firmware_copy, tmp_path):
    file = tmp_path / "cmdline.txt"
    file.write_text("console=serial0,115200 root=LABEL=lkjam-root rw\n")
    at = firmware_copy.places["boot"].offset
    subprocess.run(["mcopy", "-o", "-i", f"{firmware_copy.image}@@{at}", file, "::/"], check=True)
    found = look.wrong(look.Look(firmware_copy.image))
    assert any("takes the MIDI wire" in line for line in found)
    assert any("read-only root" in line for line in found)
