"""A machine of another processor, made without running a single program of it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from .arches import Arch
from .steps import run

COMMAND = """\
#!{home}/bin/python
import sys

from lkjam_box.cli import main

sys.exit(main())
"""


def is_foreign(arch: Arch) -> bool:
    return arch.host != platform.machine()


def install(files: Sequence[str], root: Path, home: str, tags: Sequence[str]) -> None:
    """An environment at ``home`` in the root filesystem, with those wheels."""
    folder = root / home.lstrip("/")
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    if not (folder / "bin/python").is_symlink():
        (folder / "bin/python").symlink_to("/usr/bin/python3")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    unpack(files, folder / "lib/python3.11/site-packages", tags)
    compile_python(root, folder / "lib")
    command = folder / "bin/lkjam-box"
    command.write_text(COMMAND.format(home=home))
    command.chmod(0o755)


def compile_python(root: Path, folder: Path) -> None:
    """What lies in ``folder`` of the root filesystem, where this Python is of its version: the
    service may not write there, and to compile it all at each start takes a minute."""
    if sys.version_info[:2] == (3, 11):
        command = (sys.executable, "-m", "compileall", "-q", "-j", "0")
        run(*command, "-s", root, "-p", "/", folder)


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
