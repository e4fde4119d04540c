"""An image looked at without booting it: what lies in its partitions. Pure but for the reading."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.machine import project
from tools.machine.steps import Failed, run

from . import contents, layout

UNITS = "/etc/systemd/system"
WANTED = {  # what is started, by whom; nothing else of ours or Debian's in /etc
    "multi-user.target.wants": {
        "lkjam-box.service",
        "lkjam-box-tune.service",
        "lkjam-box-drive.service",
        "lkjam-box-gadget.service",
    },
    "sysinit.target.wants": {"lkjam-box-splash.service"},
    "local-fs.target.wants": {"lkjam-box-state.service"},
}


@dataclass(frozen=True)
class Look:
    """Files of one image."""

    image: Path

    def _root(self, command: str) -> str:
        at = layout.places(self.image)["root"].offset
        done = subprocess.run(
            ["debugfs", "-R", command, f"{self.image}?offset={at}"], capture_output=True, text=True
        )
        if "File not found" in done.stderr:
            raise Failed(f"{self.image.name}: {command}: not there")
        return done.stdout

    def read(self, path: str) -> str:
        return self._root(f"cat {path}")

    def names(self, folder: str) -> set[str]:
        try:
            rows = self._root(f"ls -p {folder}").splitlines()
        except Failed:
            return set()
        return {row.split("/")[5] for row in rows if row.count("/") > 5} - {".", ".."}

    def target(self, link: str) -> str:
        found = re.search(r'Fast link dest: "([^"]*)"', self._root(f"stat {link}"))
        return found[1] if found else ""

    def boot_names(self) -> set[str]:
        at = layout.places(self.image)["boot"].offset
        return set(run("mdir", "-b", "-/", "-i", f"{self.image}@@{at}", "::/").split("\n"))

    def boot(self, name: str) -> str:
        at = layout.places(self.image)["boot"].offset
        return run("mtype", "-i", f"{self.image}@@{at}", f"::/{name}")


def wrong(look: Look) -> list[str]:
    """A line for each thing that is not as it must be."""
    return [*_boot(look), *_doors(look), *_writes(look), *_units(look), *_package(look)]


def _boot(look: Look) -> list[str]:
    there = look.boot_names()
    needed = {f"{board}.dtb" for board in contents.BOARDS} | set(contents.PI_FIRMWARE)
    needed |= {f"overlays/{name}.dtbo" for name in contents.OVERLAYS}
    needed |= {"vmlinuz", "initrd.img", "config.txt", "cmdline.txt", "LICENCE.raspi-firmware"}
    found = [f"boot: {name} is missing" for name in sorted(needed) if f"::/{name}" not in there]
    words = look.boot("cmdline.txt").split()
    if "ro" not in words or "rw" in words:
        found.append("boot: cmdline.txt does not ask for a read-only root")
    consoles = [word for word in words if word.startswith("console=") and "tty0" not in word]
    return found + [f"boot: cmdline.txt: {word} takes the MIDI wire" for word in consoles]


def _doors(look: Look) -> list[str]:
    found = []
    for line in look.read("/etc/shadow").splitlines():
        user, word = line.split(":")[:2]
        if not word.startswith(("*", "!")):
            found.append(f"password: {user} has one")
    if look.target(f"{UNITS}/getty@.service") != "/dev/null":
        found.append("login: getty@.service is not off")
    found += [f"server: {name}" for name in ("sshd", "dropbear") if name in look.names("/usr/sbin")]
    left = {"apt", "resolv.conf"} & look.names("/etc")
    return found + [f"/etc/{name}: of the machine that built it" for name in sorted(left)]


def _writes(look: Look) -> list[str]:
    found = []
    for line in look.read("/etc/fstab").splitlines():
        words = line.split()
        if words and not line.startswith("#") and words[2] != "tmpfs":
            found.append(f"fstab: {line}: only memory is mounted there")
    if look.read("/etc/machine-id"):
        found.append("machine-id: every copy would have the same")
    if "Storage=volatile" not in look.read("/etc/systemd/journald.conf.d/lkjam-box.conf"):
        found.append("journal: written to the card")
    if "RuntimeWatchdogSec=15" not in look.read("/etc/systemd/system.conf.d/lkjam-box.conf"):
        found.append("watchdog: off")
    return found


def _units(look: Look) -> list[str]:
    found = []
    for name in sorted(look.names(UNITS)):
        if name.endswith(".wants"):
            there, allowed = look.names(f"{UNITS}/{name}"), WANTED.get(name, set())
            there -= set(contents.OFF)
            found += [f"units: {unit} is started by {name}" for unit in sorted(there - allowed)]
            found += [f"units: {unit} is not started" for unit in sorted(allowed - there)]
    return found


def _package(look: Look) -> list[str]:
    rooms = look.names(f"{project.HOME}/lib/python{project.PYTHON}/site-packages/lkjam_box")
    found = [f"package: {room} is for a laptop" for room in contents.LEFT_OUT if room in rooms]
    return found if "stage" in rooms else [*found, "package: the box is missing"]
