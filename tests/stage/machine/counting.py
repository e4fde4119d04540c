"""A machine whose clocks count instructions, for the box as it stands in this checkout.

    python tests/stage/machine/counting.py [--install] [--folder DIR] -- SCRIPT.py [ARGUMENT ...]

A 64-bit ARM (Cortex-A53, one core) under QEMU's ``-icount shift=0``: a nanosecond of any of its
clocks is an instruction. It is the machine of ``stage_vm.py --arch arm64`` without systemd: the
kernel, then the one command that was asked for, with the ALSA sequencer there. The disk is kept and
never written to (QEMU's ``-snapshot``); the box lies on a second one, made for each run.
"""

from __future__ import annotations

import argparse
import fcntl
import shlex
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))
import emulator
from stage_vm import HERE, REPO, Stage, prepare

from tools.machine import foreign, image
from tools.machine.arches import ARCHES
from tools.machine.steps import Failed

FOLDER = REPO / "build/stage-machine"
LIMIT_S = 1800.0
BOX = "/box"
"""Where the second disk is: the package, compiled, and whatever stands beside it."""
PYTHON = "/opt/lkjam-box/bin/python"
INIT = """\
#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev
for module in /m/*; do $b insmod $module; done
tries=0
while [ ! -b /dev/vdb ] && [ $tries -lt 600 ]; do
  tries=$((tries+1)); $b usleep 50000
done
$b mount -t ext4 -o rw,noatime /dev/vda /newroot || exec $b sh
cd /newroot
$b mkdir -p box dev/pts
$b mount -t ext4 -o ro,noload /dev/vdb box
$b mount --move /dev dev
$b mkdir -p dev/pts dev/shm
$b mount -t devpts pts dev/pts
for place in dev/shm run tmp root; do $b mount -t tmpfs tmp $place; done
$b mount -t proc proc proc
$b mount -t sysfs sys sys
p9=trans=virtio,version=9p2000.L,msize=262144
$b mount -t 9p -o ro,$p9 guest guest
$b mount -t 9p -o rw,$p9 results results
exec $b switch_root /newroot /bin/sh /results/run.sh
"""
RUN = """\
export PATH=/opt/lkjam-box/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
export PYTHONPATH={box} PYTHONDONTWRITEBYTECODE=1 LKJAM_CLOCK=instructions
modprobe -a snd-hrtimer snd-seq
for timer in $(pgrep ktimers); do chrt -f -p 90 $timer; done
cd /root
{command} >> /results/progress-{name} 2>&1
echo $? > /results/code
exec systemctl poweroff -ff
"""


class CountingMachine(Stage):
    """``build`` it, then ``run`` commands in it."""

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        arch = ARCHES["arm64"]
        super().__init__(arch, folder / arch.debian, fresh)
        self.disk, self.first_disk = self.folder / "counting.ext4", self.folder / "counting.img"

    def _build(self) -> image.Kernel:
        kernel, keys = self._build_base()
        self.parts.part("its disk", [HERE / "counting.py"], partial(self._make_disk, kernel), keys)
        return kernel

    def _make_disk(self, kernel: image.Kernel) -> None:
        image.make_disk(self.base, self.disk)
        self._make_first_disk(kernel, INIT)

    def run(
        self,
        kernel: image.Kernel,
        command: list[str],
        guest: Path,
        results: Path,
        repo: Path = REPO,
        limit_s: float = LIMIT_S,
    ) -> int:
        """The command's exit code. ``guest`` and ``results`` are /guest and /results inside;
        results are emptied before. Waits while another one runs: two only slow each other."""
        with open(self.folder / "running", "w") as running:
            fcntl.flock(running, fcntl.LOCK_EX)
            return self._run(kernel, command, guest, results, repo, limit_s)

    def _run(
        self,
        kernel: image.Kernel,
        command: list[str],
        guest: Path,
        results: Path,
        repo: Path,
        limit_s: float,
    ) -> int:
        name = "run"
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)
        words = RUN.format(box=BOX, command=shlex.join(command), name=name)
        (results / "run.sh").write_text(words)
        with tempfile.TemporaryDirectory(prefix="counting-") as scratch:
            box = Path(scratch) / "box.ext4"
            self._pack(repo, Path(scratch) / "box", box)
            with emulator.boot(
                *(self.arch, kernel.image, self.first_disk, self.disk),
                *(guest, results, name),
                processor=emulator.COUNTING,
                more=(
                    *("-snapshot", "-drive", f"file={box},if=none,id=d1,format=raw"),
                    *("-device", "virtio-blk-pci,drive=d1"),
                ),
            ) as machine:
                machine.quiet_s = limit_s  # a bench that counts does not speak
                machine.wait(limit_s)
        code = results / "code"
        return int(code.read_text()) if code.exists() else 1

    def _pack(self, repo: Path, folder: Path, disk: Path) -> None:
        """The package of ``repo``, compiled, on a disk."""
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repo / "lkjam_box", folder / "lkjam_box", ignore=skip)
        about = folder / "lkjam_box-0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lkjam-box\nVersion: 0\n")
        foreign.compile_python(folder, folder)
        image.make_disk(folder, disk)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the machine is kept")
    parser.add_argument("--repo", type=Path, default=REPO, help="whose box runs in it")
    parser.add_argument("--results", type=Path, help="a folder that is /results inside; emptied")
    parser.add_argument("script", type=Path, help="a Python program; its folder is /guest inside")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    machine = CountingMachine(args.folder)
    script = args.script.resolve()
    results = args.results or Path(tempfile.mkdtemp(prefix="counting-results-"))
    try:
        prepare(machine.arch, args.install)
        command = [PYTHON, f"/guest/{script.name}", *args.arguments]
        return machine.run(machine.build(), command, script.parent, results, args.repo)
    except (Failed, OSError) as error:
        print(f"counting: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
