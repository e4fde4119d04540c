"""Checkpoints: a training resumed from one gives bit for bit what it would have without a stop.

They hold no state of random generators: every pass is seeded by its number
(:func:`.schedule.seed_of`), and checkpoints are written between passes.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from ...errors import FileError

FORMAT = 1
KEPT = 2  # how many of the latest checkpoints stay, beside the best
BEST = "best.pt"

State = dict[str, Any]


class Checkpoints:
    """A folder of ``pass-NNNN.pt`` and ``best.pt``. Git ignores it: it has its own .gitignore."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        """``about``: "settings" and "data", which must be equal for a training to resume, and
        "command" and "versions", which are only noted."""
        self.folder, self.about = folder, dict(about)

    def save(self, passes: int, state: State, best: bool) -> None:
        """Write the state after ``passes`` passes (``best``: also as best.pt), never half a file;
        all but the ``KEPT`` latest are deleted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ignored = self.folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        content = {"format": FORMAT, "passes": passes, **self.about, **state}
        _write(self.folder / _name(passes), content)
        if best:
            _write(self.folder / BEST, content)
        names = self._names()
        keep = {_name(passes), *[n for n in names if n < _name(passes)][1 - KEPT :]}
        for name in set(names) - keep:
            (self.folder / name).unlink()

    def latest(self) -> State:
        """The newest state. Raises FileError without one, or when settings or data differ."""
        names = self._names()
        if not names:
            raise FileError("no checkpoint to go on from", file=self.folder)
        path = self.folder / names[-1]
        try:
            state: State = torch.load(path, map_location="cpu", weights_only=True)
            found = state["format"]
        except Exception as error:  # of torch, pickle or zipfile: depends on the damage
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FileError("not a checkpoint", file=path, found=reason) from None
        if found != FORMAT:
            raise FileError("checkpoint of another version", file=path, found=found)
        for part in ("settings", "data"):
            _same(part, state[part], self.about[part], path)
        return state

    def clear(self) -> None:
        """Delete the checkpoints of an earlier training."""
        for name in self._names():
            (self.folder / name).unlink()
        (self.folder / BEST).unlink(missing_ok=True)

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("pass-*.pt"))


def fingerprint(files: Sequence[Path], limit: int = 0) -> dict[str, Any]:
    """sha256 of every file by its folder and name; "limit": solos taken of each part (0: all)."""
    digests = {
        "/".join(path.parts[-2:]): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    return {**dict(sorted(digests.items())), "limit": limit}


def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that a training's figures depend on."""
    libraries = ("torch", "lightning-fabric", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def _name(passes: int) -> str:
    return f"pass-{passes:04}.pt"


def _write(path: Path, content: State) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _same(part: str, found: Any, wanted: Any, path: Path) -> None:
    """Raises FileError that names the first difference, if there is one."""
    for name in dict.fromkeys([*wanted, *found]):
        was, now = found.get(name), wanted.get(name)
        if was != now:
            raise FileError(
                f"cannot go on with other {part}: {name}",
                file=path,
                found=now,
                allowed=f"{was!r}, as it began",
            )
