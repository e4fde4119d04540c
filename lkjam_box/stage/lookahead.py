"""Notes made ready before their time, so that at their time they need only be sent.

The stage foretells what it will send next (``Stage.look_ahead``, pure); the process
sends that on the dot, then wakes the stage, which libraries it by its ordinary way and, asking
for the same messages, is told when they left. So nothing is decided twice, and a batch that
was not sent_ahead leaves nothing to undo.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..midi.messages import NOTE_ON, Message, note_off


@dataclass(frozen=True, slots=True)
class DueBatch:
    """What leaves at ``time_s`` (the clock's), in order, to the synth."""

    time_s: float
    messages: tuple[Message, ...]


class SentAhead:
    """What left already and was not asked for yet. Pure."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left: deque[tuple[Message, float]] = deque()

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, message: Message, left_s: float) -> None:
        self._left.append((message, left_s))

    def left_s(self, message: Message) -> float | None:
        """When ``message`` left, if it did; it is asked for once. What was foretold before it
        and is not wanted after all waits for :meth:`settle`."""
        for place, (sent, left_s) in enumerate(self._left):
            if sent == message:
                del self._left[place]
                return left_s
        return None

    def settle(self) -> list[Message]:
        """Messages that end what left though nobody asked for it."""
        struck = [sent for sent, _ in self._left if sent.kind == NOTE_ON]
        self._left.clear()
        return [note_off(sent.channel, sent.pitch) for sent in struck]
