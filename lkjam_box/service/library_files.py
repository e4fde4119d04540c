"""The libraries that the supervisor writes down for its processes: the last few, a file each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from ..music.library import KEPT, Libraries, Library

PATTERN = "library-*.json"


def library_path(folder: Path, number: int) -> Path:
    """The file of library ``number``; not that of those before, which may be about to be read."""
    return folder / f"library-{number % KEPT}.json"


def read_library(path: str) -> Library:
    """The progressions that the supervisor wrote down for its processes."""
    return Library.decode(Path(path).read_bytes())


def open_libraries(path: str, say: Callable[[str], None]) -> Libraries:
    """The library in ``path``, and any other of its folder once a turn names it: one that plays
    on after a save, or one that we were not told of yet. ``say`` hears of one that is gone."""
    said: set[int] = set()

    def read(number: int) -> Library | None:
        try:
            library = read_library(str(library_path(Path(path).parent, number)))
        except (OSError, msgspec.MsgspecError):
            library = None
        if library is not None and library.number == number:
            return library
        if number not in said:
            said.add(number)
            say(f"progressions number {number} are gone: the newest stand in for them")
        return None

    return Libraries(read_library(path), read)
