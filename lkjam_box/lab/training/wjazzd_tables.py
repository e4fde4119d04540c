"""From rows of the Weimar Jazz Database's tables to the records of our JSON lines. Pure.

Columns and meanings: ``createDatabase`` and ``insert...`` of klausfrieler/melospy,
``melospy/input_output/mel_db_sqlite3_adapter.py`` and ``..._adapter2.py`` (the published
``wjazzd.db``), and https://jazzomat.hfm-weimar.de/dbformat/dboverview.html. Onsets and
durations are in seconds; ``beats.chord`` is empty where the chord stays; ``start`` and
``end`` of a section of type ``PHRASE`` are note indices within the solo, from 0, both
included, and ``value`` is the phrase's number; ``loud_med`` is the median loudness.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...errors import FileError, ProgressionError
from .corpus_chords import parse_corpus_chord

# The tables and columns that are read; the database has more of both.
TABLES: dict[str, tuple[str, ...]] = {
    "solo_info": ("melid", "title", "style", "avgtempo", "rhythmfeel", "key"),
    "transcription_info": ("melid", "filename_sv"),
    "melody": ("melid", "onset", "pitch", "duration", "loud_med"),
    "beats": ("melid", "onset", "bar", "beat", "chord"),
    "sections": ("melid", "type", "start", "end", "value"),
}
_MISSING = frozenset(["", "NA", "None", "nan", "NaN"])


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, with its file and line for the error about a wrong cell."""

    cells: Mapping[str, object]
    file: str
    line: int

    def text(self, column: str) -> str:
        """The cell, or "" where it is missing or says so (``NA``)."""
        text = str(self.cells.get(column, "")).strip()
        return "" if text in _MISSING else text

    def number(self, column: str) -> float:
        try:
            value = float(self.text(column))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(column, "a number")
        return value

    def whole(self, column: str) -> int:
        value = self.number(column)
        if value != int(value):
            raise self.wrong(column, "a whole number")
        return int(value)

    def wrong(self, column: str, allowed: str) -> FileError:
        found = self.cells.get(column)
        return FileError(
            f"column {column}", file=self.file, line=self.line, found=found, allowed=allowed
        )


def records(tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """A record for each row of ``solo_info``, ``tables`` being all of TABLES."""
    files = {row.whole("melid"): row for row in tables["transcription_info"]}
    notes, beats, sections = (_by_solo(tables[name]) for name in ("melody", "beats", "sections"))
    found = []
    for info in tables["solo_info"]:
        melid = info.whole("melid")
        if melid not in files:
            raise info.wrong("melid", "one that transcription_info has, too")
        solo = files[melid].text("filename_sv").removesuffix(".sv")
        rows = notes.get(melid, [])
        phrases = _phrases(sections.get(melid, []), len(rows))
        found.append(record(solo, info, beats.get(melid, []), rows, phrases))
    return found


def record(
    solo: str, info: Row, beats: Sequence[Row], notes: Sequence[Row], phrases: Sequence[int]
) -> dict[str, Any]:
    """The record of one solo, ``split`` left out.

    With fewer than two beats, or beats without a bar, ``period`` is 0: not usable.
    """
    beat_sec = [row.number("onset") for row in beats]
    for (before, after), row in zip(pairwise(beat_sec), beats[1:], strict=True):
        if after <= before:
            raise row.wrong("onset", f"later than the beat before, {before}")
    counted = len(beats) > 1 and all(row.text("bar") and row.text("beat") for row in beats)
    metres = _metres(beats) if counted else []
    sounding = [_note(row, phrase, beat_sec) for row, phrase in zip(notes, phrases, strict=True)]
    return {
        "id": solo,
        "title": info.text("title") or solo,
        "key": info.text("key"),
        "style": info.text("style"),
        "feel": info.text("rhythmfeel"),
        "tempo": info.number("avgtempo") if info.text("avgtempo") else _tempo(beat_sec),
        "period": metres[0][1] if metres else 0,
        "meters": metres,
        "downbeats": [i for i, row in enumerate(beats) if counted and row.whole("beat") == 1],
        "beat_sec": beat_sec,
        "chords": _chords(beats),
        "notes": sorted(sounding, key=lambda note: note[0]) if counted else [],
    }


def beats_at(seconds: float, beat_sec: Sequence[float]) -> float:
    """Beats since the first one, linearly between beats; outside at the nearest beat's tempo."""
    index = min(max(bisect_right(beat_sec, seconds) - 1, 0), len(beat_sec) - 2)
    start, end = beat_sec[index], beat_sec[index + 1]
    return index + (seconds - start) / (end - start)


def _note(row: Row, phrase: int, beat_sec: Sequence[float]) -> list[Any]:
    onset_s, duration_s = row.number("onset"), row.number("duration")
    pitch = round(row.number("pitch"))
    if not 0 <= pitch <= 127:
        raise row.wrong("pitch", "0 to 127")
    loudness = row.number("loud_med") if row.text("loud_med") else None
    if len(beat_sec) < 2:
        return [0.0, pitch, 0.0, loudness, phrase]
    onset = beats_at(onset_s, beat_sec)
    return [onset, pitch, beats_at(onset_s + duration_s, beat_sec) - onset, loudness, phrase]


def _metres(beats: Sequence[Row]) -> list[list[int]]:
    """[index of the beat, beats a bar] wherever the bars' length changes.

    Counted from the bars themselves: a signature of ``4/4`` is written over solos in
    three, too. A last bar that breaks off says nothing.
    """
    bars: list[list[int]] = []  # number, first beat's index, highest beat
    for index, row in enumerate(beats):
        bar, beat = row.whole("bar"), row.whole("beat")
        if not bars or bars[-1][0] != bar:
            bars.append([bar, index, beat])
        bars[-1][2] = max(bars[-1][2], beat)
    if len(bars) > 1 and bars[-1][2] < bars[-2][2]:
        bars.pop()
    metres: list[list[int]] = []
    for _, index, count in bars:
        if not metres or metres[-1][1] != count:
            metres.append([index, count])
    return [[0, metres[0][1]], *metres[1:]]


def _chords(beats: Sequence[Row]) -> list[list[Any]]:
    """[index of the beat, symbol] wherever the symbol changes."""
    chords: list[list[Any]] = []
    for index, row in enumerate(beats):
        symbol = row.text("chord")
        if not symbol or (chords and chords[-1][1] == symbol):
            continue
        try:
            parse_corpus_chord(symbol)
        except ProgressionError as error:
            raise row.wrong("chord", error.allowed) from None
        chords.append([index, symbol])
    return chords


def _phrases(sections: Sequence[Row], count: int) -> list[int]:
    """Phrase number of each note, 0 where no phrase has it."""
    phrases = [0] * count
    for row in sections:
        if row.text("type") == "PHRASE":
            first, last = row.whole("start"), row.whole("end")
            if not 0 <= first <= last < count:
                raise row.wrong("end", f"notes from start on, the solo has {count}")
            phrases[first : last + 1] = [row.whole("value")] * (last + 1 - first)
    return phrases


def _tempo(beat_sec: Sequence[float]) -> float | None:
    """Beats a minute at the median, for a source that gives none."""
    lengths = [after - before for before, after in pairwise(beat_sec)]
    return 60.0 / statistics.median(lengths) if lengths else None


def _by_solo(rows: Sequence[Row]) -> dict[int, list[Row]]:
    solos: dict[int, list[Row]] = {}
    for row in rows:
        solos.setdefault(row.whole("melid"), []).append(row)
    return solos
