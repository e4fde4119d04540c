"""Standard MIDI Files: a player's in, a take out. Notes are in beats on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FileError
from ..midi.messages import PROGRAM, control_change, note_off, note_on, voice
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
from ..music.harmony import Metre
from ..music.note import Note
from .backing import backing
from .instruments import BASS, COMP, PLAYERS, Instrument
from .take import Loop, Take

if TYPE_CHECKING:
    import mido

BPM_RANGE = (40.0, 300.0)
_DRUMS = 9


@dataclass(frozen=True, slots=True)
class PlayerFile:
    """What somebody played. Beat 0 is the beginning of the file."""

    notes: tuple[Note, ...]
    tempo: tuple[tuple[float, float], ...]  # (beat, BPM), the first at beat 0
    metre: Metre


def read_player(path: Path) -> PlayerFile:
    """The notes of a MIDI file, all tracks as one, in order of onset.

    Of a file with a track named ``player`` (a take of ours) only that one is read. Drums
    (channel 10) and pedals are left out. Tempi outside 40-300 BPM are brought inside.
    Raises FileError.
    """
    file = _open(path)
    tracks = [track for track in file.tracks if track.name == "player"] or file.tracks
    played = [found for track in tracks for found in _notes(track, file.ticks_per_beat)]
    notes = [note for channel, note in played if channel != _DRUMS]
    if not notes:
        raise FileError("MIDI file", file=path, found="no notes", allowed="notes outside drums")
    tempo, metre = _conductor(file)
    return PlayerFile(tuple(sorted(notes, key=lambda n: (n.onset_beats, n.pitch))), tempo, metre)


def read_tracks(path: Path) -> tuple[dict[str, list[Note]], tuple[tuple[float, float], ...]]:
    """Notes by track name, drums too, and the tempo. Raises FileError."""
    file = _open(path)
    tracks: dict[str, list[Note]] = {}
    for track in file.tracks:
        notes = [note for _, note in _notes(track, file.ticks_per_beat)]
        tracks.setdefault(track.name, []).extend(notes)
    return tracks, _conductor(file)[0]


def write_take(take: Take, path: Path) -> None:
    """A take as type 1: tempo, metre and loop markers first, then one track each for
    ``player``, ``box``, ``click`` and ``chords`` (symbols as text, and a quiet backing).

    Markers read ``loop 1 human``, ``loop 2 box``; with two box seats ``loop 2 box A``.
    """
    tracks = [_conductor_track(take)]
    for part in ("player", "box", "click"):
        played = [p for p in take.played if p.part == part]
        channels = sorted({p.channel for p in played})
        events = _instruments((c, PLAYERS.get((part, c), PLAYERS[part, -1])) for c in channels)
        events += [event for p in played for event in _note_events(p.channel, p.note)]
        tracks.append(Track.of(part, events))
    events = _instruments(((COMP.channel, COMP), (BASS.channel, BASS)))
    events += [(ticks(beat), text(symbol)) for beat, symbol in take.chords]
    for channel, note in backing(take):
        events += _note_events(channel, note)
    tracks.append(Track.of("chords", events))
    try:
        path.write_bytes(file_bytes(tracks))
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=path) from error


def loop_name(loop: Loop, several: bool) -> str:
    """``loop N human``, ``loop N box``, or ``loop N box A`` when several box seats trade."""
    if loop.seat == 0:
        return f"loop {loop.index + 1} human"
    return f"loop {loop.index + 1} box" + (f" {chr(64 + loop.seat)}" if several else "")


# --- reading


def _open(path: Path) -> mido.MidiFile:
    import mido

    try:
        with path.open("rb") as file:
            if file.read(4) not in (b"MThd", b"RIFF"):
                raise FileError(
                    "not a MIDI file", file=path, found=_kind(path), allowed="a standard MIDI file"
                )
        midi = mido.MidiFile(path, clip=True)
    except OSError as error:
        if error.strerror:
            raise FileError(f"cannot read: {error.strerror}", file=path) from error
        raise FileError("broken MIDI file", file=path, found=str(error)) from error
    except (EOFError, ValueError, LookupError, TypeError, mido.KeySignatureError) as error:
        if isinstance(error, FileError):
            raise
        found = str(error) or "it ends too soon"
        raise FileError(
            "broken MIDI file", file=path, found=found, allowed="a standard MIDI file"
        ) from error
    if midi.type == 2 or midi.ticks_per_beat <= 0:
        found = "type 2" if midi.type == 2 else "SMPTE time"
        raise FileError("MIDI file", file=path, found=found, allowed="type 0 or 1, in beats")
    return midi


def _kind(path: Path) -> str:
    return f"{path.suffix[1:]} data" if path.suffix[1:] not in ("", "mid", "midi") else "other data"


def _notes(track: Iterable[mido.Message], ticks_per_beat: int) -> list[tuple[int, Note]]:
    """(channel, note) of one track; a note that never ends does so with the track."""
    open_notes: dict[tuple[int, int], tuple[int, int]] = {}
    notes: list[tuple[int, Note]] = []
    now = 0

    def close(key: tuple[int, int]) -> None:
        begun, velocity = open_notes.pop(key)
        length = max(now - begun, 1)
        note = Note(begun / ticks_per_beat, key[1], velocity, length / ticks_per_beat)
        notes.append((key[0], note))

    for message in track:
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        if key in open_notes:
            close(key)
        if message.type == "note_on" and message.velocity > 0:
            open_notes[key] = (now, message.velocity)
    for key in list(open_notes):
        close(key)
    return notes


def _conductor(file: mido.MidiFile) -> tuple[tuple[tuple[float, float], ...], Metre]:
    tempo: dict[float, float] = {}
    metre: Metre | None = None
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                bpm = min(max(60e6 / message.tempo, BPM_RANGE[0]), BPM_RANGE[1])
                tempo[now / file.ticks_per_beat] = bpm
            elif message.type == "time_signature" and metre is None:
                metre = Metre(message.numerator, message.denominator)
    tempo.setdefault(0.0, 120.0)  # the file format's default
    return tuple(sorted(tempo.items())), metre or Metre()


# --- writing


def _conductor_track(take: Take) -> Track:
    events: list[tuple[int, Event]] = [(0, time_signature(take.metre.count, take.metre.unit))]
    events += [(ticks(beat), tempo(bpm)) for beat, bpm in take.tempo]
    several = len({loop.seat for loop in take.loops if loop.seat}) > 1
    events += [(ticks(loop.start_beats), marker(loop_name(loop, several))) for loop in take.loops]
    return Track.of(take.title, events, ticks(take.end_beats))


def _instruments(parts: Iterable[tuple[int, Instrument]]) -> list[tuple[int, Event]]:
    events: list[tuple[int, Event]] = []
    for channel, sound in parts:
        if channel != _DRUMS:
            events.append((0, voice(PROGRAM, channel, sound.program)))
        for number, value in ((7, sound.volume), (10, sound.pan)):
            events.append((0, control_change(channel, number, value)))
    return events


def _note_events(channel: int, note: Note) -> list[tuple[int, Event]]:
    begin = ticks(note.onset_beats)
    end = max(ticks(note.end_beats), begin + 1)
    on = note_on(channel, note.pitch, note.velocity)
    return [(begin, on), (end, note_off(channel, note.pitch))]
