"""What holds something of the system's, and how it lets go."""

from __future__ import annotations

from typing import Protocol, Self


class Closing(Protocol):
    """Closed at the end of a ``with``, or by ``close``: once, however often it is asked for.

    Whoever derives from it says in ``_close`` what is let go of.
    """

    _is_closed: bool = False

    def close(self) -> None:
        """May raise OSError the first time; after that there is nothing to do."""
        if not self._is_closed:
            self._is_closed = True
            self._close()

    def _close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
