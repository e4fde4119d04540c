"""A machine installed as a person would: Debian's packages with their own scripts, then
``firmware/install.sh``. Where its processor is foreign, qemu-user plays it: minutes, not seconds.

It looks like a Raspberry Pi to the installer. Nothing comes from elsewhere than Debian's archive
and the package index, as wheels: there is no compiler in it, and none is let in.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import debian
from .arches import Arch
from .steps import Failed, run

RELEASE = "trixie"
INTERPRETER = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")  # made by the package qemu-user-static
PACKAGES = ("systemd-sysv", "udev", "dbus", "kmod", "procps", "ca-certificates")
SOURCES = ("firmware", "lkjam_box", "systemd", "docs/lkjam-box.sample.yaml")
SOURCES += ("constraints.txt", "pyproject.toml", "README.md", "LICENSE")
SOURCE_HOME = "usr/src/lkjam-box"
LIKE_A_PI = {
    "boot/firmware/config.txt": "[all]\n",
    "boot/firmware/cmdline.txt": "console=serial0,115200 console=tty1 rootwait\n",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
}
COMPILERS = ("gcc", "cc", "clang", "tcc")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # of this host, for the package index


def make_root(arch: Arch, folder: Path) -> None:
    """Debian as it is installed, and what makes it a Pi for the installer."""
    shutil.rmtree(folder, ignore_errors=True)
    run(
        *("mmdebstrap", "--variant=important", f"--arch={arch.debian}", "--quiet"),
        *(f"--include={','.join(PACKAGES)}", "--components=main", "--skip=check/empty"),
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in debian.LEFT_OUT),
        *(RELEASE, folder, debian.archive()),
        env=dict(os.environ, SYSTEMD_HWDB_UPDATE_BYPASS="1"),  # minutes, for devices it lacks
    )


def install(repo: Path, root: Path, *words: str) -> str:
    """What ``firmware/install.sh`` says, run inside. Raises Failed."""
    for name, text in LIKE_A_PI.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    home = root / SOURCE_HOME
    shutil.rmtree(home, ignore_errors=True)
    for name in SOURCES:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        if (repo / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__")
            shutil.copytree(repo / name, home / name, ignore=skip)
        else:
            shutil.copy(repo / name, home / name)
    inside = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "PIP_ONLY_BINARY": ":all:",
        "PIP_CERT": "/tmp/certificates",
    }
    names = ("etc/resolv.conf", "tmp/certificates")
    kept = (Path("/etc/resolv.conf"), CERTIFICATES)
    for name, path in zip(names, kept, strict=True):
        (root / name).unlink(missing_ok=True)
        shutil.copy(path, root / name)
    said = run("chroot", root, "sh", f"/{SOURCE_HOME}/firmware/install.sh", *words, env=inside)
    for name in (*names, *LIKE_A_PI):
        if not name.startswith("boot"):
            (root / name).unlink()
    if found := [name for name in COMPILERS if (root / "usr/bin" / name).exists()]:
        raise Failed(f"it was to be installed without a compiler, but there is {found[0]}")
    shutil.rmtree(home)
    return said
