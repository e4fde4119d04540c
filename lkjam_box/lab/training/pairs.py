"""Calls and responses that people marked in the solos: the shared data's variation pairs.

README of the data, section 2: units of three notes or more in one solo, the later one
annotated as a variation of the earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from ...errors import FileError
from . import jsonlines

Kind = Literal["varied", "varied-higher", "varied-lower", "same"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two units of the solo with id ``solo``: note indices (first, last), both included."""

    solo: str
    split: str  # "train" or "valid"
    call: tuple[int, int]
    response: tuple[int, int]
    kind: Kind
    back: int  # units from the response back to the call
    other_phrase: bool  # the two lie in different phrases


def load_pairs(path: str | Path) -> list[Pair]:
    """Pairs of a ``.jsonl`` or ``.jsonl.gz``, or of the shared data's folder. Raises FileError."""
    path = Path(path)
    if path.is_dir():
        path = path / "wjazzd" / "variation_pairs.jsonl.gz"
    pairs = []
    for line, record in jsonlines.read(path, "the shared data's variation_pairs.jsonl.gz"):
        with jsonlines.malformed("variation pair", path, line, "the fields of the data's README"):
            pair = msgspec.convert(record, Pair)
            order = (0, *pair.call, *pair.response)
            if list(order) != sorted(order) or pair.call[1] == pair.response[0] or pair.back < 1:
                raise FileError(
                    "variation pair",
                    found=f"call {pair.call}, response {pair.response}, {pair.back} back",
                    allowed="0 <= first <= last, the call before the response, back from 1",
                )
            pairs.append(pair)
    return pairs
