"""``make image``: a card image for Raspberry Pi 3, 4, 5 and Zero 2 W, from Debian packages alone.

    python firmware/image/build.py [--install] [--fresh] [--out DIR]

Nothing of the image is run while it is made, nothing is mounted: packages are unpacked, disks
are written as files. Parts that are there already, and whose sources did not change, are kept
in ``build/image``. Four partitions: FIRMWARE (what the Pi starts from), the root filesystem,
which is never written to, LKSTATE (what the box remembers) and LKJAM (the player's files).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/machine"))

import debian
import foreign
import image
import project
from arches import ARCHES
from steps import Failed, Steps, run

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
SHARED = REPO / "tools/machine"
ARM = ARCHES["arm64"]
TOOLS = {
    "mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs", "depmod": "kmod", "cpio": "cpio",
    "mkfs.vfat": "dosfstools", "mcopy": "mtools", "sfdisk": "fdisk", "dtc": "device-tree-compiler",
    "xz": "xz-utils",
}  # fmt: skip
MORE = ("dosfstools", "i2c-tools", "iproute2")
FIRMWARE_SUITE = "trixie"  # the first with a Pi 5 in it
MIB = 1 << 20
BOOT_MIB, STATE_MIB, FILES_MIB, SPARE_MIB = 128, 128, 64, 48
FIRST_MODULES = (  # to reach the card on every board, and on the emulated one
    *("clk-raspberrypi", "raspberrypi-power", "gpio-raspberrypi-exp", "bcm2835-dma", "bcm2835"),
    *("sdhci-iproc", "sdhci-brcmstb", "mmc_block", "rp1", "gpio-regulator", "ext4"),
)
LEFT_OUT = (  # of the kernel's modules: what a box without network and screen never loads
    *("drivers/gpu", "drivers/net", "drivers/media", "drivers/infiniband", "drivers/scsi"),
    *("drivers/iio", "drivers/isdn", "drivers/target", "drivers/nvme", "drivers/md"),
    *("fs/btrfs", "fs/xfs", "fs/ocfs2", "fs/nfs", "fs/nfsd", "fs/ceph", "fs/smb", "fs/gfs2"),
    *("fs/bcachefs", "fs/f2fs", "net", "drivers/bluetooth", "drivers/crypto", "sound/soc"),
)
MASKED = (
    *("getty@tty1.service", "serial-getty@.service", "systemd-logind.service", "getty.target"),
    *("systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service"),
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-update-utmp.service"),
    *("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "console-getty.service"),
    *("systemd-rfkill.service", "systemd-rfkill.socket", "systemd-pstore.service"),
)
INIT = """\
#!/bin/busybox sh
# Reaches the root filesystem on whatever number the card has, and never writes to it.
/bin/busybox mount -t devtmpfs dev /dev
for module in /m/*; do /bin/busybox insmod $module 2>/dev/null; done
tries=0
while [ $tries -lt 600 ]; do
  for part in /dev/mmcblk0p2 /dev/mmcblk1p2 /dev/sda2; do
    [ -b $part ] && /bin/busybox mount -t ext4 -o ro,noatime $part /newroot 2>/dev/null && break 2
  done
  tries=$((tries+1)); /bin/busybox usleep 50000
done
[ -x /newroot/sbin/init ] || { echo "lkjam: no card with a root filesystem"; exec /bin/busybox sh; }
/bin/busybox mount --move /dev /newroot/dev
exec /bin/busybox switch_root /newroot /sbin/init
"""


class Image:
    """The image and the parts it is made of, in ``folder``."""

    def __init__(self, folder: Path, out: Path, fresh: bool) -> None:
        self.folder, self.out = folder, out
        self.steps = Steps()
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        out.mkdir(parents=True, exist_ok=True)
        self.card = out / "lkjam-box.img"
        self.packages = folder / "packages.txt"

    def build(self) -> Path:
        """The finished image."""
        names = ("kernel", "base", "wheels", "firmware", "busybox")
        kernel_, base, wheels, firmware, busybox = (self.folder / name for name in names)
        sources = [SHARED / f"{name}.py" for name in ("debian", "arches", "foreign")]
        needs = [REPO / "pyproject.toml", REPO / "constraints.txt", SHARED / "project.py"]
        with ThreadPoolExecutor() as pool:
            parts = (
                ("kernel", sources[:1], partial(debian.fetch_kernel, ARM, kernel_)),
                ("root filesystem", sources, partial(self._root, base)),
                ("wheels", needs, partial(project.fetch_wheels, REPO, ARM, wheels)),
                ("firmware", sources[:1], partial(self._firmware, firmware)),
                ("busybox", sources[:1], partial(debian.fetch_busybox, ARM, busybox)),
            )
            keys = [job.result() for job in [pool.submit(self._part, *part) for part in parts]]
        kernel = image.Kernel.find(kernel_)
        fill = partial(self._fill, kernel, base, wheels)
        keys = [self._part("modules and wheels in it", [*needs, *sources], fill, keys)]
        folders = ("lkjam_box", "systemd", "firmware")
        own = [path for name in folders for path in _files(REPO / name)]
        finish = partial(self._finish, kernel, base, wheels, firmware, busybox / "bin/busybox")
        self._part("the box and its card", own, finish, keys)
        return self.card

    def _part(
        self, name: str, inputs: Iterable[Path], make: Callable[[], None], after: Iterable[str] = ()
    ) -> str:
        """Made unless it is there and all it was made of is as it was; returns its key."""
        digest = hashlib.sha256("".join(after).encode())
        for path in sorted(inputs):
            digest.update(str(path.relative_to(REPO)).encode() + path.read_bytes())
        key, note = digest.hexdigest(), self.folder / f"{name.replace(' ', '-')}.key"
        if note.is_file() and note.read_text() == key:
            return key
        note.unlink(missing_ok=True)
        with self.steps.step(name):
            make()
        note.write_text(key)
        return key

    def _root(self, base: Path) -> None:
        debian.make_root(ARM, base, MORE, self.packages)

    def _firmware(self, folder: Path) -> None:
        version = debian.fetch_package(
            "raspi-firmware", FIRMWARE_SUITE, "non-free-firmware", ARM, folder
        )
        (folder / "version").write_text(version)

    def _fill(self, kernel: image.Kernel, base: Path, wheels: Path) -> None:
        """The kernel's modules and the box's libraries."""
        home = base / "lib/modules" / kernel.release
        shutil.rmtree(home, ignore_errors=True)
        left_out = {f"kernel/{name}" for name in LEFT_OUT} | {"dtb", "vmlinuz", "build"}

        def skip(folder: str, names: list[str]) -> set[str]:
            inside = Path(folder).relative_to(kernel.modules)
            return {name for name in names if str(inside / name) in left_out}

        shutil.copytree(kernel.modules, home, ignore=skip, symlinks=True)
        for network in ("drivers/net/phy",):  # nothing of it is kept
            shutil.rmtree(home / "kernel" / network, ignore_errors=True)
        run("depmod", "-b", base, kernel.release)
        shutil.rmtree(base / project.HOME.lstrip("/"), ignore_errors=True)
        project.install(ARM, wheels, base, *sorted(path.name for path in wheels.glob("*.whl")))

    def _finish(
        self, kernel: image.Kernel, base: Path, wheels: Path, firmware: Path, busybox: Path
    ) -> None:
        with tempfile.TemporaryDirectory(prefix="lkjam-image-", dir=self.folder) as name:
            folder = Path(name)
            root = folder / "root"
            run("cp", "-a", "--reflink=auto", base, root)
            wheel = project.build_wheel(REPO, self.folder / "own")
            own = root / "tmp/own"
            shutil.copytree(self.folder / "own", own, dirs_exist_ok=True)
            foreign.install([str(wheel)], root, project.HOME, project.tags(ARM))
            shutil.rmtree(own)
            project.install_service(REPO, root)
            self._settle(root)
            self._card(root, folder, kernel, firmware, busybox)

    def _settle(self, root: Path) -> None:
        """What makes any Debian this box: files of ``root/``, units that are not wanted."""
        for path in _files(HERE / "root"):
            target = root / path.relative_to(HERE / "root")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
            target.chmod(0o755 if path.suffix == ".sh" else 0o644)
        shutil.copy(REPO / "docs/lkjam-box.sample.yaml", root / "usr/share/lkjam-box.sample.yaml")
        for unit in MASKED:
            link = root / "etc/systemd/system" / unit
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to("/dev/null")
        for unit, wants in (
            ("lkjam-box-files.service", "sysinit.target"),
            ("lkjam-box-gadget.service", "multi-user.target"),
            ("lkjam-box-report.service", "multi-user.target"),
        ):
            folder = root / f"etc/systemd/system/{wants}.wants"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / unit).symlink_to(f"../{unit}")
        options = root / "etc/lkjam-box.yaml"
        options.unlink()
        options.symlink_to("/run/lkjam-files/lkjam-box.yaml")
        for folder in ("var/lib/lkjam-box", "media/lkjam", "boot/firmware"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "etc/hostname").write_text("lkjam-box\n")
        (root / "etc/machine-id").write_text("")  # a new one in memory at every start
        for name in ("etc/resolv.conf", "etc/mtab"):
            (root / name).unlink(missing_ok=True)
        (root / "etc/mtab").symlink_to("/proc/self/mounts")
        shutil.rmtree(root / "var/lib/apt", ignore_errors=True)
        shutil.rmtree(root / "var/cache/apt", ignore_errors=True)

    def _card(
        self, root: Path, folder: Path, kernel: image.Kernel, firmware: Path, busybox: Path
    ) -> None:
        """Partitions as files, then one file of them all: a power of two, as emulators want."""
        used_mib = int(run("du", "-sm", root).split()[0])
        root_mib = used_mib * 110 // 100 + SPARE_MIB
        boot = folder / "boot"
        self._boot(boot, kernel, firmware, busybox)
        files = folder / "files"
        (files / "progressions").mkdir(parents=True)
        shutil.copy(HERE / "player/READ ME.txt", files)
        shutil.copy(HERE / "player/my progressions.yaml", files / "progressions")
        sample = (REPO / "docs/lkjam-box.sample.yaml").read_text()
        (files / "lkjam-box.yaml").write_text(_with_folder(sample))
        parts = [
            (_fat(folder / "p1", "FIRMWARE", BOOT_MIB, boot), BOOT_MIB, "c"),
            (_ext4(folder / "p2", "LKROOT", root_mib, root), root_mib, "83"),
            (_ext4(folder / "p3", "LKSTATE", STATE_MIB), STATE_MIB, "83"),
            (_fat(folder / "p4", "LKJAM", FILES_MIB, files), FILES_MIB, "c"),
        ]
        size_mib = 1 << (sum(mib for _, mib, _ in parts) + 8).bit_length()
        self.card.unlink(missing_ok=True)
        with open(self.card, "wb") as card:
            card.truncate(size_mib * MIB)
        table, start = ["label: dos", "label-id: 0x6c6b6a6d"], 4
        for _, mib, kind in parts:
            table.append(f"start={start * 2048}, size={mib * 2048}, type={kind}")
            start += mib
        script = folder / "table"
        script.write_text("\n".join(table) + "\n")
        run("sh", "-c", f"sfdisk -q {self.card} < {script}")
        start = 4
        for path, mib, _ in parts:
            place = (f"of={self.card}", "bs=1M", f"seek={start}", "conv=notrunc,sparse")
            run("dd", f"if={path}", *place, "status=none")
            start += mib

    def _boot(self, boot: Path, kernel: image.Kernel, firmware: Path, busybox: Path) -> None:
        """What the Pi's own ROM and firmware read."""
        source = firmware / "usr/lib/raspi-firmware"
        shutil.copytree(source, boot)
        trees = kernel.modules / "dtb/broadcom"
        for tree in [*trees.glob("bcm2837*-rpi*.dtb"), *trees.glob("bcm271*-rpi*.dtb")]:
            shutil.copy(tree, boot)
        shutil.copy(kernel.image, boot / "vmlinuz")
        first_disk(kernel, busybox, boot / "initrd.img")
        overlays = boot / "overlays"
        overlays.mkdir(exist_ok=True)
        source_ = REPO / "firmware/overlays/lkjam-box.dts"
        run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", overlays / "lkjam-box.dtbo", source_)
        for name in ("config.txt", "cmdline.txt"):
            shutil.copy(REPO / "firmware/boot" / name, boot / name)


def first_disk(kernel: image.Kernel, busybox: Path, out: Path) -> None:
    """The memory disk, with our own way to the card."""
    names = (*image.BOOT_MODULES, *FIRST_MODULES)
    image.make_first_disk(kernel, ARM, busybox, out, init=INIT, names=names)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _with_folder(sample: str) -> str:
    """The player's options, with the folder beside them for progressions."""
    old = '  #folder: ""'
    if old not in sample:
        raise Failed("docs/lkjam-box.sample.yaml has no music.folder any more: mend build.py")
    head, music, rest = sample.partition("\nmusic:")
    return head + music + rest.replace(old, "  folder: /run/lkjam-files/progressions", 1)


def _fat(path: Path, label: str, mib: int, content: Path) -> Path:
    with open(path, "wb") as file:
        file.truncate(mib * MIB)
    run("mkfs.vfat", "-F", "32", "-s", "1", "-n", label, "-i", "6c6b6a6d", path)
    run("mcopy", "-s", "-p", "-i", path, *sorted(content.iterdir()), "::/")
    return path


def _ext4(path: Path, label: str, mib: int, content: Path | None = None) -> Path:
    more = ("-d", content) if content else ()
    options = ("-q", "-t", "ext4", "-L", label, "-m", "0", "-E", "lazy_itable_init=0")
    path.unlink(missing_ok=True)
    run("mke2fs", *options, *more, path, f"{mib}M")
    return path


def install_tools() -> None:
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if not missing:
        return
    if os.geteuid():
        raise Failed(f"not installed: {', '.join(missing)}; run as root with --install")
    run("apt-get", "-qq", "update")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing, env=environ)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0].partition(": ")[2])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--fresh", action="store_true", help="keep nothing of earlier runs")
    parser.add_argument("--out", type=Path, default=REPO / "build/image/out", metavar="DIR")
    args = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    try:
        if args.install:
            install_tools()
        made = Image(REPO / "build/image", args.out, args.fresh)
        card = made.build()
    except Failed as error:
        print(f"image: {error}", file=sys.stderr)
        return 2
    blocks = card.stat().st_blocks * 512
    print(f"{card}: {card.stat().st_size / MIB:.0f} MiB, {blocks / MIB:.0f} of them not empty")
    print(f"in all {made.steps.total_s():.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
