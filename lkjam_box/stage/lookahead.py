"""Notes made ready before their time, so that at their time they need only be sent.

The stage foretells what it will send next (``Stage.look_ahead``, pure). The process sends that at
its time, then wakes the stage. The stage books the notes as always and asks to send the same
messages; instead of sending again, the process says when they left. So nothing is decided twice,
and a batch that was not sent ahead leaves nothing to undo.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..midi.messages import NOTE_ON, Message, note_off


@dataclass(frozen=True, slots=True)
class DueBatch:
    """Messages to the synth that are due at ``time_s`` by the clock, in order of sending."""

    time_s: float
    messages: tuple[Message, ...]


class SentAhead:
    """Messages sent ahead that the stage has not asked to send yet. Pure."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left: deque[tuple[Message, float]] = deque()

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, message: Message, left_s: float) -> None:
        self._left.append((message, left_s))

    def left_s(self, message: Message) -> float | None:
        """When ``message`` was sent ahead, None if it was not. Each one sent counts once; those
        that the stage never asks for stay until :meth:`settle`."""
        for place, (sent, left_s) in enumerate(self._left):
            if sent == message:
                del self._left[place]
                return left_s
        return None

    def settle(self) -> list[Message]:
        """Note-offs for the notes sent ahead that the stage did not ask for; forgets them."""
        struck = [sent for sent, _ in self._left if sent.kind == NOTE_ON]
        self._left.clear()
        return [note_off(sent.channel, sent.pitch) for sent in struck]
