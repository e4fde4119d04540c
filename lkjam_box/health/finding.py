"""One thing that was looked at: how it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "worse", "cannot"]
"""``worse``: it plays, but not as well as it could; ``cannot``: it cannot play."""


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    level: Level
    found: str
    mend: str = ""
