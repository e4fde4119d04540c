"""The user's files while the box runs: options and progressions, the last good ones kept."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ..config.load import decode, encode, load_config, override
from ..config.options import Config
from ..errors import LkjamError
from ..music.library import Library, load_library
from ..protocol.process_messages import FilesRead

NUMBERS = 1 << 16  # of libraries, as records have room for: a file saved each second fills it a day
Stamp = tuple[tuple[str, int, int], ...]  # path, mtime in ns, size


class Files:
    """Reads the options at once and the progressions when told to, keeps the last good options in
    ``state``, notices changes.

    Only a wrong override raises LkjamError: it was typed just now. With a wrong file the box plays
    with the last good options, or else the defaults; ``message`` tells what is wrong.
    """

    def __init__(self, path: Path | None, overrides: Mapping[str, str], state: Path) -> None:
        self._path, self._overrides = path, dict(overrides)
        self._kept = state / "options.json"
        self._options_error = ""
        self._library_errors: tuple[str, ...] = ()
        self.waiting = False  # options outside ``music`` changed while the box runs
        self._seen = self.number = 0
        self._options_seen = self._stamp_options()
        self.config = self._first_config()

    @classmethod
    def going_on(cls, read: FilesRead, state: Path) -> Files:
        """Those that another process has read: nothing is read until something changes."""
        files = cls.__new__(cls)
        files._path = Path(read.path) if read.path else None
        files._overrides, files._kept = read.overrides, state / "options.json"
        files._options_error, files._library_errors = "", (read.message,)
        files.waiting, files.config, files._options_seen = False, read.config, ()
        files._seen, files.number = read.seen, read.number
        return files

    @property
    def read(self) -> FilesRead:
        """What is known of them, for another process to go on from."""
        return FilesRead(
            path=str(self._path or ""),
            overrides=self._overrides,
            config=self.config,
            seen=self._seen,
            number=self.number,
            message=self.message,
        )

    @property
    def message(self) -> str:
        """One line of text: the first thing that is wrong and how many more; '' for none."""
        wrong = [line for line in (self._options_error, *self._library_errors) if line]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return wrong[0] + more if wrong else ""

    def library(self) -> Library:
        """Read the progressions for the first time."""
        library = self._read_library(None)
        try:
            library.find(self.config.music.progression)
        except LkjamError as error:
            self._library_errors = (*self._library_errors, str(error))
            self.config = override(self.config, {"music.progression": ""})
        return library

    def changed(
        self,
        keep: Callable[[], Library | None],
        force: bool = False,
        between: Callable[[], object] = lambda: None,
    ) -> Library | None:
        """Call it about once a second; the new library when something changed and was read again.
        ``keep`` gives the library until now; ``force`` reads in any case; ``between`` is called
        after each file."""
        options_seen = self._stamp_options()
        if not force and _seen(options_seen, self._stamp_tunes()) == self._seen:
            return None
        self._options_seen, self._options_error = options_seen, ""
        try:
            self._take(override(load_config(self._path), self._overrides))
        except LkjamError as error:
            self._options_error = str(error)
        self.number = (self.number + 1) % NUMBERS
        return self._read_library(keep(), between)

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

    def _read_library(
        self, keep: Library | None, between: Callable[[], object] = lambda: None
    ) -> Library:
        self._seen = _seen(self._options_seen, self._stamp_tunes())  # a change from now on is news
        library, errors = load_library(self.config.music, self.number, keep, between)
        self._library_errors = tuple(map(str, errors))
        return library

    def _stamp_options(self) -> Stamp:
        try:
            return (_stamp(str(self._path), os.stat(self._path)),) if self._path else ()
        except OSError:
            return ()

    def _stamp_tunes(self) -> Stamp:
        folder = self.config.music.folder
        if not folder:
            return ()
        try:
            with os.scandir(Path(folder).expanduser()) as entries:
                return tuple(sorted(_tunes(entries)))
        except OSError:
            return ()

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


def _stamp(name: str, found: os.stat_result) -> tuple[str, int, int]:
    return name, found.st_mtime_ns, found.st_size


def _tunes(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[str, int, int]]:
    for entry in entries:
        if entry.name.endswith((".yaml", ".yml")):
            with suppress(OSError):  # it went this moment, or is a link to nowhere
                yield _stamp(entry.name, entry.stat())


def _seen(*stamps: Stamp) -> int:
    return zlib.crc32(repr(stamps).encode())
