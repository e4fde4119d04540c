"""The box in the machine, installed as a user would: a wheel, an environment, unit files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from . import foreign
from .arches import Arch
from .steps import run

HOME = "/opt/lkjam-box"
PYTHON = "3.11"  # of debian.USERLAND
# What the extra `box` leaves to the machine it is installed on.
BESIDE = ("python-rtmidi>=1.5.8", "lgpio>=0.2.2")
SECOND_RUNTIME = ("tflite-runtime==2.14.0", "numpy==1.26.4")
SECOND_HOME = "/opt/tflite"
GLIBC = (17, 27, 28, 34, 36)  # of the manylinux tags that Debian 12 can use
SOURCES = ("lkjam_box", "pyproject.toml", "README.md", "LICENSE")


def build_wheel(repo: Path, folder: Path) -> Path:
    """The wheel of what stands in ``repo`` now, made from a copy: old builds leave files."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="stage-wheel-") as name:
        copy = Path(name)
        for source in SOURCES:
            path = repo / source
            if path.is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(path, copy / source, ignore=skip)
            else:
                shutil.copy(path, copy / source)
        run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, copy)
    return next(folder.glob("lkjam_box-*.whl"))


def tags(arch: Arch) -> list[str]:
    """pip's names of what runs in the machine."""
    return [*(f"manylinux_2_{n}_{arch.wheels}" for n in GLIBC), f"manylinux2014_{arch.wheels}"]


def fetch_wheels(repo: Path, arch: Arch, folder: Path, *more: str) -> None:
    """All that the box needs, and ``more``, for the machine's Python and processor."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="stage-wheels-") as name:
        wheel = build_wheel(repo, Path(name) / "own")
        run(
            *(sys.executable, "-m", "pip", "download", "-q", "--dest", folder),
            *("--only-binary=:all:", "--implementation", "cp", "--abi", "cp311"),
            *("--python-version", PYTHON),
            *(word for tag in tags(arch) for word in ("--platform", tag)),
            *("-c", repo / "constraints.txt", f"{wheel}[box]", *BESIDE, *more),
        )
    for wheel in folder.glob("lkjam_box-*.whl"):
        wheel.unlink()


def fetch_second_runtime(arch: Arch, folder: Path) -> None:
    """TFLite of its last own release, with the numpy it was built for."""
    shutil.rmtree(folder, ignore_errors=True)
    run(
        *(sys.executable, "-m", "pip", "download", "-q", "--dest", folder, "--no-deps"),
        *("--only-binary=:all:", "--implementation", "cp", "--abi", "cp311"),
        *("--python-version", PYTHON),
        *(word for tag in tags(arch) for word in ("--platform", tag)),
        *SECOND_RUNTIME,
    )


def install(arch: Arch, wheels: Path, root: Path, *names: str) -> None:
    """Wheels of those file names into the environment of the root filesystem, and no others."""
    if foreign.is_foreign(arch):
        files = [str(wheels / name.partition("[")[0]) for name in names]
        foreign.install(files, root, HOME, tags(arch))
        return
    inside = root / "tmp/wheels"
    shutil.copytree(wheels, inside, dirs_exist_ok=True)
    if not (root / HOME.lstrip("/") / "bin/pip").exists():
        run("chroot", root, "python3", "-m", "venv", HOME)
    run(
        *("chroot", root, f"{HOME}/bin/pip", "install", "-q", "--no-index", "--no-cache-dir"),
        *("--disable-pip-version-check", "--find-links", "/tmp/wheels"),
        *(f"/tmp/wheels/{name}" for name in names),
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
    )
    shutil.rmtree(inside)


def install_service(repo: Path, root: Path) -> None:
    """User, groups, device rules, units and first options, by the project's own installer."""
    run("sh", repo / "systemd/install.sh", "--root", root)
