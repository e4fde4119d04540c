"""From kernel and root filesystem to what the emulator boots. No mounts, no loop devices."""

from __future__ import annotations

import lzma
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .steps import Failed, run

SPARE_MIB = 192


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


def add_modules(kernel: Kernel, names: Iterable[str], root: Path) -> None:
    """Those modules, and what they need, into the root filesystem."""
    home = root / "lib/modules" / kernel.release
    for path in kernel.resolve(names):
        copy = home / path.relative_to(kernel.modules)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        if (kernel.modules / name).exists():
            shutil.copy(kernel.modules / name, home)
    run("depmod", "-b", root, kernel.release)


def make_disk(root: Path, disk: Path) -> None:
    """An ext4 disk with a journal, as it would be on a card."""
    size_mib = int(run("du", "-sm", root).split()[0]) * 115 // 100 + SPARE_MIB
    disk.unlink(missing_ok=True)
    run("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1", "-d", root, disk, f"{size_mib}M")


def make_first_disk(
    kernel: Kernel, modules: Iterable[str], busybox: Path, init: str, out: Path
) -> None:
    """The memory disk: busybox, the modules that reach the root filesystem, and ``init``, which
    loads them in the order of their names in /m."""
    with tempfile.TemporaryDirectory(prefix="machine-initrd-") as name:
        folder = Path(name)
        for part in ("bin", "dev", "proc", "newroot", "m"):
            (folder / part).mkdir()
        shutil.copy(busybox, folder / "bin/busybox")
        for number, path in enumerate(kernel.resolve(modules)):
            data = path.read_bytes()
            data = lzma.decompress(data) if path.suffix == ".xz" else data
            (folder / "m" / f"{number:03}-{path.name.removesuffix('.xz')}").write_bytes(data)
        (folder / "init").write_text(init)
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
