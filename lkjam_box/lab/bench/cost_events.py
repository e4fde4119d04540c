"""What single events cost, counted round the real stage, brain and panel in this process.

The stage plays a gig in virtual time, so its own work is all that is counted: the records it sends
leave through a real link, its notes through nothing. The brain hears calls and answers them over
such a link; the panel draws on an OLED whose bus leads nowhere. Only what the processes do with
the same objects is called: a stage that works otherwise is counted the same way.
"""

from __future__ import annotations

import gc
import socket
import tempfile
from functools import partial
from pathlib import Path

from msgspec import structs

from ...brain.brain import Brain
from ...brain.engines import make_engine
from ...config.load import override
from ...config.options import Config
from ...midi.messages import START, real_time
from ...music.library import Libraries
from ...play.plan import Plan, make_plan
from ...play.tempo_map import TempoMap
from ...protocol.link import Link
from ...protocol.process_messages import ProcessSetup
from ...protocol.records import (
    Answered,
    Heard,
    Part,
    Playing,
    Prepare,
    Record,
    Released,
    Sounded,
    Turn,
    TurnBegan,
    pack,
)
from ...protocol.shared_state import SharedState
from ...service.panel_process import PanelProcess
from ...service.resume_file import ResumeFile
from . import nowhere_bus
from .cost_clock import NAME as KNOWN
from .cost_clock import Stopwatch, known_loop
from .cost_figures import Figure, spread
from .cost_gig import CountedGig, Moment, kind_of

BPM = 125.0
ANSWER_NOTES = 32
FRAME_S = 1 / 30
_LOOPS, _ANSWERS, _CALL_NOTES, _PACKS = 8, 24, 12, 60
_START_S = 0.25
_BRAIN_SEED = 7
_TURN_BEATS = 32.0  # about as many notes in it


def count_events(watch: Stopwatch) -> dict[str, Figure]:
    """Every event of the processes, by name."""
    gc.collect()
    gc.disable()
    try:
        return {
            **stage_and_panel(watch),
            **brain_events(watch),
            **packing(watch),
            **clock_check(watch),
        }
    finally:
        gc.enable()


def clock_check(watch: Stopwatch) -> dict[str, Figure]:
    """What a known number of instructions counts as."""
    loop = known_loop()
    return {KNOWN: spread([watch.count(loop)[0] for _ in range(9)])} if loop else {}


def stage_and_panel(watch: Stopwatch, loops: int = _LOOPS) -> dict[str, Figure]:
    """A set at default options; the screen is drawn in its second turn and over a line."""
    plan = make_plan(bpm=BPM, loops=loops)
    gig = CountedGig(plan, watch)
    grid = gig.stage.scheduler.grid
    tempo = TempoMap(((0.0, BPM),), _START_S)
    end = grid.start_beats + loops * grid.turn_beats
    gig.clock_byte(_START_S / 2, real_time(START))
    gig.ticks(tempo, 0, int(end * 24))
    shift = grid.start_beats
    gig.play((structs.replace(n, onset_beats=n.onset_beats + shift) for n in plan.calls), tempo)
    with tempfile.TemporaryDirectory(prefix="lkjam-bench-") as name, nowhere_bus.installed():
        screen = _Screen(gig, plan.config, Path(name), watch)
        first_s = tempo.time_of(shift + grid.turn_beats / 2)
        for frame in range(int(tempo.time_of(grid.turn_beats) / FRAME_S)):
            gig.at(first_s + frame * FRAME_S, screen.frame)
        gig.run(tempo.time_of(end) - 0.5)
        screen.close()
    moments = [m for m in gig.counted.moments if m.ns > 0]
    return {**_sorted_out(moments), **screen.figures()}


def _sorted_out(moments: list[Moment]) -> dict[str, Figure]:
    """Moments by what happened in them."""
    kinds: dict[str, list[int]] = {}
    for moment in moments:
        kinds.setdefault(kind_of(moment), []).append(moment.ns)
    longest = max(moments, key=lambda moment: moment.ns)
    found = {name: spread(values) for name, values in kinds.items() if name}
    return {**found, "stage: longest work": spread([longest.ns])}


