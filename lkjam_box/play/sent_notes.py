"""What went over the wire, read back as notes and chords in beats. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..midi.messages import NOTE_OFF, NOTE_ON, Message
from ..music.harmony import Metre
from ..music.note import Note
from ..protocol.records import HUMAN
from ..turns.grid import Grid
from .take import Loop, Played
from .tempo_map import TempoMap

PLAYER_CHANNEL, BOX_CHANNEL = 1, 2  # MIDI channels, from 1, so that a take can tell them apart
CLICK_CHANNEL = 10
SET_OPTIONS = {  # of every virtual set
    "thru.channel": PLAYER_CHANNEL,
    "brain.channel": BOX_CHANNEL,
    "clock.source": "external",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left the box; ``output`` is "synth" or "clock"."""

    time_s: float
    output: str
    message: Message


def notes_sent(sent: Iterable[Sent]) -> Iterator[tuple[float, Message]]:
    """(time_s, message) of every note-on and note-off that went to the synth."""
    for item in sent:
        if item.output == "synth" and item.message.kind in (NOTE_ON, NOTE_OFF):
            yield item.time_s, item.message


def sounding(sent: Iterable[Sent]) -> list[tuple[int, int]]:
    """(channel, pitch) of notes that were begun and never ended."""
    held: dict[tuple[int, int], None] = {}
    for _, message in notes_sent(sent):
        if message.kind == NOTE_ON:
            held[message.channel, message.pitch] = None
        else:
            held.pop((message.channel, message.pitch), None)
    return list(held)


def played(sent: Iterable[Sent], tempo: TempoMap, loops: Sequence[Loop]) -> tuple[Played, ...]:
    """Notes in order of onset; who played is told by the channel."""
    struck: dict[tuple[int, int], tuple[float, int]] = {}
    found: list[Played] = []
    for time_s, message in notes_sent(sent):
        key, beat = (message.channel, message.pitch), tempo.beat_of(time_s)
        begun = struck.pop(key, None)
        if begun is not None:
            note = Note(begun[0], key[1], begun[1], beat - begun[0])
            found.append(_placed(note, key[0], loops))
        if message.kind == NOTE_ON:
            struck[key] = (beat, message.velocity)
    return tuple(sorted(found, key=lambda p: p.note.onset_beats))


def chords(grid: Grid, end_beats: float) -> tuple[tuple[float, str], ...]:
    """(beat, symbol) where the chord changes, from the first line on."""
    found = []
    beat = grid.origin_beats
    while beat < end_beats:
        found.append((beat, grid.harmony.chord_at(beat).symbol))
        beat += grid.harmony.next_chord(beat)[1]
    return tuple(found)


def click_errors(notes: Iterable[Played], tempo: TempoMap, metre: Metre) -> dict[str, float]:
    """How far the clicks were from the clock's true beats, early or late, in ms."""
    errors = []
    for click in (p.note for p in notes if p.part == "click"):
        true_beat = round(click.onset_beats / metre.pulse_beats) * metre.pulse_beats
        off_s = tempo.time_of(click.onset_beats) - tempo.time_of(true_beat)
        errors.append(abs(off_s) * 1000)
    errors.sort()
    if not errors:
        return {}
    return {"click_p50_ms": errors[len(errors) // 2], "click_max_ms": errors[-1]}


def _placed(note: Note, channel: int, loops: Sequence[Loop]) -> Played:
    part = {PLAYER_CHANNEL - 1: "player", CLICK_CHANNEL - 1: "click"}.get(channel, "box")
    seat = channel - (BOX_CHANNEL - 1) + 1 if part == "box" else HUMAN
    onset = note.onset_beats + 0.01  # a note on the line belongs to the turn that begins there
    serial = next((x.serial for x in loops if x.start_beats <= onset < x.end_beats), 0)
    return Played(part, note, channel, seat=seat, serial=serial)
