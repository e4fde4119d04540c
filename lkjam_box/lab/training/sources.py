"""All files that a training reads, wherever the solos come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...music.harmony import Progression
from ...music.library import SHIPPED
from ...music.progression import load_progressions, yaml_files
from .corpus import Solo, load
from .leadsheets import load_leadsheets
from .pairs import Pair, load_pairs

_SHARED = (
    "wjazzd/wjazzd.jsonl.gz",
    "wjazzd/variation_pairs.jsonl.gz",
    "chords/irb_chords.jsonl.gz",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """``files`` are those that were read."""

    solos: Sequence[Solo]
    pairs: Sequence[Pair]
    progressions: Sequence[Progression]
    files: Sequence[Path]


def load_sources(path: Path, limit: int = 0) -> Sources:
    """The shared data's folder, or solos alone (see :func:`.corpus.load`) with the box's own
    progressions and no pairs. ``limit``: only so many solos of each part. Raises FileError."""
    solos = load(path)
    if limit:
        parts = [[s for s in solos if s.split == split] for split in ("train", "valid")]
        solos = [solo for part in parts for solo in part[:limit]]
    shared = [path / name for name in _SHARED]
    if all(file.exists() for file in shared):
        return Sources(solos, load_pairs(path), load_leadsheets(path).progressions, shared)
    own = [form for file in yaml_files(SHIPPED) for form in load_progressions(file)]
    files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
    return Sources(solos, (), own, files)
