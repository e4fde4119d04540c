"""Parts of a machine, each made once and anew only when what it is made of has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .steps import Steps


@dataclass(frozen=True)
class Parts:
    """Of the machine in ``folder``: a note beside each part tells what it was made of."""

    folder: Path
    steps: Steps

    def part(
        self,
        name: str,
        inputs: Iterable[Path],
        make: Callable[[], None],
        after: Iterable[str] = (),
    ) -> str:
        """Made unless it is there and ``inputs``, and the keys of the parts before it, are what
        they were; returns its own key."""
        key = _digest(inputs, after)
        note = self._note(name)
        if note.exists() and note.read_text() == key:
            print(f"  {name}: kept", flush=True)
            return key
        note.unlink(missing_ok=True)
        with self.steps.step(name):
            make()
        note.write_text(key)
        return key

    def forget(self, name: str) -> None:
        """That part is made anew, whatever it was made of."""
        self._note(name).unlink(missing_ok=True)

    def _note(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.key"


def files(folder: Path) -> list[Path]:
    """All files below ``folder`` that a part can be made of."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _digest(inputs: Iterable[Path], after: Iterable[str]) -> str:
    total = hashlib.sha256("".join(after).encode())
    for path in inputs:
        total.update(f"{path}\0".encode() + path.read_bytes())
    return total.hexdigest()
