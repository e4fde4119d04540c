"""A set of many hours in virtual time: is all as it was in its first hour?

The real stage and brain trade without end. What a gig writes down is counted and dropped every
minute, so that memory only grows if the box's does.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random

from ..config.load import override
from ..config.options import Config
from ..midi.messages import NOTE_ON, START, STOP, note_off, note_on, real_time
from ..music.library import Library
from ..protocol.engine import Engine
from ..protocol.histogram import Figures
from ..protocol.records import EngineId
from ..protocol.shared_state import Mode
from ..tempo.external_clock import ExternalClock
from .sent_notes import SET_OPTIONS, notes_sent
from .tempo_map import TempoMap
from .virtual_gig import Gig

START_S, SLICE_S = 0.25, 60.0
WARM_HOURS = 2.0  # by then Markov's memory of 2,048 steps is full: 1.7 MB come before, .2 after
_NOTES_A_SECOND, _SHORTEST_S, _LONGEST_S = 4.0, 0.05, 0.6
_SILENT_S = 0.02


class LongGig(Gig):
    """A gig that keeps no records: call ``count`` now and then, and read ``counts``."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]
        self.counts: Counter[str] = Counter()
        self.down: dict[tuple[int, int], float] = {}  # (channel, pitch) -> since when
        self.longest_s = 0.0  # that a note sounded

    def count(self) -> None:
        """Add up what was written down since the last time, and drop it."""
        counts = self.counts
        for time_s, message in notes_sent(self.sent):
            key = (message.channel, message.pitch)
            since_s = self.down.pop(key, time_s)
            self.longest_s = max(self.longest_s, time_s - since_s)
            if message.kind == NOTE_ON:
                self.down[key] = time_s
                counts["notes"] += 1
        for record in self.turns:
            counts["turns"] += 1
            counts["inexact lines"] += not record.turn.start_beats.is_integer()
        for answer in self.answers:
            counts["answers"] += 1
            counts["late answers"] += not answer.on_time
            counts["answers of the GRU"] += answer.engine is EngineId.GRU
            counts["empty answers"] += not answer.played
        for written in (self.sent, self.told, self.answers, self.batches):
            written.clear()


@dataclass(frozen=True, slots=True)
class Mark:
    """Memory, open files and answers of the process, ``hours`` into the set."""

    hours: float
    memory_mb: float  # resident, megabytes of 10^6
    files: int
    answers: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """How :func:`soak` went. ``marks`` begin at 0 hours."""

    hours: float
    took_s: float
    beats: float
    counts: Counter[str]
    fallbacks: int
    sounding: int  # notes down 20 ms after the last Stop
    longest_s: float
    trading: bool  # at the last Stop
    lateness: Figures
    marks: tuple[Mark, ...]

    @property
    def growth_mb(self) -> float:
        """From the first mark after the warm-up to the highest since; 0 where there is none."""
        steady = [mark.memory_mb for mark in self.marks if mark.hours >= WARM_HOURS]
        return max(steady) - steady[0] if steady else 0.0

    @property
    def faults(self) -> list[str]:
        """What is not as it should be."""
        counts, files = self.counts, {mark.files for mark in self.marks[1:]}
        never = ("late answers", "lost answers", "empty answers", "inexact lines")
        found = [f"{counts[name]} {name}" for name in never if counts[name]]
        found += [f"{self.fallbacks} answers of the fallback"] if self.fallbacks else []
        found += [f"{self.sounding} notes sound on"] if self.sounding else []
        found += [] if self.trading else ["it did not trade to the end"]
        found += [f"{min(files)} to {max(files)} open files"] if len(files) > 1 else []
        return found


def soak(
    config: Config,
    library: Library,
    make_engine: Callable[[EngineId], Engine],
    *,
    hours: float,
    bpm: float = 120.0,
    seed: int = 1,
    progress: Callable[[Mark], None] = lambda _: None,
) -> Soaked:
    """Trade for ``hours`` of virtual time; ``progress`` is told of every mark, 48 in all."""
    began_s, random = time.monotonic(), Random(seed)
    config = override(config, {"turns.loops": 0, **SET_OPTIONS})
    clock = ExternalClock(config.clock.freewheel_beats)
    gig = LongGig(config, library, clock, make_engine, seed=seed)
    tempo = TempoMap.steady(bpm, START_S)
    gig.clock_byte(START_S / 2, real_time(START))
    end_s, tick, marks = hours * 3600, 0, [_mark(0.0, gig)]
    slices = ceil(end_s / SLICE_S)
    for number in range(slices):
        until_s = min((number + 1) * SLICE_S, end_s)
        last = ceil((until_s - START_S) * bpm / 60 * 24)
        gig.ticks(tempo, tick, last)
        tick = last
        _play(gig, gig.now_s, until_s, random)
        gig.run(until_s)
        gig.count()
        if (number + 1) * 48 // slices > number * 48 // slices:
            marks.append(_mark(until_s / 3600, gig))
            progress(marks[-1])
    shown = gig.stage.snapshot(gig.now_s)
    gig.clock_byte(end_s + 0.001, real_time(STOP))
    gig.run(end_s + 0.001 + _SILENT_S)
    gig.count()
    counts = gig.counts
    counts["lost answers"] = counts["turns"] // 2 - counts["answers"]
    return Soaked(
        hours,
        time.monotonic() - began_s,
        shown.beat,
        counts,
        gig.stage.view.figures.fallbacks,
        len(gig.down),
        gig.longest_s,
        shown.mode == Mode.TRADING,
        gig.stage.view.measures.lateness.read(),
        tuple(marks),
    )


def _play(gig: Gig, from_s: float, until_s: float, random: Random) -> None:
    """A player who never rests, every key let go before ``until_s``."""
    now_s = from_s + random.expovariate(_NOTES_A_SECOND)
    while now_s < until_s - _LONGEST_S:
        pitch = random.randrange(48, 84)
        gig.key(now_s, note_on(0, pitch, random.randrange(20, 120)))
        gig.key(now_s + random.uniform(_SHORTEST_S, _LONGEST_S), note_off(0, pitch))
        now_s += random.expovariate(_NOTES_A_SECOND)


def _mark(hours: float, gig: LongGig) -> Mark:
    gc.collect()
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Mark(hours, megabytes, len(os.listdir("/proc/self/fd")), gig.counts["answers"])
