"""Files of one JSON record a line, plain or gzipped, with errors that name the line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from ...errors import FileError

# What reading the fields of a malformed record can raise.
_MALFORMED = (
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    ValueError,
    ArithmeticError,
    msgspec.ValidationError,
)


def read(path: Path, allowed: str) -> Iterator[tuple[int, Any]]:
    """(line, record) of each line that is not blank.

    Raises FileError; ``allowed`` says what file was meant.
    """
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _record(line, path, number)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise FileError(
            "cannot read the corpus",
            file=path,
            found=getattr(error, "strerror", None) or str(error),
            allowed=allowed,
        ) from None


def _open(path: Path) -> IO[str]:
    return (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8")
    )


def _record(line: str, path: Path, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileError("not a JSON record", file=path, line=number, found=str(error)) from None


@contextmanager
def malformed(what: str, file: Path, line: int, allowed: str) -> Iterator[None]:
    """Turns what a malformed record raises inside ``with`` into a FileError of file and line."""
    try:
        yield
    except FileError as error:
        if error.file:
            raise
        raise FileError(
            error.what, file=file, line=line, found=error.found, allowed=error.allowed
        ) from None
    except _MALFORMED as error:
        raise FileError(
            what, file=file, line=line, found=f"{type(error).__name__}: {error}", allowed=allowed
        ) from None
