"""The demo in real time: the real service, a drum machine, a player and a recorder.

Every part is a process of its own and they meet on virtual ports, as they would on MIDI cables.
The recorder notes when each message left the box by the box's own stamp. The drum machine's times
are known, so the take is written in the drum machine's beats, and the box's clicks are compared
with them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from math import ceil
from pathlib import Path

from ..config.load import encode, override
from ..errors import LkjamError
from ..midi.messages import START, STOP, TICK, note_off, note_on, real_time
from ..music.sheet import as_yaml
from ..ports.port import messages_to
from ..ports.virtual_ports import VirtualKind
from ..protocol.records import EngineId
from ..protocol.runtime_folder import ports_folder, shared_state_path
from ..protocol.shared_state import SharedState, Snapshot
from ..turns.grid import Grid, Tune, seats_of
from .performer import Timed, write_score
from .plan import Plan
from .sent_notes import SET_OPTIONS, Sent, chords, click_errors, played, sounding
from .set_report import lateness_ms, losses
from .take import Loop, Take
from .tempo_map import TempoMap

DRUMS, KEYS, SYNTH = "Demo drum machine", "Demo keyboard", "Demo synth"
LEAD_S = 0.7  # from everything connected to the first tick
TAIL_S = 0.6
START_LIMIT_S = 20.0
FRAME_S = 1 / 30

Look = Callable[[Snapshot], None]


def play_live(plan: Plan, look: Look = lambda _: None) -> Take:
    """Play the plan and return the take; ``look`` is called 30 times a second.

    Raises LkjamError when the box does not start.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-demo-")))
        return _Set(plan, folder, stack, look).play()


