"""The progressions in the runtime folder, where every process reads them when it starts."""

from __future__ import annotations

import os
from pathlib import Path

from ..closing import Closing
from ..health.health_file import put
from ..music.library import Library
from ..protocol.folder_guard import open_plain
from ..protocol.runtime_folder import library_path


class LibraryFile(Closing):
    """Holds the file open, so that it can be put back where somebody has cleaned up the folder."""

    def __init__(self, folder: Path, library: Library) -> None:
        self._path, self._fd = library_path(folder, library.number), -1
        put(self._path, library.encode())
        self.take(self._path)

    def take(self, path: Path) -> None:
        """Another process has written a new one to ``path``."""
        self._close()
        self._path, self._fd = path, open_plain(path, os.O_RDONLY)

    def there(self) -> Path:
        """The path, at which the file is in any case."""
        if not self._path.exists():
            put(self._path, os.pread(self._fd, os.fstat(self._fd).st_size, 0))
        return self._path

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
