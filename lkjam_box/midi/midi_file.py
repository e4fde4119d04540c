"""Standard MIDI files of type 1: the one writer of them. mido makes the bytes, and is imported
when a file is written, not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from .messages import NOTE_ON, Message

if TYPE_CHECKING:
    import mido

TICKS_PER_BEAT = 960  # a tick is 0.45 ms at 140 BPM, so that micro-timing survives


@dataclass(frozen=True, slots=True)
class Meta:
    """A meta event, such as tempo or text; ``kind`` and ``values`` are named as in mido."""

    kind: str
    values: dict[str, str | int]


Event = Message | Meta


@dataclass(slots=True)
class Track:
    """Events in order; it ends at ``end_tick`` or with its last event."""

    name: str
    end_tick: int = 0
    tick: int = 0  # of the last event
    events: list[tuple[int, Event]] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, events: Iterable[tuple[int, Event]], end_tick: int = 0) -> Track:
        """A track of ``events`` in any order. On one tick notes end before others begin."""
        track = cls(name, end_tick)
        for tick, event in sorted(events, key=lambda e: (e[0], e[1].kind == NOTE_ON)):
            track.add(tick, event)
        return track

    def add(self, tick: int, event: Event) -> None:
        """Append an event; one with an earlier tick than the last is put on the last's tick."""
        self.tick = max(tick, self.tick)
        self.events.append((self.tick, event))


def file_bytes(tracks: Sequence[Track]) -> bytes:
    """The bytes of a file with ``tracks``."""
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
    file.tracks += map(_messages, tracks)  # mido reads each once: never all in memory
    whole = BytesIO()
    file.save(file=whole)
    return whole.getvalue()


def _messages(track: Track) -> Iterator[mido.Message | mido.MetaMessage]:
    import mido

    last = 0
    yield mido.MetaMessage("track_name", name=latin(track.name))
    for tick, event in track.events:
        if isinstance(event, Meta):
            yield mido.MetaMessage(event.kind, time=tick - last, **event.values)
        else:
            yield mido.Message.from_bytes(event, tick - last)
        last = tick
    yield mido.MetaMessage("end_of_track", time=max(track.end_tick - last, 0))


def ticks(beats: float) -> int:
    return max(round(beats * TICKS_PER_BEAT), 0)


def text(words: str) -> Meta:
    return Meta("text", {"text": latin(words)})


def marker(words: str) -> Meta:
    return Meta("marker", {"text": latin(words)})


def tempo(bpm: float) -> Meta:
    return Meta("set_tempo", {"tempo": min(max(round(60e6 / max(bpm, 1.0)), 1), 0xFFFFFF)})


def time_signature(count: int, unit: int) -> Meta:
    return Meta("time_signature", {"numerator": count, "denominator": unit})


def latin(words: str) -> str:
    """Text of a MIDI file is Latin-1; the signs of chord symbols have plain spellings."""
    for sign, plain in (("Δ", "maj7"), ("♭", "b"), ("♯", "#"), ("−", "-")):
        words = words.replace(sign, plain)
    return words.encode("latin-1", "replace").decode("latin-1")
