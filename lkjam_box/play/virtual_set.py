"""A whole set in virtual time, written down as a take: what ``render`` and ``demo --fast`` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from ..config.load import override
from ..config.options import Config
from ..midi.messages import START, STOP, real_time
from ..music.library import Library
from ..music.note import Note
from ..protocol.engine import Engine
from ..protocol.records import EngineId
from ..protocol.shared_state import Snapshot
from ..tempo.external_clock import ExternalClock
from .sent_notes import SET_OPTIONS, Sent, chords, played
from .set_report import lateness_ms, losses
from .take import Loop, Take
from .tempo_map import TempoMap
from .virtual_gig import LAPTOP, Delays, Gig

START_S = 0.25  # silence before the first tick
TAIL_S = 0.5
SCREEN_HZ = 30


def play_set(
    config: Config,
    library: Library,
    calls: Sequence[Note],
    tempo: Sequence[tuple[float, float]],
    *,
    loops: int,
    make_engine: Callable[[EngineId], Engine],
    seed: int = 1,
    delays: Delays = LAPTOP,
    on_snapshot: Callable[[float, Snapshot], None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Take:
    """Trade ``loops`` loops over the progression that ``config`` names.

    ``calls`` are what the player plays, beat 0 being the first line; notes outside human loops
    sound (thru) but are no part of a call. ``tempo`` is (beat, BPM) from that line on. ``progress``
    is told the share done, 0 to 1.
    """
    config = override(config, {"turns.loops": loops, **SET_OPTIONS})
    clock = ExternalClock(freewheel_beats=config.clock.freewheel_beats)
    gig = Gig(config, library, clock, make_engine, seed=seed, delays=delays)
    grid = gig.stage.scheduler.grid
    preroll = grid.start_beats
    end = preroll + loops * grid.turn_beats
    changes = [(0.0, tempo[0][1])] + [(preroll + beat, bpm) for beat, bpm in tempo if beat > 0]
    tempo_map = TempoMap(changes, START_S)
    until_s = tempo_map.time_of(end) + TAIL_S

    gig.clock_byte(START_S / 2, real_time(START))
    gig.ticks(tempo_map, 0, ceil(end * 24) + 1)
    gig.clock_byte(tempo_map.time_of(end) + 0.01, real_time(STOP))
    shifted = [
        Note(n.onset_beats + preroll, n.pitch, n.velocity, n.duration_beats)
        for n in calls
        if -preroll <= n.onset_beats < end - preroll
    ]
    gig.play(shifted, tempo_map)
    if on_snapshot:
        gig.watch(1 / SCREEN_HZ, until_s, on_snapshot)
    gig.run(until_s, progress and (lambda now_s: progress(now_s / until_s)))
    take = take_of(gig, tempo_map, end, gig.sent)
    gig.stage.close(until_s)
    return take


def take_of(gig: Gig, tempo: TempoMap, end: float, sent: Sequence[Sent]) -> Take:
    """The take of a gig that ended at beat ``end``; ``sent`` has parts by channel."""
    grid = gig.stage.scheduler.grid
    progression = grid.tune.progression
    answered = {answer.turn.serial: answer for answer in gig.answers}
    loops = []
    for turn in (record.turn for record in gig.turns):
        answer, span = answered.get(turn.serial), (turn.start_beats, turn.end_beats)
        engine = answer.engine.name.lower() if answer else ""
        on_time = answer.on_time if answer else None
        loops.append(Loop(turn.loop, turn.seat, *span, turn.serial, engine, on_time))
    late, figures = gig.stage.view.measures.lateness.read(), gig.stage.view.figures
    return Take(
        title=f"{progression.name} in {progression.key}",
        metre=progression.metre,
        tempo=tempo.changes,
        loops=tuple(loops),
        chords=chords(grid, end),
        played=played(sent, tempo, loops),
        end_beats=end,
        dropped=figures.dropped,
        left_sounding=len(gig.sounding()),
        figures={**lateness_ms(late), **losses(figures)},
    )
