"""On which channels the box plays: as the player says, but outside MPE zones. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..protocol.records import HUMAN, LAST_SEAT
from .mpe import Zones

_CHANNELS = 16


class BoxChannels:
    """``box`` and ``click`` are MIDI channels from 1, as the options have them; the second and
    third seat play on those after ``box``. Methods give 0..15.

    What would land inside a zone moves to a free channel beside it. Where the zones take all, it
    is their master's, on which notes sound as on any other.
    """

    def __init__(self, box: int, click: int, zones: Zones) -> None:
        self.box, self.click = box, click
        self._zones = zones

    def of_seat(self, seat: int) -> int:
        wanted = self._wanted(seat)
        return self._choose(wanted, seat - 1)

    def of_click(self) -> int:
        return self._choose(self.click - 1, LAST_SEAT)

    # --- inside

    def _wanted(self, seat: int) -> int:
        return (self.box - 1 + seat - 1) % _CHANNELS

    def _choose(self, wanted: int, place: int) -> int:
        if wanted not in self._zones.taken:
            return wanted
        spare = self._spare()
        return spare[place % len(spare)] if spare else self._zones.master

    def _spare(self) -> Sequence[int]:
        """Channels outside the zones, farthest from the master first, as a zone that only showed
        itself may grow; those that nobody plays on, if there are any."""
        outside = [c for c in range(_CHANNELS) if c not in self._zones.taken]
        outside.sort(key=lambda c: -abs(c - self._zones.master))
        used = {self.click - 1, *(self._wanted(seat) for seat in range(HUMAN + 1, LAST_SEAT + 1))}
        return [c for c in outside if c not in used] or outside
