"""Capture: the human's turn as one melody, told to the brain note by note. Pure.

Chords are reduced to their top voice: of notes struck within :data:`CHORD_S` the highest counts.
A later note ends the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.records import Heard, Released, Turn

CHORD_S = 0.025  # keys of one chord fall within this; a 32nd at 300 BPM lasts 25 ms


@dataclass(slots=True)
class _Open:
    seq: int
    pitch: int
    time_s: float


class Capture:
    """``begin`` a human turn, ``press`` and ``release`` keys, ``end`` it: the records to send."""

    def __init__(self, early_beats: float) -> None:
        self.count = 0  # notes of this turn so far
        self._early_beats = early_beats
        self._turn: Turn | None = None
        self._open: _Open | None = None
        self._early: list[tuple[float, float, int, int]] = []  # time_s, beat, pitch, velocity

    def begin(self, turn: Turn) -> list[Heard | Released]:
        """Begin a turn; the highest note struck up to ``early_beats`` before its line is in it."""
        self._turn, self._open, self.count = turn, None, 0
        early = [e for e in self._early if turn.start_beats - e[1] <= self._early_beats]
        self._early = []
        if early:
            time_s, _, pitch, velocity = max(early, key=lambda e: e[2])
            return self.press(time_s, turn.start_beats, pitch, velocity)
        return []

    def press(
        self, time_s: float, beat: float, pitch: int, velocity: int
    ) -> list[Heard | Released]:
        turn = self._turn
        if turn is None:
            self._early = [*self._early[-3:], (time_s, beat, pitch, velocity)]
            return []
        now = self._open
        beat = max(beat, turn.start_beats)
        if now and time_s - now.time_s < CHORD_S:
            if pitch <= now.pitch:
                return []
            self._open = _Open(now.seq, pitch, now.time_s)
            return [Heard(turn.serial, now.seq, pitch, velocity, beat)]
        records: list[Heard | Released] = []
        if now:
            records.append(Released(turn.serial, now.seq, beat))
        self.count += 1
        self._open = _Open(self.count, pitch, time_s)
        records.append(Heard(turn.serial, self.count, pitch, velocity, beat))
        return records

    def release(self, beat: float, pitch: int) -> list[Heard | Released]:
        self._early = [e for e in self._early if e[2] != pitch]
        if self._turn is None or self._open is None or self._open.pitch != pitch:
            return []
        seq, self._open = self._open.seq, None
        return [Released(self._turn.serial, seq, beat)]

    def lift(self, beat: float) -> list[Heard | Released]:
        """End the open note: the keyboard is gone, so its keys count as up."""
        return self.release(beat, self._open.pitch) if self._open else []

    def end(self, line_beats: float) -> list[Heard | Released]:
        """End the turn; a note that is still held ends at ``line_beats``."""
        turn, now = self._turn, self._open
        self._turn = self._open = None
        if turn and now:
            return [Released(turn.serial, now.seq, line_beats)]
        return []

    @property
    def held(self) -> bool:
        """Whether the key of the last note is still down."""
        return self._open is not None
