"""The image on an emulated Raspberry Pi 3: booted from the card's own files, asked, cut off.

    python -m firmware.image.emulate [IMAGE] [--keep FOLDER]

QEMU's ``raspi3b`` has no boot ROM, so its part is played here: ``config.txt`` and what it names
is read from the first partition, overlays are applied, ``cmdline.txt`` goes to the kernel. A copy
of the image gets one service more, that tells what it finds; nothing else in it is changed but
how long systemd waits. Prints a table; ends with 1 where something is wrong, 2 where it did not
come to that.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.machine.steps import Failed, run

from ..overlays import make
from . import config_txt, contents, judge, layout

PROOF = contents.HERE / "proof"
QEMU = "qemu-system-aarch64"
BOARD, SECTION = "bcm2837-rpi-3-b", "pi3"
REVISION = "a02082"  # what the Pi's firmware calls a Pi 3B in the device tree
# The kernel's last words, where it should die; and no watchdog: QEMU takes the start of the Pi's
# for a reset (hw/misc/bcm2835_powermgt.c knows no counting).
WORDS = "console=ttyS1,115200 systemd.watchdog_sec=0"
LIMIT_S, QUIET_S = 600.0, 240.0
BOOTS = {  # what is not asked again after the power cut
    "first": "",
    "after-power-cut": "proof.skip=check proof.skip=cable proof.skip=machine proof.skip=midi",
}
UNIT = "/etc/systemd/system/lkjam-proof.service"
WANTS = "/etc/systemd/system/multi-user.target.wants"
INSIDE = "/usr/lib/lkjam-box/proof"


@dataclass(frozen=True)
class Config:
    """What ``config.txt`` names for one board."""

    kernel: str
    first_disk: str
    overlays: tuple[str, ...]


def parse_config(text: str, section: str) -> Config:
    """What the Pi's firmware would take from it on a board of ``section``."""
    lines = config_txt.in_force(text, section)
    found = config_txt.settings(lines)
    overlays = tuple(one.partition(",")[0] for one in config_txt.overlays(lines))
    return Config(found["kernel"], found["initramfs"].split()[0], overlays)


class Card:
    """A copy of an image, made ready for the emulator."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.folder, self.image = folder, folder / "card.img"
        folder.mkdir(parents=True, exist_ok=True)
        run("cp", "--sparse=always", "--reflink=auto", image, self.image)
        self.places = layout.places(self.image)
        size = 1 << (self.image.stat().st_size - 1).bit_length()  # as QEMU wants cards
        with open(self.image, "r+b") as file:
            file.truncate(size)

    def read_boot(self, name: str) -> Path:
        """A file of the first partition."""
        out = self.folder / Path(name).name
        at = self.places["boot"].offset
        run("mcopy", "-n", "-o", "-i", f"{self.image}@@{at}", f"::/{name}", out)
        return out

    def change_root(self, *commands: str) -> None:
        """Commands of debugfs, on the system's partition."""
        script = self.folder / "debugfs"
        script.write_text("\n".join(commands) + "\n")
        at = self.places["root"].offset
        said = run("debugfs", "-w", "-f", script, f"{self.image}?offset={at}")
        wrong = [line for line in said.splitlines() if "File not found" in line]
        if wrong:
            raise Failed(f"{self.image.name}: {'; '.join(wrong)}")

    def spy(self) -> None:
        """The service that tells."""
        self.change_root(
            f"mkdir {INSIDE}",
            *(f"write {path} {INSIDE}/{path.name}" for path in sorted(PROOF.glob("*.py"))),
            f"write {make.PINMAP} {INSIDE}/pinmap.toml",
            f"write {PROOF / 'lkjam-proof.service'} {UNIT}",
            f"symlink {WANTS}/lkjam-proof.service ../lkjam-proof.service",
            f"write {PROOF / 'patient.conf'} /etc/systemd/system/lkjam-box.service.d/z.conf",
        )

    def board_tree(self, config: Config) -> Path:
        """The device tree as the Pi's firmware would hand it over, and the proof's port."""
        overlays = [self.read_boot(f"overlays/{name}.dtbo") for name in config.overlays]
        own = self.folder / "proof.dtbo"
        run("dtc", "-q", "-@", "-O", "dtb", "-o", own, PROOF / "proof.dts")
        out = self.folder / "board.dtb"
        base = self.read_boot(f"{BOARD}.dtb")
        run("fdtoverlay", "-i", base, "-o", out, *overlays, own)
        run("fdtput", "-p", "-t", "x", out, "/system", "linux,revision", REVISION)
        return out


