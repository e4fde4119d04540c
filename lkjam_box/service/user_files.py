"""The user's files while the box runs: options and progressions, the last good ones kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ..config.load import decode, encode, load_config, override
from ..config.options import Config
from ..errors import LkjamError
from ..music.library import Library, load_library

Stamp = tuple[tuple[str, int, int], ...]  # path, mtime in ns, size


class Files:
    """Reads the files, keeps the last good options in ``state``, notices changes.

    Only a wrong override raises LkjamError: it was typed just now. With a wrong file the box plays
    with the last good options, or else the defaults; ``message`` tells what is wrong.
    """

    def __init__(self, path: Path | None, overrides: Mapping[str, str], state: Path) -> None:
        self._path, self._overrides = path, overrides
        self._kept = state / "options.json"
        self._options_error = ""
        self._library_errors: tuple[str, ...] = ()
        self.waiting = False  # options outside ``music`` changed while the box runs
        self.config = self._first_config()
        self.library = self._read_library(None)
        self._seen = self._stamp()

    @property
    def message(self) -> str:
        """One line of text: the first thing that is wrong and how many more; '' for none."""
        wrong = [line for line in (self._options_error, *self._library_errors) if line]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return wrong[0] + more if wrong else ""

    def look(self) -> bool:
        """Call it once a second; True when something changed and was read again."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        self._options_error = ""
        try:
            self._take(override(load_config(self._path), self._overrides))
        except LkjamError as error:
            self._options_error = str(error)
        self.library = self._read_library(self.library)
        self._seen = self._stamp()
        return True

    # --- inside

    def _first_config(self) -> Config:
        override(Config(), self._overrides)  # wrong on the command line: tell at once
        try:
            config = override(load_config(self._path), self._overrides)
        except LkjamError as error:
            self._options_error = str(error)
            return override(self._last_good(), self._overrides)
        self._keep(config)
        return config

    def _take(self, config: Config) -> None:
        """Options of ``music`` are taken up now, the rest when the box starts again."""
        self._keep(config)
        self.waiting = msgspec.structs.replace(config, music=self.config.music) != self.config
        self.config = msgspec.structs.replace(self.config, music=config.music)

    def _read_library(self, keep: Library | None) -> Library:
        number = keep.number + 1 if keep else 0
        library, errors = load_library(self.config.music, number, keep)
        self._library_errors = tuple(map(str, errors))
        if keep is None:
            try:
                library.find(self.config.music.progression)
            except LkjamError as error:
                self._library_errors = (*self._library_errors, str(error))
                self.config = override(self.config, {"music.progression": ""})
        return library

    def _stamp(self) -> Stamp:
        paths = [self._path] if self._path else []
        folder = self.config.music.folder
        if folder:
            paths += sorted(Path(folder).expanduser().glob("*.y*ml"))
        found = []
        for path in paths:
            try:
                stat = path.stat()
            except OSError:
                continue
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
        return tuple(found)

    def _last_good(self) -> Config:
        try:
            return decode(self._kept.read_bytes())
        except (OSError, ValueError):
            return Config()

    def _keep(self, config: Config) -> None:
        """Write the last good ``config`` if it is new: whole, or not at all on a full disk."""
        data = encode(config)
        new = self._kept.with_suffix(".new")
        try:
            if self._kept.exists() and self._kept.read_bytes() == data:
                return
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            with open(new, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._kept)
        except OSError:
            pass
