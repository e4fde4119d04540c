"""What a recording of the set needs to be told, as records for the recorder. Pure."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, inf

from ..midi.messages import Message, note_off, note_on
from ..protocol.records import Paced, Part, Record, SetBegan, SetEnded, Sounded, Turn, TurnBegan
from ..protocol.shared_state import Mode
from ..turns.scheduler import TurnScheduler
from .ledger import Owner

TEMPO_BPM = 0.1  # a change of tempo smaller than this is not told
_PLAYING = (Mode.COUNT_IN, Mode.TRADING)


class RecorderFeed:
    """``take`` gets the records and must not block; None records nothing.

    A set is told from its count-in until it stops, is over or is moved to another place. Set
    ``beats`` to the beat that is on the wire (the output offset taken off) before anything sounds.
    """

    def __init__(self, take: Callable[[Record], None] | None) -> None:
        self.beats = 0.0
        self._take = take
        self._rolls = False
        self._bpm = self._next_beat = 0.0

    def next_beats(self, mode: Mode) -> float:
        """When :meth:`follow` has something to tell; -infinity for now, infinity for never."""
        if self._take is None or (mode in _PLAYING) == self._rolls:
            return self._next_beat if self._rolls else inf
        return -inf

    def follow(self, beats: float, scheduler: TurnScheduler, bpm: float) -> None:
        """Begin or end the set, tell a new tempo; called when lines up to ``beats`` are crossed."""
        if self._take is None:
            return
        if scheduler.mode not in _PLAYING:
            self.stop()
            return
        if not self._rolls:
            self._rolls, self._bpm, self._next_beat = True, 0.0, beats
            self._take(SetBegan(beats))
            if scheduler.turn is not None:
                self._take(TurnBegan(scheduler.turn))
        if beats >= self._next_beat:
            self._next_beat = floor(beats) + 1.0
            if abs(bpm - self._bpm) >= TEMPO_BPM:
                self._bpm = bpm
                self._take(Paced(beats, bpm))

    def stop(self) -> None:
        """End the set: it is over, or was moved to another place."""
        if self._rolls and self._take is not None:
            self._rolls = False
            self._take(SetEnded(self.beats))

    def turn(self, turn: Turn) -> None:
        if self._rolls and self._take is not None:
            self._take(TurnBegan(turn))

    def human(self, beats: float, message: Message) -> None:
        """Tell a channel message that came from the keyboard."""
        self._sounded(beats, Part.HUMAN, message)

    def key(self, owner: Owner, channel: int, pitch: int, velocity: int) -> None:
        """As :class:`.ledger.Ledger` tells it; velocity 0 is a key that goes up."""
        if owner is Owner.BOX:
            message = note_on(channel, pitch, velocity) if velocity else note_off(channel, pitch)
            self._sounded(self.beats, Part.BOX, message)

    def _sounded(self, beats: float, part: Part, message: Message) -> None:
        if self._rolls and self._take is not None:
            self._take(Sounded(beats, part, message.data[0], message.data1, message.data2))
