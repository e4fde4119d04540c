"""Checkpoints: all that a training needs to go on, bit by bit as if it had never stopped.

There are no generators' states in them: every pass is seeded by its number
(:func:`.schedule.seed_of`), and a checkpoint lies between two passes.
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
KEPT = 2  # the latest ones, beside the best
BEST = "best.pt"

State = dict[str, Any]


class Checkpoints:
    """A folder of ``pass-NNN.pt`` and ``best.pt``. Git ignores it."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        """``about``: what must be the same to go on ("settings", "data"), and what is noted
        beside ("command", "versions")."""
        self.folder, self.about = folder, dict(about)

    def save(self, passes: int, state: State, best: bool) -> None:
        """Write the state after ``passes`` passes; older ones go. Never leaves half a file."""
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
        """The newest one, checked to be of this training. Raises FileError."""
        names = self._names()
        if not names:
            raise FileError("no checkpoint to go on from", file=self.folder)
        path = self.folder / names[-1]
        try:
            state: State = torch.load(path, map_location="cpu", weights_only=True)
            found = state["format"]
        except Exception as error:  # torch's, pickle's and zipfile's, by what is broken
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise FileError("not a checkpoint", file=path, found=reason) from None
        if found != FORMAT:
            raise FileError("checkpoint of another version", file=path, found=found)
        for part in ("settings", "data"):
            _same(part, state[part], self.about[part], path)
        return state

    def clear(self) -> None:
        """Take those of an earlier training away."""
        for name in self._names():
            (self.folder / name).unlink()
        (self.folder / BEST).unlink(missing_ok=True)

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("pass-*.pt"))


def fingerprint(files: Sequence[Path], limit: int = 0) -> dict[str, Any]:
    """sha256 of every file by its path's end, and how many solos were taken (0: all)."""
    digests = {
        "/".join(path.parts[-2:]): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    return {**dict(sorted(digests.items())), "limit": limit}


def versions() -> dict[str, str]:
    """Of what a training's figures depend on."""
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
    """One line that names the first difference. Raises FileError."""
    for name in dict.fromkeys([*wanted, *found]):
        was, now = found.get(name), wanted.get(name)
        if was != now:
            raise FileError(
                f"cannot go on with other {part}: {name}",
                file=path,
                found=now,
                allowed=f"{was!r}, as it began",
            )
