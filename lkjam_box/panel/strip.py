"""The last notes played, for the screen: a few new ones at a time. Pure."""

from __future__ import annotations

Notes = tuple[tuple[int, bool], ...]
"""Pitch, and whether it is the box's; newest last."""

_BOX = 128  # added to the pitch of the box's notes in ``Snapshot.recent``


class NoteStrip:
    """The notes shown; at most ``NEW_A_REFRESH`` new ones a picture, so that a run never blurs."""

    STEP = 5  # dots a note
    NEW_A_REFRESH = 5
    LENGTH = 12

    def __init__(self) -> None:
        self.notes: Notes = ()
        self._serial = 0

    def update(self, serial: int, recent: tuple[int, ...]) -> None:
        """``recent`` holds the latest notes, newest last; ``serial`` counts all there were."""
        if serial == self._serial:
            return
        if serial < self._serial:  # a new stage, which counts from 0
            self.notes, self._serial = (), 0
        new = min(serial - self._serial, self.NEW_A_REFRESH, len(recent))
        known = recent[: min(serial, len(recent))]
        added = ((note % _BOX, note >= _BOX) for note in known[len(known) - new :] if new)
        self.notes = (*self.notes, *added)[-self.LENGTH :]
        self._serial = serial


def reach(notes: Notes) -> tuple[int, int]:
    """Lowest and highest pitch of them, an octave and a half at least."""
    pitches = [pitch for pitch, _ in notes] or [60]
    low, high = min(pitches), max(pitches)
    spare = max(18 - (high - low), 0)
    return low - spare // 2, high + (spare + 1) // 2
