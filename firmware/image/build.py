"""The image for the card, from Debian packages alone.

    python -m firmware.image.build [--install] [--fresh] [--out FILE]

Parts are kept under build/card and made anew when what they are made of changed. Needs root
(to unpack a root filesystem with its owners) and Python 3.11, as the image has it.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tools.machine import debian, project
from tools.machine.arches import ARCHES
from tools.machine.image import Kernel, add_modules, make_first_disk
from tools.machine.parts import Parts, files
from tools.machine.steps import Failed, Steps, run

from . import contents, layout, sbom

REPO = contents.REPO
BUILD = REPO / "build/card"
MACHINE = REPO / "tools/machine"
ARM64 = ARCHES["arm64"]
TOOLS = {  # program: its Debian package
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "depmod": "kmod",
    "cpio": "cpio",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "sfdisk": "fdisk",
    "dtc": "device-tree-compiler",
    "systemd-sysusers": "systemd",
}
SPARE = 1.12  # of the root file system: inodes and tables


class Card:
    """The image: where its parts lie and which of them are up to date."""

    def __init__(self, folder: Path, out: Path, fresh: bool = False) -> None:
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.out, self.steps = folder, out, Steps()
        self.parts = Parts(folder, self.steps)
        names = ("base", "root", "wheels", "own", "kernel", "firmware", "busybox")
        self.base, self.root, self.wheels, self.own, self.unpacked, self.firmware, self.busybox = (
            folder / name for name in names
        )

    def build(self) -> None:
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._build()

    def _build(self) -> None:
        needs = [REPO / "pyproject.toml", REPO / "constraints.txt", MACHINE / "project.py"]
        debs = [MACHINE / "debian.py", contents.HERE / "contents.py"]
        make_root = partial(debian.make_root, ARM64, self.base, contents.PACKAGES, contents.KEEP)
        fetched = (
            ("kernel", [MACHINE / "debian.py"], partial(debian.fetch_kernel, ARM64, self.unpacked)),
            ("root filesystem", debs, make_root),
            ("wheels", needs, partial(project.fetch_wheels, REPO, ARM64, self.wheels)),
            ("firmware and busybox", debs, self._fetch_rest),
        )
        with ThreadPoolExecutor() as pool:
            keys = [f.result() for f in [pool.submit(self.parts.part, *one) for one in fetched]]
        kernel = Kernel.find(self.unpacked)
        made = [*files(contents.FIRMWARE), *files(MACHINE)]
        own = [path for name in ("lkjam_box", "systemd") for path in files(REPO / name)]
        keys = [self.parts.part("system", [*made, *own], partial(self._fill, kernel), keys)]
        name = f"image {zlib.crc32(str(self.out.resolve()).encode()):08x}"  # one note for each file
        if not self.out.exists():
            self.parts.forget(name)
        self.parts.part(name, [], partial(self._compose, kernel), keys)

    def _fetch_rest(self) -> None:
        debian.fetch_busybox(ARM64, self.busybox)
        shutil.rmtree(self.firmware, ignore_errors=True)
        self.firmware.mkdir()
        debian.fetch(contents.PI_SUITE, ARM64, ["raspi-firmware"], self.firmware, contents.PI_PART)

    def _fill(self, kernel: Kernel) -> None:
        """The system: base, drivers, the box, our files."""
        shutil.rmtree(self.root, ignore_errors=True)
        run("cp", "-a", "--reflink=auto", self.base, self.root)
        add_modules(kernel, contents.all_drivers(kernel), self.root)
        wheel = project.build_wheel(REPO, self.own)
        shutil.copytree(self.wheels, self.own, dirs_exist_ok=True)
        names = sorted(path.name for path in self.wheels.glob("*.whl"))
        project.install(ARM64, self.own, self.root, *names, f"{wheel.name}[box]")
        contents.leave_out(self.root / project.HOME.lstrip("/"))
        project.install_service(REPO, self.root)
        contents.settle(self.root)

    def _compose(self, kernel: Kernel) -> None:
        """File systems, and the image of them."""
        scratch = self.folder / "partitions"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        parts = {part.name: scratch / part.name for part in layout.PARTITIONS}
        with self.steps.step("partitions"):
            first = self.folder / "initrd.img"
            busybox, init = self.busybox / "bin/busybox", (contents.HERE / "init.sh").read_text()
            make_first_disk(kernel, contents.card_drivers(kernel), busybox, init, first)
            boot, drive = layout.BOOT, layout.DRIVE
            contents.make_boot(
                kernel, first, self.firmware, boot.size_mib, boot.label, parts["boot"]
            )
            sample = [sys.executable, "-m", "lkjam_box", "options", "--sample"]
            player, remembered = scratch / "player", scratch / "remembered"
            contents.player_files(sample, player)
            contents.state_files(player, remembered)
            files_there = sorted(player.iterdir())
            contents.make_fat(parts["drive"], drive.size_mib, drive.label, files_there)
            self._make_ext4(layout.ROOT, parts["root"], "^has_journal", self.root)
            self._make_ext4(layout.STATE, parts["state"], "has_journal", remembered)
        with self.steps.step("card"):
            self.out.parent.mkdir(parents=True, exist_ok=True)
            layout.compose(parts, self.out)
        shutil.rmtree(scratch)

    def _make_ext4(self, part: layout.Partition, out: Path, feature: str, root: Path) -> None:
        size_mib = part.size_mib
        if not size_mib:
            size_mib = int(int(run("du", "-sm", "--apparent-size", root).split()[0]) * SPARE) + 24
        run(
            *("mke2fs", "-q", "-t", "ext4", "-L", part.label, "-m", "0", "-O", feature),
            *("-E", "lazy_itable_init=0,lazy_journal_init=0", "-d", root, out, f"{size_mib}M"),
        )

    def bill(self, kernel: str) -> dict[str, object]:
        """What is in the image (SPDX)."""
        lists = [debian.listing(self.base)]
        lists += [f / debian.FETCHED for f in (self.unpacked, self.firmware, self.busybox)]
        home = self.root / project.HOME.lstrip("/")
        return sbom.document(lists, sorted(home.glob("lib/python3*/site-packages")), kernel)


def prepare(install: bool) -> None:
    """The programs this needs. Raises Failed where some are missing."""
    if os.geteuid() != 0:
        raise Failed("not root: unpacking a root filesystem needs it; try sudo make image")
    if sys.version_info[:2] != (3, 11):
        found = ".".join(map(str, sys.version_info[:2]))
        raise Failed(f"Python: found {found}, allowed 3.11 (the image's): make PYTHON=python3.11")
    packages = [package for name, package in TOOLS.items() if shutil.which(name) is None]
    packages += [] if debian.KEYRING.exists() else ["debian-archive-keyring"]
    if packages and not install:
        raise Failed(f"missing: apt-get install {' '.join(packages)}  (or --install)")
    if packages:
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-q", "-y", "--no-install-recommends", *packages, env=quiet)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--fresh", action="store_true", help="make all parts anew")
    parser.add_argument("--folder", type=Path, default=BUILD, help="where its parts are kept")
    parser.add_argument("--out", type=Path, default=REPO / "out/lkjam-box.img", help="the image")
    args = parser.parse_args()
    try:
        prepare(args.install)
        card = Card(args.folder, args.out, args.fresh)
        card.build()
        sbom.write(card.bill(Kernel.find(card.unpacked).release), args.out)
    except (Failed, subprocess.CalledProcessError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 2
    for name, took_s in card.steps.taken:
        print(f"{took_s:7.1f} s  {name}")
    size, used = args.out.stat().st_size, args.out.stat().st_blocks * 512
    print(f"{card.steps.total_s():7.1f} s  in all")
    print(f"{args.out}: {size / 1e6:.0f} MB, {used / 1e6:.0f} MB of it not empty")
    return 0


if __name__ == "__main__":
    sys.exit(main())
