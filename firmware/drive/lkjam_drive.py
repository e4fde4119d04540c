"""The drive LKJAM: what a player writes on it, taken over when nobody else holds it.

The player's files are looked at before they count: a file with a mistake leaves the one that
was good before in its place, and what is wrong is told in a text on the drive itself. Standard
library only; the box's own commands do the judging.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

DEVICE_FILE = Path("/run/lkjam-box-drive.device")
PLAYER = Path("/var/lib/lkjam-box/player")
COMMAND = "/opt/lkjam-box/bin/lkjam-box"
OPTIONS, FOLDER, REPORT = "lkjam-box.yaml", "progressions", "WHAT THE BOX SAYS.txt"
ENDINGS = (".yaml", ".yml")
FILE_MAX = 256 * 1024  # bytes; the box's own 44 progressions have 12,000 together
FILES_MAX = 300
COMMAND_S = 60.0  # so long a command may take

Judge = Callable[[str, list[Path]], str]
"""What is wrong with ``options`` or ``progressions`` files, in a line or a few; "" if nothing."""


@dataclass
class Taken:
    """What came of a look at the drive."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def options_changed(self) -> bool:
        return OPTIONS in (*self.new, *self.gone)


def judge(kind: str, paths: list[Path]) -> str:
    """By the box's own command, which takes a second to start: so many files at once."""
    words = ["options", "--check"] if kind == "options" else ["progressions", "check"]
    try:
        done = subprocess.run(
            [COMMAND, *words, *map(str, paths)], capture_output=True, text=True, timeout=COMMAND_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"could not be looked at: {error}"
    said = (done.stderr.strip() or done.stdout.strip()).replace(f"{paths[0].parent}/", "")
    return (said or f"ended with {done.returncode}") if done.returncode else ""


def take(drive: Path, player: Path, judged: Judge = judge) -> Taken:
    """From the drive, mounted at ``drive``, to the player's folder on the state partition."""
    taken = Taken()
    begin(player)
    found = {OPTIONS: drive / OPTIONS} if (drive / OPTIONS).is_file() else {}
    found |= {f"{FOLDER}/{path.name}": path for path in _progressions(drive, taken)}
    kept = {OPTIONS} if (player / OPTIONS).read_bytes() else set()
    kept |= {f"{FOLDER}/{path.name}" for path in (player / FOLDER).iterdir()}
    with tempfile.TemporaryDirectory(prefix="lkjam-drive-") as scratch:
        changed = _changed(found, player, Path(scratch), taken)
        wrong = _wrong(changed, judged)
        for name, copy in changed.items():
            if name in wrong:
                before = (player / name).exists() and (player / name).stat().st_size > 0
                more = "\n(the one before still counts)" if before else ""
                taken.wrong[name] = wrong[name] + more
            else:
                _replace(player / name, copy.read_bytes())
                taken.new.append(name)
    for name in sorted(kept - set(found)):
        if Path(name).name.startswith("."):  # half a file, from when the power went
            (player / name).unlink()
            continue
        if name == OPTIONS:
            _replace(player / name, b"")  # no options: all as the box comes
        else:
            (player / name).unlink()
        taken.gone.append(name)
    return taken


def begin(player: Path) -> None:
    """A player's folder without anything of the player's: all is as the box comes."""
    (player / FOLDER).mkdir(parents=True, exist_ok=True)
    if not (player / OPTIONS).exists():
        _replace(player / OPTIONS, b"")


def _progressions(drive: Path, taken: Taken) -> list[Path]:
    folder = drive / FOLDER
    paths = [
        path
        for path in (sorted(folder.iterdir()) if folder.is_dir() else [])
        if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
    ]
    if len(paths) > FILES_MAX:
        taken.wrong[FOLDER] = f"found {len(paths)} files, allowed {FILES_MAX}; the rest is left out"
    return paths[:FILES_MAX]


def _changed(found: dict[str, Path], player: Path, scratch: Path, taken: Taken) -> dict[str, Path]:
    """Copies of those that are not in the box as they are."""
    changed = {}
    for name, path in sorted(found.items()):
        try:
            size = path.stat().st_size
            if size > FILE_MAX:
                taken.wrong[name] = f"found {size} bytes, allowed {FILE_MAX}"
                continue
            data = path.read_bytes()
        except OSError as error:
            taken.wrong[name] = f"cannot be read: {error.strerror}"
            continue
        if not (player / name).exists() or (player / name).read_bytes() != data:
            changed[name] = scratch / path.name
            changed[name].write_bytes(data)
    return changed


def _wrong(changed: dict[str, Path], judged: Judge) -> dict[str, str]:
    """Those with a mistake, by name: all are looked at together, then one by one if need be."""
    told: dict[str, str] = {}
    for kind in ("options", "progressions"):
        names = [
            name
            for name, copy in changed.items()
            if (name == OPTIONS) == (kind == "options") and copy.stat().st_size
        ]
        if names and (said := judged(kind, [changed[name] for name in names])):
            if len(names) == 1:
                told[names[0]] = said
                continue
            told |= {name: said for name in names if (said := judged(kind, [changed[name]]))}
    return told


def _replace(target: Path, data: bytes) -> None:
    """Whole or not at all, whenever the power goes."""
    new = target.with_name(f".{target.name}.new")
    with open(new, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.chmod(0o644)
    new.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def report(taken: Taken, player: Path, version: str) -> str:
    """For the player, in the line ends that every editor shows."""
    names = sorted(path.name for path in (player / FOLDER).iterdir())
    lines = [f"lkjam_box {version}", ""]
    if taken.wrong:
        lines.append("Not taken, because:")
        for name, wrong in sorted(taken.wrong.items()):
            lines += [f"  {name}", *(f"    {line}" for line in wrong.splitlines())]
        lines += ["", "Mend it and eject the drive again.", ""]
    else:
        lines += ["All files are good.", ""]
    lines += [f"Your progressions in the box: {', '.join(names) or 'none'}", ""]
    return "\r\n".join(lines)


@contextlib.contextmanager
def mounted(device: Path, *, write: bool = False) -> Iterator[Path]:
    """The drive, for as long as the block lasts. Raises OSError."""
    where = Path(tempfile.mkdtemp(prefix="lkjam-drive-", dir="/run"))
    options = "noexec,nodev,nosuid,utf8,umask=022," + ("rw,flush" if write else "ro")
    options += "" if device.is_block_device() else ",loop"
    command = ["mount", "-t", "vfat", "-o", options, str(device), str(where)]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        if done.returncode:
            raise OSError(f"{device} cannot be mounted: {done.stderr.strip()}")
        yield where
    finally:
        if not done.returncode:
            subprocess.run(["umount", str(where)])
        shutil.rmtree(where, ignore_errors=True)


def refresh(device: Path, player: Path = PLAYER, version: str = "") -> Taken:
    """Take over what is new and tell on the drive. Only while no computer holds the drive."""
    subprocess.run(["fsck.vfat", "-a", "-w", str(device)], capture_output=True)
    with mounted(device) as drive:
        taken = take(drive, player)
        text = report(taken, player, version)
        told = drive / REPORT
        same = told.exists() and told.read_bytes() == text.encode()
    if not same and (taken.new or taken.gone or taken.wrong or not told.exists()):
        with mounted(device, write=True) as drive:
            (drive / REPORT).write_bytes(text.encode())
    return taken
