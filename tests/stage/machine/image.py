"""From kernel and root filesystem to what the emulator boots. No mounts, no loop devices."""

from __future__ import annotations

import lzma
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arches import BOOT_MODULES, MODULES, Arch
from steps import Failed, run

SPARE_MIB = 192
UNWANTED = (  # units that a machine of two minutes does not need
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-timesyncd.service"),
    *("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "systemd-logind.service"),
    *("getty@tty1.service", "serial-getty@.service", "systemd-update-utmp.service"),
)
FSTAB = """\
/dev/vda / ext4 rw,noatime 0 1
guest /guest 9p ro,trans=virtio,version=9p2000.L,msize=262144 0 0
results /results 9p rw,trans=virtio,version=9p2000.L,msize=262144 0 0
"""
INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in /m/*; do /bin/busybox insmod $module; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 600 ]; do
  tries=$((tries+1)); /bin/busybox usleep 50000
done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /newroot || exec /bin/busybox sh
/bin/busybox mount --move /dev /newroot/dev
exec /bin/busybox switch_root /newroot /sbin/init
"""


@dataclass(frozen=True)
class Kernel:
    """An unpacked one. ``modules``: where its modules lie, with their lists."""

    release: str
    image: Path
    modules: Path

    @classmethod
    def find(cls, folder: Path) -> Kernel:
        modules = next(
            iter([*folder.glob("usr/lib/modules/*"), *folder.glob("lib/modules/*")]), None
        )
        if modules is None:
            raise Failed(f"no kernel in {folder}: try --fresh")
        release = modules.name
        if not (modules / "modules.dep").exists():
            run("depmod", "-b", modules.parents[2 if "usr" in modules.parts else 1], release)
        images = (folder / "boot" / f"vmlinuz-{release}", modules / "vmlinuz")
        image = next((path for path in images if path.exists()), None)
        if image is None:
            raise Failed(f"no kernel image beside {modules}: try --fresh")
        return cls(release, image, modules)

    def resolve(self, names: Iterable[str]) -> list[Path]:
        """Those modules and what they need, in the order to load them; built-in ones left out."""
        needs: dict[str, list[str]] = {}
        for line in (self.modules / "modules.dep").read_text().splitlines():
            path, _, others = line.partition(":")
            needs[path] = others.split()
        by_name = {Path(path).name.partition(".")[0].replace("-", "_"): path for path in needs}
        found: dict[str, None] = {}
        for name in names:
            path = by_name.get(name.replace("-", "_"))
            for one in (*reversed(needs[path]), path) if path else ():
                found[one] = None
        return [self.modules / path for path in found]


def add_modules(kernel: Kernel, arch: Arch, root: Path) -> None:
    home = root / "lib/modules" / kernel.release
    for path in kernel.resolve((*arch.modules, *BOOT_MODULES, *MODULES)):
        copy = home / path.relative_to(kernel.modules)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        if (kernel.modules / name).exists():
            shutil.copy(kernel.modules / name, home)
    run("depmod", "-b", root, kernel.release)


def settle(root: Path) -> None:
    """What any root filesystem needs to be this machine."""
    (root / "etc/fstab").write_text(FSTAB)
    (root / "etc/hostname").write_text("stage\n")
    (root / "etc/machine-id").write_text("")
    for name in ("guest", "results"):
        (root / name).mkdir(exist_ok=True)
    for unit in UNWANTED:
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")


def make_disk(root: Path, disk: Path) -> None:
    """An ext4 disk with a journal, as it would be on a card."""
    size_mib = int(run("du", "-sm", root).split()[0]) * 115 // 100 + SPARE_MIB
    disk.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1", "-d", root, disk, f"{size_mib}M")


def make_first_disk(kernel: Kernel, arch: Arch, busybox: Path, out: Path) -> None:
    """The memory disk: busybox and the modules that reach the root filesystem."""
    with tempfile.TemporaryDirectory(prefix="stage-initrd-") as name:
        folder = Path(name)
        for part in ("bin", "dev", "newroot", "m"):
            (folder / part).mkdir()
        shutil.copy(busybox, folder / "bin/busybox")
        for number, path in enumerate(kernel.resolve((*arch.modules, *BOOT_MODULES))):
            data = path.read_bytes()
            data = lzma.decompress(data) if path.suffix == ".xz" else data
            (folder / "m" / f"{number:03}-{path.name.removesuffix('.xz')}").write_bytes(data)
        (folder / "init").write_text(INIT)
        (folder / "init").chmod(0o755)
        names = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
        packed = subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"],
            input=names.encode(),
            cwd=folder,
            check=True,
            capture_output=True,
        )
    out.write_bytes(packed.stdout)
