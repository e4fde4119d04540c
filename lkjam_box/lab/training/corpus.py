"""Solos of the Weimar Jazz Database, as notes over a harmony.

Reads the JSON-lines format of the shared data (its README, sections 2 and 4), the
database's own SQLite file (:mod:`.wjazzd_sqlite`) and its CSV exports (:mod:`.wjazzd_csv`).
"""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...brain.phrases import positions
from ...errors import FileError
from ...music.harmony import NO_CHORD, Harmony, Metre, Progression
from ...music.note import Note
from ...protocol.engine import Feel, Position, Style
from . import jsonlines, wjazzd_csv, wjazzd_sqlite
from .corpus_chords import parse_corpus_chord
from .splits import assign, read_splits

SHORTEST_BEATS = 1 / 64
_STYLES = {**Style.__members__, "FREE": Style.EXPERIMENTAL}
_MEAN_VELOCITY, _VELOCITY_PER_SD = 80.0, 14.0


@dataclass(frozen=True, slots=True)
class Solo:
    """A monophonic solo; ``phrases`` are the annotated phrase numbers of its notes."""

    id: str
    split: str  # "train", "valid" or ""
    bpm: float
    harmony: Harmony
    notes: tuple[Note, ...]
    phrases: tuple[int, ...] = ()
    low: int = 36
    high: int = 97
    style: Style = Style.ANY
    feel: Feel = Feel.ANY
    title: str = ""  # of the tune: takes of one tune share it


def data_folder(given: str = "") -> Path:
    """Where the shared data lies: as given, ``$LKJAM_DATA``, or beside the checkout."""
    if given or os.environ.get("LKJAM_DATA"):
        return Path(given or os.environ["LKJAM_DATA"])
    return Path(__file__).resolve().parents[3].parent / "shared" / "data"


def load(path: str | Path, split: str = "all") -> list[Solo]:
    """Every usable solo: 4/4 throughout, with some chord. Raises FileError.

    ``path`` is a ``.jsonl`` or ``.jsonl.gz``, the database's ``.db`` or ``.sqlite``, a
    folder of its CSV export, or the folder of the shared data.
    """
    solos = []
    file, records = _records(Path(path))
    for line, record in records:
        fields = "the fields that the shared data's README lists"
        with jsonlines.malformed("record of the corpus", file, line, fields):
            if usable(record) and split in ("all", record.get("split")):
                solos.append(solo_of(record))
    if not solos:
        raise FileError("no usable 4/4 solo with chords", file=file, found=f"split {split}")
    return solos


def usable(record: dict[str, Any]) -> bool:
    return (
        record["period"] == 4
        and len(record["meters"]) == 1
        and any(symbol != "NC" for _, symbol in record["chords"])
        and len(record["notes"]) > 1
    )


def solo_of(record: dict[str, Any]) -> Solo:
    """One record as a :class:`Solo`; velocity is loudness, standardised over the solo's notes."""
    rows = record["notes"]
    loud = [row[3] for row in rows if row[3] is not None]
    mean = statistics.fmean(loud) if loud else 0.0
    spread = (statistics.pstdev(loud) if len(loud) > 1 else 0.0) or 1.0
    notes = []
    for i, (onset, pitch, duration, loudness, *_) in enumerate(rows):
        z = 0.0 if loudness is None else (loudness - mean) / spread
        velocity = round(max(24.0, min(120.0, _MEAN_VELOCITY + _VELOCITY_PER_SD * z)))
        room = rows[i + 1][0] - onset if i + 1 < len(rows) else math.inf
        length = max(SHORTEST_BEATS, min(float(duration), room))
        notes.append(Note(float(onset), int(pitch), velocity, length))
    return Solo(
        id=str(record["id"]),
        split=str(record.get("split", "")),
        bpm=max(30.0, min(400.0, float(record["tempo"] or 160.0))),
        harmony=_harmony(record, notes),
        notes=tuple(notes),
        phrases=tuple(int(row[4]) for row in rows),
        style=_STYLES.get(str(record.get("style")), Style.ANY),
        feel=Feel.__members__.get(str(record.get("feel")), Feel.ANY),
        title=str(record.get("title") or record["id"]),
    )


def _harmony(record: dict[str, Any], notes: list[Note]) -> Harmony:
    """The whole solo as one form whose beat 0 is a downbeat at or before all of it."""
    downbeats = record["downbeats"] or [0]
    first = min(0.0, notes[0].onset_beats, float(record["chords"][0][0]))
    origin = downbeats[0] - 4.0 * max(0, math.ceil((downbeats[0] - first) / 4))
    starts = [float(beat) - origin for beat, _ in record["chords"]]
    chords = [parse_corpus_chord(symbol) for _, symbol in record["chords"]]
    if starts[0] > 0:
        starts, chords = [0.0, *starts], [NO_CHORD, *chords]
    last = max(len(record["beat_sec"]), notes[-1].end_beats) - origin
    form = Progression(
        name=str(record.get("title") or record["id"]),
        key=str(record.get("key") or "C"),
        metre=Metre(4, 4),
        starts_beats=tuple(starts),
        chords=tuple(chords),
        form_bars=int(last // 4) + 2,
    )
    return Harmony(form, origin)


def _records(path: Path) -> tuple[Path, Iterable[tuple[int, dict[str, Any]]]]:
    """The file that is read, and (line, record) of each solo; line 0 in files without lines."""
    if path.suffix in wjazzd_sqlite.SUFFIXES:
        return path, _with_splits(path.parent, wjazzd_sqlite.read(path))
    if path.is_dir():
        if wjazzd_csv.is_export(path):
            return path, _with_splits(path, wjazzd_csv.read(path))
        path = path / "wjazzd" / "wjazzd.jsonl.gz"
    return path, jsonlines.read(path, "solos as .jsonl, .jsonl.gz, .db or CSV files; see --data")


def _with_splits(folder: Path, records: list[dict[str, Any]]) -> Iterator[tuple[int, Any]]:
    """(0, record), each with the ``split`` that public sources lack: from the ``splits.json``
    in ``folder`` or else in the shared data, if there is one; see :func:`.splits.assign`."""
    lists = [folder / "splits.json", data_folder() / "wjazzd" / "splits.json"]
    known = next((read_splits(path) for path in lists if path.exists()), {})
    assign(records, known)
    return ((0, record) for record in records)


def phrase_rule_score(solos: Iterable[Solo]) -> tuple[float, float, float]:
    """(F1, precision, recall) of :mod:`...brain.phrases` against the annotated phrase ends."""
    hits = said = meant = 0
    for solo in solos:
        rule = positions(solo.notes, solo.bpm)
        for i in range(len(solo.notes) - 1):
            ends = rule[i] == Position.END
            annotated = solo.phrases[i] != solo.phrases[i + 1]
            hits += ends and annotated
            said += ends
            meant += annotated
    return 2 * hits / (said + meant), hits / said, hits / meant
