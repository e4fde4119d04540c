"""The note ledger: every sounding note has an owner and an end. Pure.

No other code sends a note-on. What the ledger has sent, it can always end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from ..midi.messages import Message, note_off, note_on


class Owner(IntEnum):
    HUMAN = 0
    BOX = 1
    CLICK = 2


@dataclass(slots=True)
class _Held:
    owner: Owner
    key: tuple[int, int]  # channel, pitch
    end_beats: float


class Ledger:
    """Methods return the messages to send, in order.

    ``tell(owner, channel, pitch, velocity)`` is called for every key that goes down, and with
    velocity 0 when it goes up. Two owners may hold one key: it goes up when the last one lets go.
    A key struck again while it sounds is sent a note-off first.
    """

    def __init__(self, tell: Callable[[Owner, int, int, int], None] | None = None) -> None:
        self._held: list[_Held] = []
        self._tell = tell

    def __len__(self) -> int:
        return len(self._held)

    def copy(self) -> Ledger:
        """A copy to ask what this one would send; it tells nobody."""
        other = Ledger()
        other._held = self._held.copy()
        return other

    def count(self, owner: Owner) -> int:
        return sum(held.owner is owner for held in self._held)

    def on(
        self, owner: Owner, channel: int, pitch: int, velocity: int, end_beats: float = inf
    ) -> list[Message]:
        """Begin a note, which ``due`` ends at ``end_beats``; infinity leaves that to ``off``."""
        messages: list[Message] = []
        key = channel, pitch
        if any(held.key == key for held in self._held):
            messages.append(note_off(channel, pitch))
        kept = [held for held in self._held if (held.owner, held.key) != (owner, key)]
        if self._tell is not None:
            if len(kept) < len(self._held):
                self._tell(owner, channel, pitch, 0)
            self._tell(owner, channel, pitch, velocity)
        self._held = kept
        self._held.append(_Held(owner, key, end_beats))
        messages.append(note_on(channel, pitch, velocity))
        return messages

    def off(self, owner: Owner, channel: int, pitch: int) -> list[Message]:
        """End one note; nothing when the owner does not hold it."""
        return self._release(lambda held: (held.owner, held.key) == (owner, (channel, pitch)))

    def next_end_beats(self) -> float:
        return min((held.end_beats for held in self._held), default=inf)

    def cut(self, owner: Owner, end_beats: float) -> None:
        """Let ``due`` end every note of ``owner`` at ``end_beats`` at the latest."""
        for held in self._held:
            if held.owner is owner:
                held.end_beats = min(held.end_beats, end_beats)

    def due(self, beat: float) -> list[Message]:
        """End the notes whose end is at or before ``beat``."""
        if self.next_end_beats() > beat:
            return []
        return self._release(lambda held: held.end_beats <= beat)

    def close(self, owner: Owner | None = None) -> list[Message]:
        """End everything, or everything of one owner."""
        return self._release(lambda held: owner is None or held.owner is owner)

    def _release(self, ends: Callable[[_Held], bool]) -> list[Message]:
        gone = [held for held in self._held if ends(held)]
        if not gone:
            return []
        self._held = [held for held in self._held if not ends(held)]
        if self._tell is not None:
            for held in gone:
                self._tell(held.owner, *held.key, 0)
        still = {held.key for held in self._held}
        keys = dict.fromkeys(held.key for held in gone)
        return [note_off(*key) for key in keys if key not in still]