class _Screen:
    """The stage's snapshot as its process writes it, and the panel's frame made of it."""

    def __init__(self, gig: CountedGig, config: Config, folder: Path, watch: Stopwatch) -> None:
        self._gig, self._watch = gig, watch
        self._place = ResumeFile(folder)
        sockets = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
        self._kept = [ours for ours, _ in sockets]
        setup = ProcessSetup(
            process="panel",
            config=override(config, {"panel.screen": "ssd1306", "panel.buttons": "off"}),
            folder=str(folder),
            library="",
            supervisor=sockets[0][1].detach(),
            commands=sockets[1][1].detach(),
        )
        self._board = SharedState.create(setup.shared_state)
        self._panel = PanelProcess(setup)
        self.draws = self._panel.begin() is not None
        self._snapshots: list[int] = []
        self._frames: list[int] = []

    def frame(self) -> None:
        now_s, stage = self._gig.now_s, self._gig.counted.stage

        def show() -> None:
            self._board.write(stage.snapshot(now_s))
            self._place.write(stage.place(now_s))

        self._snapshots.append(self._watch.count(show)[0])
        self._frames.append(self._watch.count(lambda: self._panel.work(now_s, False))[0])

    def figures(self) -> dict[str, Figure]:
        found = {"stage: snapshot": spread(self._snapshots[5:])}
        return {**found, "panel: frame": spread(self._frames[5:])} if self.draws else found

    def close(self) -> None:
        self._panel.close()
        for one in self._kept:
            one.close()


def brain_events(watch: Stopwatch) -> dict[str, Figure]:
    """Notes of calls heard, and answers made, each sent over the link."""
    plan = make_plan(bpm=BPM, loops=2)
    engines = partial(make_engine, options=plan.config.brain)
    brain = Brain(plan.config, Libraries(plan.library), engines, _BRAIN_SEED)
    here, there = Link.pair()
    heard: list[int] = []
    answers: list[int] = []
    for number in range(_ANSWERS):
        call, answer = (_turn(plan, 2 * number + seat, seat) for seat in (0, 1))
        brain.handle(TurnBegan(call))
        step = (call.end_beats - call.start_beats - 1) / _CALL_NOTES
        for seq in range(1, _CALL_NOTES + 1):
            at = call.start_beats + (seq - 1) * step
            note = Heard(call.serial, seq, 60 + (5 * seq + number) % 17, 80, at)
            heard.append(watch.count(partial(brain.handle, note))[0])
            brain.handle(Released(call.serial, seq, at + step * 0.8))
        brain.handle(Prepare(answer))
        took_ns, notes = watch.count(partial(_answer, brain, here))
        for _ in there.drain():
            pass
        if notes and number > 1:  # the first ones warm up
            answers.append(took_ns * ANSWER_NOTES // notes)
        brain.handle(TurnBegan(answer))
    return {
        "brain: heard note": spread(heard[2 * _CALL_NOTES :]),
        f"brain: answer of {ANSWER_NOTES} notes": spread(answers),
    }


def _answer(brain: Brain, link: Link) -> int:
    """Make the answer that is owed and tell it; how many notes it has."""
    count = 0
    for record in brain.think():
        if record is not None:
            link.send(record)
        if isinstance(record, Answered):
            count = len(record.notes)
    return count


def _turn(plan: Plan, serial: int, seat: int) -> Turn:
    begin, library = serial * _TURN_BEATS, plan.library
    index = library.find(plan.progression.name)
    return Turn(
        *(serial, serial, seat, index, 0, library.number),
        *(begin, begin + _TURN_BEATS, 0.0, BPM),
    )


def packing(watch: Stopwatch) -> dict[str, Figure]:
    """One record as bytes, of the kinds that are sent most."""
    turn = Turn(7, 3, 1, 2, 0, 1, 16.0, 32.0, 0.0, BPM)
    records: tuple[Record, ...] = (
        Heard(7, 3, 64, 80, 17.25),
        Released(7, 3, 17.75),
        Prepare(turn),
        Playing(7, 4, 12),
        Sounded(17.25, Part.HUMAN, 0x90, 64, 80),
    )
    for record in records * 20:
        pack(record)
    return {
        "packing a record": spread(
            [watch.count(partial(pack, record))[0] for record in records * _PACKS]
        )
    }