class _Set:
    def __init__(self, plan: Plan, folder: Path, stack: ExitStack, look: Look) -> None:
        self._plan, self._folder, self._stack, self._look = plan, folder, stack, look
        self._sent: list[Sent] = []
        turns = plan.config.turns
        bars = turns.turn_bars or plan.progression.turn_bars
        preroll = turns.preroll_bars * plan.progression.metre.bar_beats
        tune, seats = Tune(plan.progression), seats_of(turns.line_up)
        self._grid = Grid(tune, seats, bars, preroll, 0, preroll)
        self._end = self._grid.line_of(plan.loops)
        self._verdicts: list[bool] = []  # whether it was on time, of each answer in order
        self._last = Snapshot()

    def play(self) -> Take:
        kind = VirtualKind(ports_folder(self._folder))
        kind.folder.mkdir(parents=True)
        hear = messages_to(lambda time_s, m: self._sent.append(Sent(time_s, "synth", m)))
        self._synth = self._stack.enter_context(kind.create_input(SYNTH, hear))
        box = self._start_box()
        drums, keys = self._perform(DRUMS), self._perform(KEYS)
        self._wait_for(box, lambda s: bool(s.pid), "start")
        self._wait_for(box, lambda s: DRUMS in s.clock and KEYS in s.keyboard, "find its ports")
        tempo = self._tempo(time.monotonic() + LEAD_S)
        self._send_score(drums, self._clock(tempo))
        self._send_score(keys, self._calls(tempo))
        until_s = tempo.time_of(self._end) + TAIL_S
        while time.monotonic() < until_s:
            self._frame()
            if box.poll() is not None:
                raise LkjamError(f"the box ended with code {box.returncode}: {self._log()}")
        left = len(sounding(self._sent))  # before the box is told to stop
        return self._take(tempo, left)

    # --- processes

    def _start_box(self) -> subprocess.Popen[bytes]:
        tunes = self._folder / "tunes"
        tunes.mkdir()
        (tunes / "tune.yaml").write_text(as_yaml(self._plan.progression))
        config = override(
            self._plan.config,
            {
                "ports.kind": "virtual",
                "ports.keyboard": KEYS,
                "ports.clock": DRUMS,
                "ports.synth": SYNTH,
                "panel.screen": "off",
                "panel.buttons": "off",
                "music.folder": str(tunes),
                "service.runtime_folder": str(self._folder),
                **SET_OPTIONS,
            },
        )
        options = self._folder / "options.yaml"
        options.write_bytes(encode(config))
        log = self._stack.enter_context((self._folder / "box.log").open("wb"))
        box = subprocess.Popen(
            [sys.executable, "-m", "lkjam_box", "run", "--config", str(options)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "LKJAM_RUNTIME": str(self._folder)},
        )
        self._stack.callback(_stop, box)
        return box

    def _perform(self, name: str) -> subprocess.Popen[bytes]:
        ports = ports_folder(self._folder)
        performer = subprocess.Popen(
            [sys.executable, "-m", "lkjam_box.play.performer", str(ports), name],
            stdin=subprocess.PIPE,
        )
        self._stack.callback(_stop, performer)
        return performer

    def _send_score(self, performer: subprocess.Popen[bytes], score: list[Timed]) -> None:
        assert performer.stdin is not None
        performer.stdin.write(write_score(sorted(score, key=lambda item: item[0])).encode())
        performer.stdin.close()

    def _wait_for(
        self, box: subprocess.Popen[bytes], ready: Callable[[Snapshot], bool], what: str
    ) -> None:
        limit_s = time.monotonic() + START_LIMIT_S
        while not ready(self._last):
            if box.poll() is not None or time.monotonic() > limit_s:
                raise LkjamError(f"the box did not {what}: {self._log()}")
            self._frame()

    def _log(self) -> str:
        lines = (self._folder / "box.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _frame(self) -> None:
        """Take in what the box played, look at it, wait for the next frame."""
        self._synth.drain()
        snapshot = SharedState.look(shared_state_path(self._folder))
        if snapshot is not None:
            self._judge(snapshot)
            self._last = snapshot
            self._look(snapshot)
        time.sleep(FRAME_S)

    def _judge(self, snapshot: Snapshot) -> None:
        new = snapshot.answers - len(self._verdicts)
        good = snapshot.answers_on_time - sum(self._verdicts)
        self._verdicts += [True] * good + [False] * (new - good)

    # --- the music

    def _tempo(self, start_s: float) -> TempoMap:
        tempo = self._plan.tempo
        line = self._grid.start_beats
        later = [(line + beat, bpm) for beat, bpm in tempo if beat > 0]
        return TempoMap([(0.0, tempo[0][1]), *later], start_s)

    def _clock(self, tempo: TempoMap) -> list[Timed]:
        score = [(tempo.time_of(0) - 0.05, real_time(START))]
        ticks = range(ceil(self._end * 24) + 1)
        score += [(tempo.time_of(tick / 24), real_time(TICK)) for tick in ticks]
        return [*score, (tempo.time_of(self._end) + 0.02, real_time(STOP))]

    def _calls(self, tempo: TempoMap) -> list[Timed]:
        line = self._grid.start_beats
        score: list[Timed] = []
        for note in self._plan.calls:
            begin, end = note.onset_beats + line, note.end_beats + line
            if 0 <= begin < self._end:
                score.append((tempo.time_of(begin), note_on(0, note.pitch, note.velocity)))
                score.append((tempo.time_of(min(end, self._end)), note_off(0, note.pitch)))
        return [*score, (tempo.time_of(self._end) + 0.3, note_off(0, 0))]

    def _take(self, tempo: TempoMap, left: int) -> Take:
        plan, grid, last = self._plan, self._grid, self._last
        loops, verdicts = [], iter(self._verdicts)
        for number in range(plan.loops):
            turn = grid.turn(number, number + 1, tempo.bpm_at(grid.line_of(number)))
            verdict = next(verdicts, False) if turn.seat else None
            engine = EngineId(last.engine).name.lower() if turn.seat else ""
            span = turn.start_beats, turn.end_beats
            loops.append(Loop(number, turn.seat, *span, turn.serial, engine, verdict))
        notes = played(self._sent, tempo, loops)
        return Take(
            title=f"{plan.progression.name} in {plan.progression.key}",
            metre=plan.progression.metre,
            tempo=tempo.changes,
            loops=tuple(loops),
            chords=chords(grid, self._end),
            played=notes,
            end_beats=self._end,
            dropped=last.dropped,
            left_sounding=left,
            figures={
                **lateness_ms(last.measured("lateness")),
                **click_errors(notes, tempo, plan.progression.metre),
                **losses(last),
            },
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
