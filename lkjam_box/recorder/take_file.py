"""From the journal of a set to its MIDI file: type 1, beat for beat as it was played. Pure.

The first track has metre, tempo, a marker for each turn (``loop 2 box A``) and the chords as
text; ``human`` and ``box`` follow. Beat 0 of the file is the bar line the set began on.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, SILENCING_CCS, Message, note_off
from ..midi.midi_file import (
    Event,
    Track,
    file_bytes,
    marker,
    tempo,
    text,
    ticks,
    time_signature,
)
from ..protocol.records import Part
from . import journal
from .journal import Began, Ended, Entry, Tempo, Turned


def midi_file(entries: Iterable[Entry]) -> bytes:
    """The file; empty when nothing was played. Notes that still sound end with the set."""
    score = _Score()
    for entry in entries:
        score.take(entry)
    return score.bytes()


class _Part:
    """One track of notes; each of them lasts a tick at least."""

    def __init__(self, part: Part) -> None:
        self.notes = 0
        self._track = Track(part.name.lower())
        self._held: dict[tuple[int, int], int] = {}  # channel and pitch -> tick of its note-on
        self._free: dict[tuple[int, int], int] = {}  # -> tick of its last note-off

    def message(self, tick: int, message: Message) -> None:
        kind, key = message.kind, (message.channel, message.pitch)
        if kind == NOTE_ON:
            self._end(key, tick)
            self._held[key] = tick = max(tick, self._free.get(key, 0), self._track.tick)
            self.notes += 1
            self._track.add(tick, message)
        elif kind == NOTE_OFF:
            self._end(key, tick)
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            self._all_off(tick)
        else:
            self._track.add(tick, message)

    def track(self, end_tick: int) -> Track:
        self._all_off(end_tick)
        self._track.end_tick = end_tick
        return self._track

    def _all_off(self, tick: int) -> None:
        for key in sorted(self._held):
            self._end(key, tick)

    def _end(self, key: tuple[int, int], tick: int) -> None:
        if key in self._held:
            self._free[key] = tick = max(tick, self._held.pop(key) + 1)
            self._track.add(tick, note_off(*key))


class _Score:
    def __init__(self) -> None:
        self._zero = self._now = 0.0  # beats of the box: where the file begins, the last entry
        self._title, self._metre = "", (0, 0)
        self._conductor: list[tuple[int, Event]] = []
        self._chords: list[tuple[float, str]] = []
        self._parts = {part: _Part(part) for part in Part}

    def take(self, entry: Entry) -> None:
        match entry:
            case Began():
                self._zero = entry.bar_beats
            case Tempo():
                self._conductor.append((self._tick(entry.beats), tempo(entry.bpm)))
            case Turned():
                self._turned(entry)
            case journal.Message():
                message = entry.message()
                if message is not None and message.channel >= 0:
                    self._parts[Part(entry.part)].message(self._tick(entry.beats), message)
            case Ended():
                pass
        self._now = max(self._now, entry.beats)

    def bytes(self) -> bytes:
        if not any(part.notes for part in self._parts.values()):
            return b""
        end_tick = self._tick(self._now)
        chords = [(self._tick(beat), text(chord)) for beat, chord in self._chords]
        conductor = Track.of(self._title, [*self._conductor, *chords], end_tick)
        return file_bytes([conductor, *(part.track(end_tick) for part in self._parts.values())])

    def _turned(self, turn: Turned) -> None:
        tick = self._tick(turn.beats)
        self._title = self._title or turn.title
        if (turn.count, turn.unit) != self._metre:
            begins = 0 if self._metre == (0, 0) else tick  # the count-in has the metre, too
            self._metre = (turn.count, turn.unit)
            self._conductor.append((begins, time_signature(*self._metre)))
        who = "human" if turn.seat == 0 else f"box {chr(64 + turn.seat)}"
        self._conductor.append((tick, marker(f"loop {turn.loop + 1} {who}")))
        while self._chords and self._chords[-1][0] >= turn.beats:
            self._chords.pop()  # the turn before was cut short
        last = self._chords[-1][1] if self._chords else ""
        for beat, chord in turn.chords:
            if chord != last:
                self._chords.append((beat, chord))
            last = chord

    def _tick(self, beats: float) -> int:
        return ticks(beats - self._zero)
