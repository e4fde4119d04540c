"""The box on Debian 13 and 64-bit ARM, installed by ``firmware/install.sh``, playing a set.

    python tests/stage/machine/trixie_vm.py [--install] [--fresh] [--only CHECK ...]

The machine of ``stage_vm.py``, but nothing is unpacked by hand: packages are installed with their
own scripts, and the installer runs as on a Raspberry Pi, on a processor that qemu-user plays. No
compiler, no archive but Debian's, wheels alone. Then it is booted with the realtime kernel:
Python 3.13, python3-rtmidi of Debian, pins by gpiod.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))
import inside
import report
from stage_vm import HERE, MACHINE, REPO, Stage, add_units, prepare

from tools.machine import debian, foreign, image, installed
from tools.machine.arches import ARCHES, BOOT_MODULES, MODULES
from tools.machine.parts import files
from tools.machine.steps import Failed, run

LIMIT_S = 2400.0


class Trixie(Stage):
    """The same machine of another root: one that was installed."""

    def _build(self) -> image.Kernel:
        debs = [MACHINE / "debian.py"]
        unpacked = self.folder / "kernel"
        fetch = partial(debian.fetch_kernel, self.arch, unpacked)
        make = partial(installed.make_root, self.arch, self.base)
        kernel_key = self.parts.part("kernel", debs, fetch)
        root_key = self.parts.part("Debian, installed", [MACHINE / "installed.py"], make)
        kernel = image.Kernel.find(unpacked)
        own = [path for name in installed.SOURCES for path in _all(REPO / name)]
        key = self.parts.part("the box, installed", own, self._install, [root_key])
        made = [*files(HERE / "guest/units"), HERE / "inside.py", MACHINE / "image.py"]
        disk = partial(self._make_disk, kernel)
        self.parts.part("its disk", made, disk, [kernel_key, key])
        return kernel

    def _install(self) -> None:
        run("cp", "-a", "--reflink=auto", self.base, self.root.with_suffix(".new"))
        said = installed.install(REPO, self.root.with_suffix(".new"))
        (self.folder / "installer.txt").write_text(said)
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.with_suffix(".new").rename(self.root)

    def _make_disk(self, kernel: image.Kernel) -> None:
        image.add_modules(kernel, (*self.arch.modules, *BOOT_MODULES, *MODULES), self.root)
        inside.settle(self.root)
        foreign.be_patient(self.root)
        add_units(self.root)
        image.make_disk(self.root, self.disk)
        self._make_first_disk(kernel, inside.INIT)

    def play(self, kernel: image.Kernel, plan: dict[str, object]) -> None:
        shutil.rmtree(self.results, ignore_errors=True)
        self.results.mkdir(parents=True)
        (self.results / "plan.json").write_text(json.dumps(plan))
        disk = self.folder / "played.ext4"
        run("cp", "--sparse=always", "--reflink=auto", self.disk, disk)
        try:
            step = self.steps.step("the machine, checks")
            with step, self._boot(kernel, disk, "trixie") as machine:
                machine.wait(LIMIT_S)
        finally:
            disk.unlink()


def _all(path: Path) -> list[Path]:
    return files(path) if path.is_dir() else [path]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--fresh", action="store_true", help="make the machine anew")
    parser.add_argument("--only", nargs="+", default=[], metavar="CHECK", help="by name")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # the machine goes too
    arch = ARCHES["arm64"]
    stage = Trixie(arch, REPO / "build/stage-machine/arm64-trixie", args.fresh)
    stage.results = stage.folder.parent / "results/arm64-trixie"
    try:
        with stage.steps.step("programs"):
            prepare(arch, args.install)
            _prepare_processor(args.install)
        kernel = stage.build()
        stage.play(kernel, {"only": args.only, "times": 1, "kills": 0, "seed": 0, "cut": False})
    except Failed as error:
        print(f"stage-vm-trixie: {error}", file=sys.stderr)
        report.show(stage.results, stage.steps, kernel="")
        return 2
    return report.show(stage.results, stage.steps, kernel.release)


def _prepare_processor(install: bool) -> None:
    """Programs of the machine's processor run here. Raises Failed."""
    arch = ARCHES["arm64"]
    if not foreign.is_foreign(arch) or installed.INTERPRETER.exists():
        return
    packages = ("qemu-user-static", "arch-test")
    if not install:
        raise Failed(f"missing: apt-get install {' '.join(packages)}  (or --install)")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run("apt-get", "install", "-q", "-y", "--no-install-recommends", *packages, env=quiet)
    if not installed.INTERPRETER.exists():
        raise Failed("this kernel runs no programs of other processors (binfmt_misc)")


if __name__ == "__main__":
    sys.exit(main())
