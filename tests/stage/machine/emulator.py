"""The machine, running: QEMU by plain emulation, watched so that a hang is a failure."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.machine.arches import Arch
from tools.machine.steps import Failed

MEMORY_MIB = 1024
PROCESSOR = ("-accel", "tcg,thread=multi", "-smp", "2")
DETERMINISTIC = ("-accel", "tcg,thread=single", "-smp", "1", "-icount", "shift=1,sleep=off")
"""Time is what was computed: 500 million instructions a second on one core, host or no host."""
COUNTING = ("-cpu", "cortex-a53", "-accel", "tcg,thread=single", "-smp", "1")
COUNTING += ("-icount", "shift=0,sleep=off")
"""The same on the smallest core: a nanosecond is an instruction, so clocks count those."""
QUIET_S = 300.0  # no word from inside for so long: it hangs (longer than the guest waits for a box)
LAST_LINES = 40


@dataclass
class Machine:
    """A running one. ``progress`` is written inside, a line for every check."""

    process: subprocess.Popen[bytes]
    console: Path
    progress: Path
    began_s: float
    quiet_s: float = QUIET_S
    _read: int = 0
    _heard_s: float = 0.0

    def wait(self, limit_s: float, until: str = "") -> None:
        """Until it powers off, or says ``until``. Raises Failed with the console's last words."""
        while True:
            ended = self.process.poll() is not None  # asked before its last words are read
            for line in self._news():
                print(f"    {line}", flush=True)
                if until and line.endswith(until):
                    return
            now = time.monotonic()
            if ended:
                if until or self.process.returncode:
                    raise self._failed(f"ended early (QEMU: {self.process.returncode})")
                return
            if now - self._heard_s > self.quiet_s:
                raise self._failed(f"hangs: no word for {self.quiet_s:.0f} s")
            if now - self.began_s > limit_s:
                raise self._failed(f"is not through after {limit_s:.0f} s")
            time.sleep(0.05)

    def cut_power(self) -> None:
        self.process.kill()
        self.process.wait()

    def _news(self) -> list[str]:
        """Whole lines that came since."""
        try:
            data = self.progress.read_bytes()[self._read :]
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        if whole:
            self._read += len(whole)
            self._heard_s = time.monotonic()
        return whole.decode(errors="replace").splitlines()

    def _failed(self, how: str) -> Failed:
        lines = self.console.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return Failed("\n".join([f"the machine {how}; its console said last:", *lines]))


@contextlib.contextmanager
def boot(
    arch: Arch,
    kernel: Path,
    first_disk: Path,
    disk: Path,
    guest: Path,
    results: Path,
    name: str,
    *,
    processor: tuple[str, ...] = PROCESSOR,
    words: str = "",
    more: tuple[str, ...] = (),
) -> Iterator[Machine]:
    """The machine, until the block ends, whatever happens. ``words`` go to its kernel, ``more``
    to the emulator."""
    console, progress = results / f"console-{name}.log", results / f"progress-{name}"
    for path in (console, progress):
        path.write_bytes(b"")
    command = [
        *(arch.qemu, *arch.machine, *processor),
        *("-m", str(MEMORY_MIB), "-nodefaults", "-no-reboot", "-display", "none"),
        *("-kernel", str(kernel), "-initrd", str(first_disk)),
        "-append",
        f"console={arch.console} quiet loglevel=4 panic=-1 mitigations=off "
        f"systemd.show_status=false stage.part={name} {words}",
        *("-drive", f"file={disk},if=none,id=d0,format=raw,cache=unsafe"),
        *("-device", "virtio-blk-pci,drive=d0", "-device", "virtio-rng-pci"),
        *_share("guest", guest, ",readonly=on"),
        *_share("results", results, ""),
        *("-serial", f"file:{console}", *more),
    ]
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except FileNotFoundError as error:
        raise Failed(f"{arch.qemu} is not installed (try --install)") from error
    now = time.monotonic()
    machine = Machine(process, console, progress, now, _heard_s=now)
    try:
        yield machine
    finally:
        if process.poll() is None:
            machine.cut_power()


def _share(tag: str, folder: Path, more: str) -> tuple[str, str]:
    return (
        "-virtfs",
        f"local,path={folder},mount_tag={tag},security_model=none,id={tag}{more}",
    )
