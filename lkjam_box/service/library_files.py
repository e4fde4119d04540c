"""The libraries of the last few saves, as the processes read them: a file each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from ..music.library import Libraries, Library
from ..protocol.runtime_folder import library_path


def read_library(path: str) -> Library:
    """The progressions that were written down for the processes."""
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