class Midi:
    """The other end of the MIDI wire: what comes is sent back."""

    def __init__(self, path: Path) -> None:
        self._path, self._ends = path, threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def __enter__(self) -> Midi:
        self._thread.start()
        return self

    def __exit__(self, *about: object) -> None:
        self._ends.set()
        self._thread.join()

    def _answer(self) -> None:
        with socket.socket(socket.AF_UNIX) as wire:
            while not self._ends.wait(0.1):
                with contextlib.suppress(OSError):
                    wire.connect(str(self._path))
                    break
            wire.settimeout(0.2)
            while not self._ends.is_set():
                with contextlib.suppress(TimeoutError, OSError):
                    if data := wire.recv(64):
                        wire.sendall(data)
                    else:
                        return


@contextlib.contextmanager
def running(card: Card, name: str, words: str = "") -> Iterator[tuple[subprocess.Popen, Path]]:
    """QEMU, and the file that the machine's words go to; power off at the end."""
    config = parse_config(card.read_boot("config.txt").read_text(), SECTION)
    command_line = card.read_boot("cmdline.txt").read_text().strip()
    console, midi = card.folder / f"console-{name}.log", card.folder / "midi"
    console.write_bytes(b"")
    midi.unlink(missing_ok=True)
    command = [
        *(QEMU, "-M", "raspi3b", "-accel", "tcg,thread=multi", "-display", "none", "-no-reboot"),
        *("-kernel", card.read_boot(config.kernel), "-initrd", card.read_boot(config.first_disk)),
        *("-dtb", card.board_tree(config), "-append", f"{command_line} {WORDS} {words}".strip()),
        *("-drive", f"file={card.image},if=sd,format=raw,cache=writeback"),
        *("-serial", f"unix:{midi},server=on,wait=off", "-serial", f"file:{console}"),
    ]
    try:
        process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise Failed(f"{QEMU} is missing: run hardware/tools/firmware.sh") from error
    try:
        with Midi(midi):
            yield process, console
    finally:
        process.kill()
        process.wait()


def facts(card: Card, name: str, words: str = "") -> dict[str, object]:
    """Boot, listen until it has told everything, cut the power. Raises Failed."""
    began_s = time.monotonic()
    with running(card, name, words) as (process, console):
        while True:
            lines = console.read_text(errors="replace").splitlines()
            found: dict[str, object] = {}
            for line in lines:
                if line.startswith("PROOF {") and line.endswith("}"):
                    found |= json.loads(line.removeprefix("PROOF "))
            if "done" in found:
                time.sleep(1.0)  # it writes now
                break
            quiet_s = time.time() - console.stat().st_mtime
            ended = process.poll() is not None
            if ended or quiet_s > QUIET_S or time.monotonic() - began_s > LIMIT_S:
                how = "ended" if ended else "is not through"
                told = ", ".join(found) or "nothing"
                raise Failed(
                    "\n".join([f"{name}: it {how}; it told {told}; last words:", *lines[-25:]])
                )
            time.sleep(0.5)
    found["boot_s"] = round(time.monotonic() - began_s, 1)
    log = [line.removeprefix("LOG ") for line in lines if line.startswith("LOG ")]
    (card.folder / f"boot-{name}.log").write_text("\n".join(log) + "\n")
    (card.folder / f"facts-{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("image", nargs="?", type=Path, default=contents.REPO / "out/lkjam-box.img")
    parser.add_argument("--keep", type=Path, default=contents.REPO / "build/card-boot")
    args = parser.parse_args()
    if not args.image.exists():
        print(f"image-boot: no {args.image}: run make image", file=sys.stderr)
        return 2
    shutil.rmtree(args.keep, ignore_errors=True)
    wrong = []
    try:
        card = Card(args.image, args.keep)
        card.spy()
        for name, words in BOOTS.items():
            found = facts(card, name, words)
            said = judge.wrong(found, starts_before=0 if name == "first" else 1)
            print(judge.page(name, found))
            wrong += [f"{name}: {line}" for line in said]
    except Failed as error:
        print(f"image-boot: {error}", file=sys.stderr)
        return 2
    print("\n".join(wrong) or f"passed; logs in {args.keep}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
