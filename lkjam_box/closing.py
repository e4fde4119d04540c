"""Things that hold a resource of the system: closed by ``with``, and twice without harm."""

from __future__ import annotations

from typing import Protocol, Self


class Closing(Protocol):
    """Base of all that must be closed: by the end of a ``with``, or by ``close``.

    A subclass releases its resources in ``_close``, which is called once at most.
    """

    _is_closed: bool = False

    def close(self) -> None:
        """Release the resources. The first call may raise OSError; further calls do nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._close()

    def _close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
