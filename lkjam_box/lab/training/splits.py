"""The split into training and validation solos, where the source has none. Pure.

The database has no such column. Solos that the shared data's ``splits.json`` names
(solo id = stem of the annotation's file name, ``ArtPepper_Anthropology_FINAL``) are
in the part where it lists them, and so are other takes of their tunes. For any other
tune a hash of its title decides, the same on every machine. So no title is in both parts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import FileError

TRAIN, VALID = "train", "valid"
_VALID_ONE_IN = 10


def read_splits(path: Path) -> dict[str, str]:
    """Part of each solo id in a ``splits.json``: ``{"train": [id, ..], "valid": [id, ..]}``."""
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
        return {str(solo): part for part in (TRAIN, VALID) for solo in parts[part]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileError(
            "cannot read the splits",
            file=path,
            found=f"{type(error).__name__}: {error}",
            allowed='{"train": [solo id, ..], "valid": [solo id, ..]}',
        ) from None


def assign(records: Sequence[dict[str, Any]], known: Mapping[str, str]) -> None:
    """Set ``split`` of records with ``id`` and ``title``, as told above; ``known``: part by id."""
    by_title = {
        _plain(record["title"]): known[record["id"]] for record in records if record["id"] in known
    }
    for record in records:
        title = _plain(record["title"])
        record["split"] = known.get(record["id"]) or by_title.get(title) or by_hash(title)


def by_hash(title: str) -> str:
    """``valid`` for about one title in ten."""
    digest = hashlib.sha256(_plain(title).encode()).digest()
    return VALID if int.from_bytes(digest[:8], "big") % _VALID_ONE_IN == 0 else TRAIN


def _plain(title: str) -> str:
    """``Body and Soul`` and ``BodyAndSoul``, as a file is named, are one tune."""
    return "".join(c for c in title.casefold() if c.isalnum()) or title
