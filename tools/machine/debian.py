"""What the machine is made of: a kernel and a root filesystem, all Debian packages.

The archive is the one this host uses. Nothing of the host's own apt is touched.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import foreign
from .arches import Arch
from .steps import Failed, run

USERLAND = "bookworm"  # Python 3.11: the one that all wheels of the box exist for
KERNELS = "trixie-backports"  # the first kernels of Debian with gpio-sim
KERNEL = re.compile(r"^linux-image-(7\.\S*-rt-\w+) ", re.MULTILINE)
PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps", "util-linux"),
    *("python3", "python3-venv", "libasound2", "libasound2-data", "rt-tests"),
)
# Tools that a debootstrapped system has, and one that is only unpacked must name.
BASE = (
    *("base-files", "base-passwd", "bash", "coreutils", "dash", "findutils", "grep", "gzip"),
    *("libc-bin", "libgcc-s1", "libstdc++6", "login", "mawk", "mount", "passwd", "sed", "tar"),
)
HOOK = "/usr/share/mmdebstrap/hooks/merged-usr"
SYSTEM_GROUPS = ("systemd-journal", "messagebus", "input", "kvm", "render", "gpio", "i2c", "spi")
FIRST_GROUP = 300
NOT_RUN = r"/(distutils|ensurepip|idlelib|lib2to3|pydoc_data|tkinter|turtledemo|unittest)/"
LEFT_OUT = ("doc", "man", "locale", "info")
FETCHED = "packages.tsv"  # in a folder of unpacked packages: what they were
LINE = "${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\n"
LIST = (  # of mmdebstrap's hooks: while the packages still lie in the root filesystem
    'for file in "$1"/var/cache/apt/archives/*.deb; do '
    "dpkg-deb -W --showformat='{line}' \"$file\"; done > {out}"
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def archive() -> str:
    """Address of the Debian archive of this host. Raises Failed."""
    if chosen := os.environ.get("DEBIAN_MIRROR"):
        return chosen
    listing = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(SUITE)")
    for line in listing.splitlines():
        address, _, suite = line.partition(" ")
        if "security" not in address and "security" not in suite and "debian" in address:
            return address
    raise Failed("no Debian archive in this host's apt sources; set DEBIAN_MIRROR to one")


@contextmanager
def _apt(suite: str, arch: Arch, part: str) -> Iterator[tuple[str, ...]]:
    """Options that make apt look at ``part`` of ``suite`` alone, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="machine-apt-") as name:
        folder = Path(name)
        for inner in ("lists/partial", "cache/archives/partial"):
            (folder / inner).mkdir(parents=True)
        source = f"deb [signed-by={KEYRING}] {archive()} {suite} {part}\n"
        (folder / "sources.list").write_text(source)
        settings = {
            "Dir::Etc::SourceList": folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": folder / "lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": folder / "cache",
            "APT::Architecture": arch.debian,
            "APT::Architectures": arch.debian,
            "APT::Sandbox::User": "root",
        }
        yield tuple(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))


def fetch(suite: str, arch: Arch, names: Sequence[str], folder: Path, part: str = "main") -> None:
    """Packages of those names, unpacked in ``folder``, which must be there."""
    with _apt(suite, arch, part) as options:
        run("apt-get", *options, "-qq", "update")
        _unpack(options, names, folder)


def _unpack(options: Sequence[str], names: Sequence[str], folder: Path) -> None:
    run("apt-get", *options, "-qq", "download", *names, cwd=folder)
    for package in sorted(folder.glob("*.deb")):
        with open(folder / FETCHED, "a") as file:
            file.write(run("dpkg-deb", "-W", f"--showformat={LINE}", package))
        run("dpkg", "-x", package, folder)
        package.unlink()


def fetch_kernel(arch: Arch, folder: Path) -> None:
    """The newest 7.x realtime kernel with its modules, unpacked in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with _apt(KERNELS, arch, "main") as options:
        run("apt-get", *options, "-qq", "update")
        found = KERNEL.findall(run("apt-cache", *options, "search", "--names-only", "^linux-image"))
        if not found:
            raise Failed(f"no 7.x realtime kernel for {arch.debian} in Debian {KERNELS}")
        newest = max(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
        names = [f"linux-{part}-{newest}" for part in ("binary", "modules", "base")]
        _unpack(options, names, folder)


def make_root(
    arch: Arch, folder: Path, packages: Sequence[str] = PACKAGES, keep: Sequence[str] = ()
) -> None:
    """A root filesystem with systemd and Python, and a list of what is in it beside it.

    ``keep`` are patterns of files to have though they are of what is left out.

    Packages are unpacked, not installed: their install scripts take as long again (16 s and
    30 s), and five times as long as all the rest where they have to be emulated. What they
    would have written, and the box needs, is written here.
    """
    shutil.rmtree(folder, ignore_errors=True)
    run(
        "mmdebstrap",
        *("--variant=extract", f"--hook-dir={HOOK}"),
        f"--arch={arch.debian}",
        f"--include={','.join((*BASE, *packages))}",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT),
        *(f"--dpkgopt=path-include={pattern}" for pattern in keep),
        f"--extract-hook={LIST.format(line=LINE, out=shlex.quote(str(listing(folder))))}",
        "--components=main",
        "--skip=check/empty,check/qemu",
        "--quiet",
        USERLAND,
        folder,
        archive(),
    )
    _settle(folder)
    library = next((folder / "usr/lib").glob("python3.*"))
    if foreign.is_foreign(arch):
        foreign.compile_python(folder, library)
    else:
        inside = f"/{library.relative_to(folder)}"
        command = ("python3", "-m", "compileall", "-q", "-j", "0", "-x", NOT_RUN)
        run("chroot", folder, *command, inside)


def listing(root: Path) -> Path:
    """Where :func:`make_root` writes the packages it unpacked, a line for each."""
    return root.with_name(f"{root.name}-packages.tsv")


def _settle(root: Path) -> None:
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


def fetch_busybox(arch: Arch, folder: Path) -> Path:
    """The static one of a foreign processor, unpacked in ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fetch(USERLAND, arch, [arch.busybox_package], folder)
    return folder / "bin/busybox"
