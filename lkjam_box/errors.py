"""Every error the box can raise on purpose.

A message is one line: what, where (file and line), what was found, what is
allowed and how to mend it. The command line prints it as it stands.
"""

from __future__ import annotations

from pathlib import Path


class LkjamError(Exception):
    """Base of all errors of this package."""


class MissingLibrary(LkjamError, ImportError):
    """An optional library is not installed; the message says which extra has it."""


class PortNotFound(LkjamError, LookupError):
    """No MIDI port matches the pattern; the message lists those present."""


class ModelError(LkjamError, ValueError):
    """A model file cannot be loaded or does not fit this version's features."""


class FileError(LkjamError, ValueError):
    """A file of the user's has something we cannot take.

    Printed as ``file:line: what: found X, allowed Y``.
    """

    def __init__(
        self,
        what: str,
        *,
        file: str | Path = "",
        line: int = 0,
        found: object = None,
        allowed: str = "",
    ) -> None:
        self.what, self.file, self.line = what, str(file), line
        self.found, self.allowed = found, allowed
        where = f"{file}:{line}: " if line else f"{file}: " if file else ""
        parts = [f"found {found!r}"] if found is not None else []
        parts += [f"allowed: {allowed}"] if allowed else []
        super().__init__(where + what + (": " + ", ".join(parts) if parts else ""))


class OptionError(FileError):
    """A bad option in a configuration file or on the command line."""


class ProgressionError(FileError):
    """A bad progression file or chord symbol."""
