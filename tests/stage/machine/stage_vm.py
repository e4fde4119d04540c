"""The box on a stage of its own: real kernel devices, real services, a realtime kernel.

    python tests/stage/machine/stage_vm.py [--install] [--fresh] [--only CHECK ...]

Builds a Debian machine (kept under build/stage-machine, made anew when what it is made of
changed), boots it in QEMU by plain emulation and runs the checks of ``guest/`` inside: no Pi,
no root rights on the host's devices, no KVM. Prints one table and exits with 1 when a check
failed, with 2 when there was no machine to run one in.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))
import emulator
import inside
import report

from tools.machine import debian, foreign, image, project
from tools.machine.arches import ARCHES, BOOT_MODULES, MODULES, Arch
from tools.machine.parts import Parts, files
from tools.machine.steps import Failed, Steps, run

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[2]
MACHINE = REPO / "tools/machine"
TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "depmod": "kmod",
    "cpio": "cpio",
}
BESIDE = ("gpiod>=2.2",)  # tried on the same pins as lgpio
LIMIT_S, A_ROUND_S, A_KILL_S = 900.0, 300.0, 2.0  # for one run of the machine, and what is asked
CUT_AFTER_S = (0.5, 3.0)  # the power goes so long after writing began


class Stage:
    """One machine: where its parts lie and which of them are up to date."""

    def __init__(self, arch: Arch, folder: Path, fresh: bool) -> None:
        self.arch, self.folder = arch, folder
        self.steps = Steps()
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        self.parts = Parts(folder, self.steps)
        self.results = folder.parent / "results" / arch.debian
        self.base, self.wheels = folder / "base", folder / "wheels"
        self.root, self.disk = folder / "root", folder / "disk.ext4"
        self.first_disk = folder / "first-disk.img"

    def build(self) -> image.Kernel:
        """Whatever is not there yet, or not any more what it was made of."""
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._build()

    def _build(self) -> image.Kernel:
        kernel, keys = self._build_base()
        own = [
            path
            for folder in (REPO / "lkjam_box", REPO / "systemd", HERE / "guest/units")
            for path in files(folder)
        ]
        self.parts.part("the box and its disk", own, partial(self._make_disk, kernel), keys)
        return kernel

    def _build_base(self) -> tuple[image.Kernel, list[str]]:
        """All but the box itself, and the keys of those parts."""
        base, wheels = self.base, self.wheels
        unpacked, second = self.folder / "kernel", self.folder / "second-runtime"
        is_foreign = foreign.is_foreign(self.arch)
        needs = [REPO / "pyproject.toml", REPO / "constraints.txt", MACHINE / "project.py"]
        made = [MACHINE / f"{name}.py" for name in ("arches", "foreign", "image")]
        made += [HERE / "inside.py", HERE / "stage_vm.py"]
        debs = [MACHINE / "debian.py"]
        first = (
            ("kernel", debs, partial(debian.fetch_kernel, self.arch, unpacked)),
            ("root filesystem", debs, partial(debian.make_root, self.arch, base)),
            ("wheels", needs, partial(project.fetch_wheels, REPO, self.arch, wheels, *BESIDE)),
        )
        if is_foreign:
            fetch = partial(project.fetch_second_runtime, self.arch, second)
            first = (*first, ("second runtime", needs, fetch))
        with ThreadPoolExecutor() as pool:
            keys = [future.result() for future in [pool.submit(self.parts.part, *p) for p in first]]
        kernel = image.Kernel.find(unpacked)

        def fill() -> None:
            names = (*self.arch.modules, *BOOT_MODULES, *MODULES)
            image.add_modules(kernel, names, base)
            inside.settle(base)
            shutil.rmtree(base / project.HOME.lstrip("/"), ignore_errors=True)
            project.install(self.arch, wheels, base, *_names(wheels))
            if is_foreign:
                others = [str(path) for path in second.glob("*.whl")]
                second_home = base / project.SECOND_HOME.lstrip("/")
                shutil.rmtree(second_home, ignore_errors=True)
                foreign.unpack(others, second_home, project.tags(self.arch))

        return kernel, [self.parts.part("modules and wheels in it", [*needs, *made], fill, keys)]

    def _make_disk(self, kernel: image.Kernel) -> None:
        wheel = project.build_wheel(REPO, self.folder / "own")
        shutil.rmtree(self.root, ignore_errors=True)
        run("cp", "-a", "--reflink=auto", self.base, self.root)
        shutil.copytree(self.wheels, self.folder / "own", dirs_exist_ok=True)
        project.install(self.arch, self.folder / "own", self.root, f"{wheel.name}[box]")
        project.install_service(REPO, self.root)
        if foreign.is_foreign(self.arch):
            foreign.be_patient(self.root)
        add_units(self.root)
        image.make_disk(self.root, self.disk)
        self._make_first_disk(kernel, inside.INIT)
        shutil.rmtree(self.root)

    def _make_first_disk(self, kernel: image.Kernel, init: str) -> None:
        busybox = Path(shutil.which("busybox") or "/bin/busybox")
        if foreign.is_foreign(self.arch):
            busybox = debian.fetch_busybox(self.arch, self.folder / "busybox")
        modules = (*self.arch.modules, *BOOT_MODULES)
        image.make_first_disk(kernel, modules, busybox, init, self.first_disk)

    def play(self, kernel: image.Kernel, plan: dict[str, object]) -> None:
        """All checks: in one boot, and, once the power was cut, in a second one.

        On another processor fewer: whether the wheels load there, and a set.
        """
        part = "foreign" if foreign.is_foreign(self.arch) else "play"
        shutil.rmtree(self.results, ignore_errors=True)
        self.results.mkdir(parents=True)
        (self.results / "plan.json").write_text(json.dumps(plan))
        limit_s = LIMIT_S + A_ROUND_S * int(str(plan["times"])) + A_KILL_S * int(str(plan["kills"]))
        disk = self.folder / "played.ext4"
        run("cp", "--sparse=always", "--reflink=auto", self.disk, disk)
        try:
            with (
                self.steps.step("the machine, checks"),
                self._boot(kernel, disk, part) as machine,
            ):
                if plan["cut"]:
                    machine.wait(limit_s, until="WRITING")
                    time.sleep(random.Random(str(plan["seed"])).uniform(*CUT_AFTER_S))
                    machine.cut_power()
                else:
                    machine.wait(limit_s)
            if plan["cut"]:
                step = self.steps.step("the machine, after the power cut")
                with step, self._boot(kernel, disk, "cut") as machine:
                    machine.wait(limit_s)
        finally:
            disk.unlink()

    def _boot(self, kernel: image.Kernel, disk: Path, name: str):  # type: ignore[no-untyped-def]
        return emulator.boot(
            *(self.arch, kernel.image, self.first_disk, disk),
            *(HERE / "guest", self.results, name),
        )


def add_units(root: Path) -> None:
    """The instruments, and the checks."""
    units = root / "etc/systemd/system"
    for unit in files(HERE / "guest/units"):
        shutil.copy(unit, units)
        wants = units / "multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit.name).unlink(missing_ok=True)
        (wants / unit.name).symlink_to(f"../{unit.name}")


def _names(wheels: Path) -> list[str]:
    return sorted(path.name for path in wheels.glob("*.whl"))


def prepare(arch: Arch, install: bool) -> None:
    """The programs this needs. Raises Failed where some are missing."""
    packages = [package for name, package in TOOLS.items() if shutil.which(name) is None]
    packages += [arch.qemu_package] if shutil.which(arch.qemu) is None else []
    static = subprocess.run(
        ["dpkg-query", "-W", "-f=${Status}", arch.busybox_package], capture_output=True, text=True
    )
    packages += [] if static.stdout.endswith("ok installed") else [arch.busybox_package]
    packages += [] if debian.KEYRING.exists() else ["debian-archive-keyring"]
    if os.geteuid() != 0:
        raise Failed("not root: unpacking a root filesystem and chroot need it; try sudo")
    if packages and not install:
        raise Failed(f"missing: apt-get install {' '.join(packages)}  (or --install)")
    if packages:
        run("apt-get", "update", "-q")
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        run("apt-get", "install", "-q", "-y", "--no-install-recommends", *packages, env=quiet)


def main() -> int:
    here = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "amd64")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--fresh", action="store_true", help="make the machine anew")
    parser.add_argument("--arch", choices=sorted(ARCHES), default=here, help="processor")
    parser.add_argument("--only", nargs="+", default=[], metavar="CHECK", help="by name")
    parser.add_argument("--times", type=int, default=1, help="how often each fault is made")
    parser.add_argument("--kills", type=int, default=60, help="of realtime processes with ports")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the power cut")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # the machine goes too
    stage = Stage(ARCHES[args.arch], REPO / "build/stage-machine" / args.arch, args.fresh)
    plan: dict[str, object] = {
        "only": args.only,
        "times": args.times,
        "kills": args.kills,
        "seed": args.seed,
        "cut": not foreign.is_foreign(stage.arch) and (not args.only or "power_cut" in args.only),
    }
    try:
        with stage.steps.step("programs"):
            prepare(stage.arch, args.install)
        kernel = stage.build()
        stage.play(kernel, plan)
    except Failed as error:
        print(f"stage-vm: {error}", file=sys.stderr)
        report.show(stage.results, stage.steps, kernel="")
        return 2
    return report.show(stage.results, stage.steps, kernel.release)


if __name__ == "__main__":
    sys.exit(main())
