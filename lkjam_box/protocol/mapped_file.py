"""A file mapped into memory, so that what is written outlives the process that wrote it."""

from __future__ import annotations

import mmap
import os
from pathlib import Path


def mapped_file(path: Path, size: int) -> mmap.mmap:
    """Map the file at ``path``; makes one where there is none, and sets its length to ``size``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.ftruncate(handle, size)
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)
