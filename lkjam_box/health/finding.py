"""The result of one check: what was found, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "worse", "cannot"]
"""``worse``: the box plays, but not as well as it could; ``cannot``: it cannot play."""


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    level: Level
    found: str
    mend: str = ""
