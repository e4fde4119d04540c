"""A gig with the recorder listening, for the tests of this room."""

from __future__ import annotations

from io import BytesIO

import mido

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import PITCH_BEND, control_change, note_off, note_on, voice
from lkjam_box.music.library import Libraries
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import Command, CommandId, Sounded
from lkjam_box.recorder import journal
from lkjam_box.recorder.transcriber import Transcriber
from lkjam_box.stage.stage import Stage
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import DrumMachine, Parrot, small_library

OPTIONS = {"turns.preroll_bars": 1, "turns.turn_bars": 1, "brain.channel": 2, "thru.channel": 1}


class Recorded(Gig):
    """``records`` are all that the recorder was told, ``heard`` what a listener beside it heard:
    (part, time, message)."""

    def __init__(self, **options):
        config = override(Config(), {**OPTIONS, **options})
        self.records, self.listening = [], []
        super().__init__(config, small_library(), ExternalClock(), lambda _: Parrot())
        self.stage = Stage(
            config, small_library(), send=self._send, to_brain=self._to_brain,
            clock=ExternalClock(), on_answer=self.answers.append,
            to_recorder=self.records.append,
        )  # fmt: skip

    @property
    def entries(self):
        recorder = Transcriber(Libraries(small_library()))
        return [entry for record in self.records for entry in recorder.hear(record)]

    @property
    def journal(self):
        frames = [journal.frame(entry, number) for number, entry in enumerate(self.entries)]
        return journal.MAGIC + b"".join(frames)


def blues_gig(bars=9, bpm=120.0, to_bpm=None, stop=True, **options):
    """A count-in and turns of a bar: the human plays a few notes in each of theirs."""
    gig = Recorded(**options)
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 * bars, bpm, to_bpm)
    for bar in range(1, bars, 2):
        for step, pitch in enumerate((60, 63, 67)):
            begin = drum.time_of(4 * bar + step * 0.75)
            gig.key(begin, note_on(0, pitch, 70 + step))
            gig.key(drum.time_of(4 * bar + step * 0.75 + 0.5), note_off(0, pitch))
    gig.key(drum.time_of(6), control_change(0, 64, 127))
    gig.key(drum.time_of(7), voice(PITCH_BEND, 0, 0, 80))
    if stop:
        drum.stop()
    gig.run(drum.now_s)
    return gig, drum


def notes_of(track):
    """(start tick, pitch, velocity, end tick) of a track of mido's."""
    now, held, found = 0, {}, []
    for message in track:
        now += message.time
        if message.type == "note_on":
            assert message.note not in held
            held[message.note] = (now, message.velocity)
        elif message.type == "note_off":
            begin, velocity = held.pop(message.note)
            found.append((begin, message.note, velocity, now))
    assert not held
    return sorted(found)


def parsed(data):
    """The file by mido: tracks by name."""
    file = mido.MidiFile(file=BytesIO(data))
    assert (file.type, file.ticks_per_beat) == (1, 960)
    return {track.name: track for track in file.tracks}


def sounded(records, part):
    return [record for record in records if isinstance(record, Sounded) and record.part == part]


def stop_now(gig):
    gig.command(gig.now_s, Command(CommandId.STOP))
