"""The Weimar Jazz Database as CSV files in a folder, in the two forms that are public.

*A file a table*: ``melody.csv``, ``beats.csv``, ``sections.csv``, ``solo_info.csv`` and
``transcription_info.csv``, each with a header of the column names, as written by
``sqlite3 -header -csv wjazzd.db "SELECT * FROM melody" > melody.csv`` and so on
(DDMAL/linkedmusic-datalake, ``wjazzd/README.md``).

*Two files a solo*: ``mcsv_melody/ID.csv`` and ``mcsv_beat/ID_beattrack.csv``, the export
of the Jazzomat project's melospy that slSeanWU/jazz_transformer holds. It says nothing of
the tune: that comes from ``wjd_meta.csv`` beside the two folders, if it is there
(``write.csv(jazzodata::wjd_meta, "wjd_meta.csv")``, klausfrieler/jazzodata); without
it the title is the one in ID, the tempo that of the beats, style and feel unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import FileError
from .wjazzd_tables import TABLES, Row, record, records

_META = ("id", "title", "style", "avgtempo", "rhythmfeel", "key")
_MELODY = ("onset", "pitch", "duration", "phrase_id")
_BEATS = ("onset", "bar", "beat", "chord")


def is_export(folder: Path) -> bool:
    return (folder / "melody.csv").exists() or (folder / "mcsv_melody").is_dir()


def read(folder: Path) -> list[dict[str, Any]]:
    """The solos as records, ``split`` left out. Raises FileError, with file and line."""
    if (folder / "melody.csv").exists():
        return records({name: _rows(folder / f"{name}.csv", TABLES[name]) for name in TABLES})
    about = {}
    if (folder / "wjd_meta.csv").exists():
        about = {row.text("id"): row for row in _rows(folder / "wjd_meta.csv", _META)}
    return [_solo(path, about) for path in sorted((folder / "mcsv_melody").glob("*.csv"))]


def _solo(path: Path, about: dict[str, Row]) -> dict[str, Any]:
    notes = [
        Row({**row.cells, "loud_med": row.cells.get("loud_median")}, row.file, row.line)
        for row in _rows(path, _MELODY)
    ]
    beats = _rows(path.parents[1] / "mcsv_beat" / f"{path.stem}_beattrack.csv", _BEATS)
    info = about.get(path.stem) or Row({"title": _title(path.stem)}, str(path), 0)
    return record(path.stem, info, beats, notes, [row.whole("phrase_id") for row in notes])


def _title(solo: str) -> str:
    """``ArtPepper_Stardust-2_FINAL`` -> ``Stardust``: performer, title, take, status."""
    return "_".join(solo.split("_")[1:2]).rsplit("-", 1)[0]


def _rows(path: Path, columns: Sequence[str]) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            present = reader.fieldnames or ()
            if missing := [name for name in columns if name not in present]:
                raise FileError(
                    f"no column {', '.join(missing)}", file=path, line=1, found=", ".join(present)
                )
            return [Row(cells, str(path), reader.line_num) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(
            "cannot read the table",
            file=path,
            found=getattr(error, "strerror", None) or str(error),
            allowed="comma-separated rows under a header, in UTF-8",
        ) from None
