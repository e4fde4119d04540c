"""The way to the synth: what sounds there, whose its channels are, when things are to leave. Pure.

Nothing of the stage sends to the synth but by way of here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import isfinite

from ..midi.messages import Message
from .channel_guard import ChannelGuard
from .ledger import Ledger

Send = Callable[[str, Message], float | None]
"""``send("synth", message)`` sends now and returns when the message left, in the seconds that
``wake`` takes; None: at the time ``wake`` was given. ``"clock"`` is for the box's own clock."""

_FURTHEST_MS = 50.0  # that the output offset reaches


class Wire:
    """``offset_s``: the box plays this much later than the clock says."""

    def __init__(self, send: Send, ledger: Ledger, guard: ChannelGuard) -> None:
        self.offset_s = 0.0
        self.ledger, self.guard = ledger, guard
        self._send = send

    def out(self, messages: Iterable[Message]) -> None:
        """Send ``messages``."""
        for message in messages:
            self._send("synth", message)

    def send(self, time_s: float, messages: Sequence[Message]) -> list[float]:
        """Send ``messages`` at ``time_s``; returns when each left."""
        return [self._send("synth", message) or time_s for message in messages]

    def move_out(self, offset_ms: float) -> bool:
        """Set the output offset, kept in its limits; False for what is no number."""
        if not isfinite(offset_ms):
            return False
        self.offset_s = min(max(offset_ms, -_FURTHEST_MS), _FURTHEST_MS) / 1000
        return True

    def give_channels(self, channels: Iterable[int]) -> None:
        """The box plays on ``channels`` from now on, and on no others."""
        self.out(self.guard.guard(channels))
