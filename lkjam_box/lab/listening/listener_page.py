"""The page that listeners open: one file, no network, its clips beside it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from .sheets import DIMENSIONS
from .trials import ORDERS


def page(kit: Mapping[str, Any]) -> str:
    """``page.html`` with ``kit`` in it: its name, clips a trial, and per trial the tokens and
    the seconds where call, answer and end are. Which system made which clip is not in it."""
    words = [(name, words, hint) for name, (words, hint) in DIMENSIONS.items()]
    data = json.dumps({**kit, "orders": ORDERS, "dimensions": words}, separators=(",", ":"))
    text = resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    return text.replace("__KIT__", data.replace("<", "\\u003c"))
