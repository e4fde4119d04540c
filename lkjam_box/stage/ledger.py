"""The note ledger: every sounding note has an owner and an end. Pure.

No other code sends a note-on. What the ledger has sent, it can always end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from ..midi.messages import Message, note_off, note_on, routed


class Owner(IntEnum):
    HUMAN = 0
    BOX = 1
    CLICK = 2


@dataclass(slots=True)
class _Held:
    owner: Owner
    key: tuple[int, int]  # channel, pitch
    end_beats: float
    origin: str = ""  # device that it is played on, where it sounds without us

    @property
    def identity(self) -> tuple[Owner, tuple[int, int], str]:
        return self.owner, self.key, self.origin


class Ledger:
    """Methods return the messages to send, in order.

    ``tell(owner, channel, pitch, velocity)`` is called for every key that goes down, and with
    velocity 0 when it goes up. Two owners may hold one key, and two devices of the human: it goes
    up when the last one lets go. A key struck again while it sounds is sent a note-off first.

    A note is not sent to the device of its ``origin``, so a note of another owner on the same key
    ends there as if it were alone (:attr:`Message.only`).
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
        self,
        owner: Owner,
        channel: int,
        pitch: int,
        velocity: int,
        end_beats: float = inf,
        origin: str = "",
    ) -> list[Message]:
        """Begin a note, which ``due`` ends at ``end_beats``; infinity leaves that to ``off``."""
        messages: list[Message] = []
        new = _Held(owner, (channel, pitch), end_beats, origin)
        if any(held.key == new.key for held in self._held):
            messages.append(routed(note_off(channel, pitch), origin))
        kept = [held for held in self._held if held.identity != new.identity]
        if self._tell is not None:
            if len(kept) < len(self._held):
                self._tell(owner, channel, pitch, 0)
            self._tell(owner, channel, pitch, velocity)
        self._held = [*kept, new]
        messages.append(routed(note_on(channel, pitch, velocity), origin))
        return messages

    def off(
        self, owner: Owner, channel: int, pitch: int, origin: str = "", velocity: int = 64
    ) -> list[Message]:
        """End one note, let go with ``velocity``; nothing when the owner does not hold it."""
        identity = owner, (channel, pitch), origin
        return self._release(lambda held: held.identity == identity, velocity)

    def next_end_beats(self) -> float:
        return min((held.end_beats for held in self._held), default=inf)

    def due(self, beat: float) -> list[Message]:
        """End the notes whose end is at or before ``beat``."""
        if self.next_end_beats() > beat:
            return []
        return self._release(lambda held: held.end_beats <= beat)

    def close(self, owner: Owner | None = None) -> list[Message]:
        """End everything, or everything of one owner."""
        return self._release(lambda held: owner is None or held.owner is owner)

    def _release(self, ends: Callable[[_Held], bool], velocity: int = 64) -> list[Message]:
        gone = [held for held in self._held if ends(held)]
        if not gone:
            return []
        self._held = [held for held in self._held if not ends(held)]
        if self._tell is not None:
            for held in gone:
                self._tell(held.owner, *held.key, 0)
        origins: dict[tuple[int, int], set[str]] = {}
        for held in gone:
            origins.setdefault(held.key, set()).add(held.origin)
        messages = [self._up(key, lifted, velocity) for key, lifted in origins.items()]
        return [message for message in messages if message is not None]

    def _up(self, key: tuple[int, int], lifted: set[str], velocity: int) -> Message | None:
        """The note-off where ``key`` sounded for ``lifted`` only; None where others hold it."""
        others = {held.origin for held in self._held if held.key == key}
        if not others:
            return routed(note_off(*key, velocity), lifted.pop() if len(lifted) == 1 else "")
        if "" in others or len(others) > 1 or lifted == others:
            return None
        return routed(note_off(*key, velocity), only=others.pop())
