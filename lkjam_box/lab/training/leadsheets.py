"""Progressions of the iRb lead sheets, in their own notation.

Reads the shared data's ``chords/irb_chords.jsonl.gz`` (its README, sections 2 and 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import msgspec

from ...errors import FileError, ProgressionError
from ...music.harmony import Metre, Progression
from . import jsonlines
from .corpus_chords import parse_irb_chord


@dataclass(frozen=True, slots=True)
class LeadSheets:
    """The forms that could be read, and (id, why) of each sheet that could not."""

    progressions: tuple[Progression, ...]
    unread: tuple[tuple[str, str], ...]

    @property
    def share(self) -> float:
        """Share of the sheets that could be read, 0 to 1."""
        return len(self.progressions) / (len(self.progressions) + len(self.unread))

    def report(self) -> str:
        """Text for people: a line with the share, then a line for each sheet left out."""
        count = len(self.progressions)
        head = f"{count} of {count + len(self.unread)} lead sheets read ({self.share:.1%})"
        return "\n".join([head, *(f"  {sheet}: {why}" for sheet, why in self.unread)])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A line of the file; ``sections`` hold (label, [(symbol, beats), ..])."""

    id: str
    title: str
    key: str
    time: str
    split: str
    sections: list[tuple[str, list[tuple[str, float]]]]


def load_leadsheets(path: str | Path, split: str = "train") -> LeadSheets:
    """Forms of a ``.jsonl`` or ``.jsonl.gz``, or of the shared data's folder.

    ``split``: "train", "valid", "test" or "all". A sheet is left out, and listed in ``unread``,
    where a chord or the metre cannot be read or the form is no whole number of bars: its
    chords would shift against the bar lines. Raises FileError.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "chords" / "irb_chords.jsonl.gz"
    progressions, unread = [], []
    for line, record in jsonlines.read(path, "the shared data's irb_chords.jsonl.gz"):
        with jsonlines.malformed("lead sheet", path, line, "the fields of the data's README"):
            sheet = msgspec.convert(record, _Sheet)
        if split not in ("all", sheet.split):
            continue
        try:
            progressions.append(_progression(sheet))
        except ProgressionError as error:
            unread.append((sheet.id, str(error)))
    if not progressions:
        raise FileError("no lead sheet to read", file=path, found=f"split {split}")
    return LeadSheets(tuple(progressions), tuple(unread))


def _progression(sheet: _Sheet) -> Progression:
    """The sections in order as one form. Raises ProgressionError."""
    metre = _metre(sheet.time)
    chords = [chord for _, section in sheet.sections for chord in section]
    if wrong := [beats for _, beats in chords if not 0 < beats < float("inf")]:
        raise ProgressionError("chord", found=f"{wrong[0]} beats", allowed="more than 0")
    ends = list(accumulate(beats for _, beats in chords))
    bars = ends[-1] / metre.bar_beats if ends else 0.0
    if not ends or bars != int(bars):
        raise ProgressionError(
            "form", found=f"{bars:g} bars of {metre}", allowed="a whole number of bars"
        )
    return Progression(
        name=sheet.title,
        key=_key(sheet.key),
        metre=metre,
        starts_beats=(0.0, *ends[:-1]),
        chords=tuple(parse_irb_chord(symbol) for symbol, _ in chords),
        form_bars=int(bars),
    )


def _metre(text: str) -> Metre:
    """A metre written as ``6/8``; beats are quarter notes. Raises ProgressionError."""
    count, _, unit = text.partition("/")
    if not (count.isdecimal() and unit in ("1", "2", "4", "8", "16") and int(count)):
        raise ProgressionError("metre", found=text, allowed="such as 4/4, 3/4, 6/8")
    return Metre(int(count), int(unit))


def _key(text: str) -> str:
    """``Bb-maj`` -> ``Bb``, ``F#-min`` -> ``F#m``: as players write it."""
    tonic, _, mode = text.partition("-")
    return tonic + ("m" if mode == "min" else "")
