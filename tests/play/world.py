"""A drum machine, a library and an engine that make whole gigs easy to check."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from lkjam_box.midi.messages import (
    CONTINUE,
    NOTE_OFF,
    NOTE_ON,
    START,
    STOP,
    TICK,
    note_off,
    note_on,
    real_time,
    song_position,
)
from lkjam_box.music.harmony import Chord, Metre, Progression
from lkjam_box.music.library import Library
from lkjam_box.music.note import Note
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.engine import Position
from lkjam_box.protocol.records import EngineId

C7 = Chord("C7", 0, 0, 0b010010010001)
F7 = Chord("F7", 5, 5, 0b001000101001)


def small_library() -> Library:
    def tune(name: str, metre: Metre, bars: int, turn_bars: int) -> Progression:
        half = bars // 2 * metre.bar_beats
        return Progression(name, "C", metre, (0.0, half), (C7, F7), bars, turn_bars)

    return Library(
        0,
        (
            tune("Blues", Metre(4, 4), 12, 2),
            tune("Waltz", Metre(3, 4), 8, 4),
            tune("Six", Metre(6, 8), 4, 2),
            tune("Seven", Metre(7, 8), 4, 1),
        ),
    )


class Parrot:
    """Answers on the line with the last pitch it heard, then eighths to the end."""

    id = EngineId.GRU

    def __init__(self) -> None:
        self.memory: list[tuple[Note, Position, int]] = []

    def hear(self, note, position, role, scene):
        self.memory.append((note, position, role))

    def answer(self, question):
        heard = [note for note, *_ in self.memory] + [note for note, _ in question.tail]
        pitch = heard[-1].pitch if heard else 60
        onset = question.scene.start_beats
        while onset < question.scene.end_beats:
            yield Note(onset, pitch, 90, 0.5)
            onset += 0.5

    def forget(self):
        self.memory.clear()


class DrumMachine:
    """Sends exact clock into a gig and remembers when every beat truly fell."""

    def __init__(self, gig: Gig, at_s: float = 0.1, late_s: Callable[[], float] = lambda: 0.0):
        self.gig, self.now_s, self.late_s = gig, at_s, late_s
        self.tick = 0
        self.epochs: list[dict[int, float]] = [{}]  # tick -> true time, a new dict per Start / SPP

    def start(self) -> None:
        self.gig.clock_byte(self.now_s, real_time(START))
        self.tick, self.epochs = 0, [*self.epochs, {}]
        self.now_s += 0.003

    def stop(self, rest_s: float = 0.5) -> None:
        self.gig.clock_byte(self.now_s, real_time(STOP))
        self.now_s += rest_s

    def go_on(self, sixteenths: int | None = None) -> None:
        if sixteenths is not None:
            self.gig.clock_byte(self.now_s, song_position(sixteenths))
            self.tick, self.epochs = sixteenths * 6, [*self.epochs, {}]
        self.gig.clock_byte(self.now_s + 0.001, real_time(CONTINUE))
        self.now_s += 0.003

    def run(self, beats: float, bpm: float, to_bpm: float | None = None) -> None:
        """Send ``beats`` of clock, the tempo moving evenly to ``to_bpm``."""
        ticks = round(beats * 24)
        for i in range(ticks):
            share = i / max(ticks - 1, 1)
            now_bpm = bpm + ((bpm if to_bpm is None else to_bpm) - bpm) * share
            self.epochs[-1][self.tick] = self.now_s
            self.gig.clock_byte(self.now_s + self.late_s(), real_time(TICK))
            self.tick += 1
            self.now_s += 60 / now_bpm / 24

    def time_of(self, beat: float) -> float:
        """When ``beat`` truly fell, in this run since the last Start."""
        return self.epochs[-1][round(beat * 24)]


def busy_player(gig: Gig, until_s: float, random: Random, notes_a_second: float = 5.0) -> None:
    """Keys at random times, some held long, all let go by ``until_s``."""
    now_s = 0.05
    while now_s < until_s:
        pitch = random.randrange(48, 84)
        gig.key(now_s, note_on(0, pitch, random.randrange(1, 128)))
        gig.key(now_s + random.uniform(0.02, 0.9), note_off(0, pitch))
        now_s += random.expovariate(notes_a_second)


def box_channel_held(gig: Gig, time_s: float, channel: int) -> set[int]:
    """Pitches of ``channel`` down on the wire just after ``time_s``."""
    held: set[int] = set()
    for sent in gig.sent:
        if sent.time_s > time_s or sent.output != "synth" or sent.message.channel != channel:
            continue
        if sent.message.kind == NOTE_ON:
            held.add(sent.message.pitch)
        elif sent.message.kind == NOTE_OFF:
            held.discard(sent.message.pitch)
    return held
