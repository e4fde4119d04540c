"""The note ledger: every sounding note has an owner and an end. Pure.

No other code sends a note-on. What the ledger has sent, it can always end.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from enum import IntEnum
from math import inf
from operator import attrgetter

import msgspec

from ..midi.messages import Message, note_off, note_on


class Owner(IntEnum):
    HUMAN = 0
    BOX = 1
    CLICK = 2


class _Held(msgspec.Struct, eq=False):
    number: int  # in the order in which notes began
    owner: Owner
    channel: int
    pitch: int
    end_beats: float
    origin: str  # device that it is played on, where it sounds without us


class Ledger:
    """Methods return the messages to send, in order.

    ``tell(owner, channel, pitch, velocity)`` is called for every key that goes down, and with
    velocity 0 when it goes up. Two owners may hold one key, and two devices of the human: it goes
    up when the last one lets go. A key struck again while it sounds is sent a note-off first.

    A note is not sent to the device of its ``origin``, so a note of another owner on the same key
    ends there as if it were alone (:attr:`Message.only`).
    """

    def __init__(self, tell: Callable[[Owner, int, int, int], None] | None = None) -> None:
        self._keys: dict[tuple[int, int], list[_Held]] = {}  # (channel, pitch) -> who holds it
        self._ends: list[tuple[float, int, _Held]] = []  # of notes that have one, soonest first
        self._count = 0  # of notes that were begun
        self._tell = tell

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))

    def copy(self) -> Ledger:
        """A copy to ask what this one would send; it tells nobody."""
        other = Ledger()
        other._keys = {key: held.copy() for key, held in self._keys.items()}
        other._ends, other._count = self._ends.copy(), self._count
        return other

    def sounding(self) -> set[tuple[int, int]]:
        """(channel, pitch) of every key that is down."""
        return set(self._keys)

    def count(self, owner: Owner) -> int:
        return sum(held.owner is owner for holders in self._keys.values() for held in holders)

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
        key, tell = (channel, pitch), self._tell
        strike = note_on(channel, pitch, velocity, origin)
        holders = self._keys.get(key)
        if holders is None:
            messages, self._keys[key] = [strike], (holders := [])
        else:
            messages = [note_off(channel, pitch, origin=origin), strike]
            before = _of(holders, owner, origin)
            if before is not None:
                holders.remove(before)
                self._forget_end(before)
                if tell is not None:
                    tell(owner, channel, pitch, 0)
        if tell is not None:
            tell(owner, channel, pitch, velocity)
        self._count = number = self._count + 1
        held = _Held(number, owner, channel, pitch, end_beats, origin)
        holders.append(held)
        if end_beats < inf:
            insort(self._ends, (end_beats, number, held))
        return messages

    def off(
        self, owner: Owner, channel: int, pitch: int, origin: str = "", velocity: int = 64
    ) -> list[Message]:
        """End one note, let go with ``velocity``; nothing when the owner does not hold it."""
        holders = self._keys.get((channel, pitch))
        held = None if holders is None else _of(holders, owner, origin)
        if holders is None or held is None:
            return []
        if len(holders) > 1:
            return self._release([held], velocity)
        del self._keys[channel, pitch]
        self._forget_end(held)
        if self._tell is not None:
            self._tell(owner, channel, pitch, 0)
        return [note_off(channel, pitch, velocity, origin)]

    def next_end_beats(self) -> float:
        return self._ends[0][0] if self._ends else inf

    def cut(self, owner: Owner, end_beats: float) -> None:
        """Let ``due`` end every note of ``owner`` at ``end_beats`` at the latest."""
        for held in self._all():
            if held.owner is owner and end_beats < held.end_beats:
                self._forget_end(held)
                sooner = msgspec.structs.replace(held, end_beats=end_beats)
                holders = self._keys[held.channel, held.pitch]
                holders[holders.index(held)] = sooner
                insort(self._ends, (end_beats, held.number, sooner))

    def due(self, beat: float) -> list[Message]:
        """End the notes whose end is at or before ``beat``."""
        ends = self._ends
        if not ends or ends[0][0] > beat:
            return []
        gone = [held for end_beats, _, held in ends if end_beats <= beat]
        return self._release(sorted(gone, key=_number))

    def close(self, owner: Owner | None = None) -> list[Message]:
        """End everything, or everything of one owner."""
        if not self._keys:
            return []
        return self._release([held for held in self._all() if owner in (None, held.owner)])

    # --- inside

    def _all(self) -> list[_Held]:
        return sorted((held for holders in self._keys.values() for held in holders), key=_number)

    def _forget_end(self, held: _Held) -> None:
        if held.end_beats < inf:
            del self._ends[bisect_left(self._ends, (held.end_beats, held.number))]

    def _release(self, gone: list[_Held], velocity: int = 64) -> list[Message]:
        """End ``gone``, in the order in which they began."""
        lifted: dict[tuple[int, int], set[str]] = {}
        for held in gone:
            key = held.channel, held.pitch
            holders = self._keys[key]
            holders.remove(held)
            if not holders:
                del self._keys[key]
            self._forget_end(held)
            lifted.setdefault(key, set()).add(held.origin)
            if self._tell is not None:
                self._tell(held.owner, *key, 0)
        messages = (self._up(key, origins, velocity) for key, origins in lifted.items())
        return [message for message in messages if message is not None]

    def _up(self, key: tuple[int, int], lifted: set[str], velocity: int) -> Message | None:
        """The note-off where ``key`` sounded for ``lifted`` only; None where others hold it."""
        holders = self._keys.get(key)
        if holders is None:
            return note_off(*key, velocity, origin=lifted.pop() if len(lifted) == 1 else "")
        others = {held.origin for held in holders}
        if "" in others or len(others) > 1 or lifted == others:
            return None
        return note_off(*key, velocity, only=others.pop())


_number = attrgetter("number")


def _of(holders: list[_Held], owner: Owner, origin: str) -> _Held | None:
    """What ``owner`` holds of them, played on ``origin``."""
    for held in holders:
        if held.owner is owner and held.origin == origin:
            return held
    return None
