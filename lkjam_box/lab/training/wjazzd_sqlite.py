"""The Weimar Jazz Database as its makers publish it: the SQLite file ``wjazzd.db``.

https://jazzomat.hfm-weimar.de/download/download.html, under the Open Database License
1.0. Both schemas are read, with and without ``track_info``: see :mod:`.wjazzd_tables`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ...errors import FileError
from .wjazzd_tables import TABLES, Row, records

SUFFIXES = (".db", ".sqlite", ".sqlite3")


def read(path: Path) -> list[dict[str, Any]]:
    """The solos as records, ``split`` left out. Raises FileError, with table and row id."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            tables = {name: _rows(database, path, name) for name in TABLES}
    except sqlite3.Error as error:
        raise FileError(
            "cannot read the database",
            file=path,
            found=str(error),
            allowed="the Weimar Jazz Database's SQLite file, wjazzd.db",
        ) from None
    return records(tables)


def _rows(database: sqlite3.Connection, path: Path, table: str) -> list[Row]:
    """Rows in the order they were written, which is that of the notes and beats."""
    columns = TABLES[table]
    place = f"{path}: table {table}"
    present = [row[1] for row in database.execute(f"PRAGMA table_info([{table}])")]
    if missing := [name for name in columns if name not in present]:
        raise FileError(f"no column {', '.join(missing)}", file=place, found=", ".join(present))
    named = ", ".join(f"[{name}]" for name in columns)  # "end" is a word of SQL's
    query = f"SELECT rowid, {named} FROM [{table}] ORDER BY rowid"
    return [
        Row(dict(zip(columns, cells, strict=True)), place, rowid)
        for rowid, *cells in database.execute(query)
    ]
