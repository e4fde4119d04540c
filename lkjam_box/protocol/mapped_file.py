"""A file mapped into memory, so that what is written outlives the process that wrote it."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

from .folder_guard import open_plain


def mapped_file(path: Path, size: int) -> mmap.mmap:
    """Map the file at ``path``; makes one where there is none, and sets its length to ``size``.
    Raises OSError where it is no plain file: whoever put a link there shall not choose ours."""
    handle = open_plain(path, os.O_RDWR | os.O_CREAT)
    try:
        os.ftruncate(handle, size)
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
