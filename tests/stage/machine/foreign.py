"""A machine of another processor, made without running a single program of it.

Packages are unpacked, not installed: emulating their install scripts took five times as long
as all the rest. What those scripts would have written, and the box needs, is written here.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from arches import Arch
from steps import run

HOOK = "/usr/share/mmdebstrap/hooks/merged-usr"
# Tools that a debootstrapped system has, and one that is only unpacked must name.
BASE = (
    *("base-files", "base-passwd", "bash", "coreutils", "dash", "findutils", "grep", "gzip"),
    *("libc-bin", "libgcc-s1", "libstdc++6", "login", "mawk", "mount", "passwd", "sed", "tar"),
)
SYSTEM_GROUPS = ("systemd-journal", "messagebus", "input", "kvm", "render", "gpio", "i2c", "spi")
FIRST_GROUP = 300
COMMAND = """\
#!{home}/bin/python
import sys

from lkjam_box.cli import main

sys.exit(main())
"""


def is_foreign(arch: Arch) -> bool:
    return arch.host != platform.machine()


def settle(root: Path) -> None:
    """Users, groups and folders, which the packages' own scripts would have made."""
    for name in ("passwd", "group"):
        shutil.copy(root / f"usr/share/base-passwd/{name}.master", root / f"etc/{name}")
    users = [line.split(":")[0] for line in (root / "etc/passwd").read_text().splitlines()]
    (root / "etc/shadow").write_text("".join(f"{user}:*:19000:0:99999:7:::\n" for user in users))
    with open(root / "etc/group", "a") as file:
        for number, name in enumerate(SYSTEM_GROUPS, FIRST_GROUP):
            file.write(f"{name}:x:{number}:\n")
    for name in ("dev", "proc", "sys", "run", "tmp", "root", "boot", "opt", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)


def install(files: Sequence[str], root: Path, home: str, tags: Sequence[str]) -> None:
    """An environment at ``home`` in the root filesystem, with those wheels."""
    folder = root / home.lstrip("/")
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    if not (folder / "bin/python").is_symlink():
        (folder / "bin/python").symlink_to("/usr/bin/python3")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    unpack(files, folder / "lib/python3.11/site-packages", tags)
    command = folder / "bin/lkjam-box"
    command.write_text(COMMAND.format(home=home))
    command.chmod(0o755)


def unpack(files: Sequence[str], folder: Path, tags: Sequence[str]) -> None:
    """Wheels of the other processor into a folder of modules."""
    run(
        *(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"),
        *("--no-index", "--no-compile", "--no-deps", "--only-binary=:all:", "--upgrade"),
        *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"),
        *(word for tag in tags for word in ("--platform", tag)),
        *("--target", folder, *files),
    )


def be_patient(root: Path) -> None:
    """The emulator is so slow that systemd would think the box dead."""
    folder = root / "etc/systemd/system/lkjam-box.service.d"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "patient.conf").write_text("[Service]\nWatchdogSec=120\nTimeoutStartSec=300\n")
