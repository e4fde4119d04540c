"""What the real service costs: to start, and a second while nothing plays, follows and trades.

Each process's processor time is the kernel's own count (``/proc/PID/task/*/schedstat``), what the
kernel does for it included. Drum machine and keyboard are queues of the ALSA sequencer, which take
no process's time; the screen is an OLED on a bus that leads nowhere (:mod:`.nowhere_bus`). Thru is
a difference of two stamps of the kernel: a key's and that of the note which the box sent on. On one
core whose clock counts instructions that is all that ran between.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from ...config.load import override
from ...config.options import Config
from ...midi.messages import START, STOP, TICK, Message, note_off, note_on, real_time
from ...play.plan import make_plan
from ...protocol.records import Command, CommandId
from ...service.command_socket import send_command
from ...turns.grid import Grid, Tune, seats_of
from . import nowhere_bus
from .alsa_band import _NOTE_ON, AlsaBand, _Event
from .box import Box
from .cost_figures import Figure, spread
from .cost_processes import STANDBY, Spent, spent

BPM, FAST_BPM = 125.0, 250.0
TICKS_A_BEAT = 24
KEY_S, KEY_LENGTH_S = 0.147, 0.1  # of thru: in no step with the clock
_LOOK_S = 0.02
_REST_S = 0.2  # all are ready once the core has been half idle for so long
_SETTLED_S = 9.0  # the hot standby is loaded by then
_BEGIN_S = 1.5  # the clock is followed by then


class Band(AlsaBand):
    """Hears the keyboard, too: (time, whether the box sent it, pitch) of every key that began."""

    def __init__(self) -> None:
        self.keys: list[tuple[float, bool, int]] = []
        super().__init__()
        self._source = int(self._lib.snd_seq_client_id(self._player))
        self._call("snd_seq_connect_from", self._listener, self._synth, self._source, self._keys)

    def _hear(self, event: _Event) -> None:
        super()._hear(event)
        if event.type == _NOTE_ON and event.velocity:
            ours = event.source_client == self._source
            self.keys.append((event.sec + event.nsec / 1e9, not ours, event.note))


def thru_ns(keys: list[tuple[float, bool, int]], since: int = 0) -> list[float]:
    """From each key to the box's note of that pitch, 50 ms later at most; keys that did not come
    through are left out."""
    found = []
    for number, (key_s, boxes, pitch) in enumerate(keys[since:], since):
        if boxes:
            continue
        near = (k for k in keys[max(number - 4, 0) : number + 12] if k[1] and k[2] == pitch)
        late_s = [time_s - key_s for time_s, _, _ in near if 0.0 <= time_s - key_s < 0.05]
        if late_s:
            found.append(1e9 * min(late_s))
    return found


def count_service(seconds: float, pairs: int, thru: bool) -> dict[str, Figure]:
    """``seconds`` of nothing and of clock alone, ``pairs`` of turns of trading and as many with
    keys all the time. Raises LkjamError without the ALSA sequencer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lkjam-bench-")))
        band = Band()
        stack.callback(band.close)
        take = _Take(folder, stack, band)
        found = {**take.start(), **take.idle(seconds)}
        return {**found, **take.play(seconds, pairs, thru)}


class _Take:
    """One box at default options and its band."""

    def __init__(self, folder: Path, stack: ExitStack, band: Band) -> None:
        self._folder, self._band, defaults = folder, band, Config()
        bus = folder / "bus"
        bus.mkdir()
        nowhere_bus.write(bus)
        paths = [str(bus), *filter(None, [os.environ.get("PYTHONPATH")])]
        changes = {
            **band.ports,
            "panel.screen": "ssd1306",
            "thru.channel": defaults.thru.channel,
            "brain.channel": defaults.brain.channel,
            "brain.seed": 7,  # the same answers every time
        }
        self._began = time.monotonic()
        config = override(defaults, {})
        self._box = Box(folder, config, changes, environ={"PYTHONPATH": os.pathsep.join(paths)})
        stack.callback(self._box.stop)

    def start(self) -> dict[str, Figure]:
        """Processor time of all processes until the stage plays, and until the core rests."""
        stage, last = 0.0, list[Spent]()
        while True:
            self._box.tend()
            now = spent(self._box.process.pid)
            snapshot = None if stage else self._box.snapshot()
            if snapshot is not None and snapshot.pid and snapshot.clock and snapshot.keyboard:
                stage = now.ns.total()
            last = [one for one in last if now.at_s - one.at_s < _REST_S + _LOOK_S] + [now]
            took_s = now.at_s - last[0].at_s
            did = now.ns.total() - last[0].ns.total()
            if stage and took_s >= _REST_S and did < 0.5e9 * took_s:
                break
            time.sleep(_LOOK_S)
        by_process = {
            f"start: {name}": Figure(now.ns[name]) for name in sorted(now.ns) if name != STANDBY
        }
        return {
            "start: until the stage is ready": Figure(stage),
            "start: until all are ready": Figure(now.ns.total()),
            **by_process,
        }

    def idle(self, seconds: float) -> dict[str, Figure]:
        """Nothing plays, no clock."""
        time.sleep(max(self._began + _SETTLED_S - time.monotonic(), 0.0))
        return self._window("idle", seconds)

    def play(self, seconds: float, pairs: int, thru: bool) -> dict[str, Figure]:
        """Clock alone, twice as fast, and a set."""
        self._tell(CommandId.STOP)  # the clock alone: no set begins
        plan = make_plan(bpm=BPM, loops=2 * pairs * (1 + thru) + 1)
        turns, tune = plan.config.turns, plan.progression
        preroll = turns.preroll_bars * tune.metre.bar_beats
        bars = turns.turn_bars or tune.turn_bars
        grid = Grid(Tune(tune), seats_of(turns.line_up), bars, preroll, 0, preroll)
        alone_s, fast_s = _BEGIN_S + seconds, _BEGIN_S + seconds / 2
        set_s = alone_s + fast_s + 1.0
        beat_s = 60 / BPM
        lines_s = [set_s + beat_s * grid.line_of(2 * pairs * part) for part in range(3)]
        end_s = lines_s[1 + thru] + beat_s
        clock = [(-0.05, real_time(START))]
        clock += _ticks(0.0, BPM, alone_s) + _ticks(alone_s, FAST_BPM, fast_s)
        clock += [(alone_s + fast_s + 0.03, real_time(STOP)), (set_s - 0.05, real_time(START))]
        clock += [*_ticks(set_s, BPM, end_s - set_s), (end_s + 0.03, real_time(STOP))]
        line_s = lines_s[0]
        keys = [
            (line_s + beat * beat_s, message)
            for note in plan.calls
            for beat, message in (
                (note.onset_beats, note_on(0, note.pitch, note.velocity)),
                (note.end_beats, note_off(0, note.pitch)),
            )
            if not thru or line_s + note.end_beats * beat_s < lines_s[1]
        ]
        if thru:
            keys += _keys(lines_s[1], lines_s[2])
        began_s = time.monotonic() + 1.0  # the band's lead
        self._band.play(clock, sorted(keys))
        self._until(began_s + _BEGIN_S)
        found = self._window("clock alone", seconds)
        ticked = found["second, clock alone: stage"]
        self._until(began_s + alone_s + _BEGIN_S)
        fast = self._window("fast clock", seconds / 2)["second, fast clock: stage"]
        more = (FAST_BPM - BPM) * TICKS_A_BEAT / 60
        found["tick"] = Figure((fast.value - ticked.value) / more)
        self._until(began_s + alone_s + fast_s + 0.3)
        self._tell(CommandId.ARM)
        self._until(began_s + lines_s[0])
        found |= self._window("trading", lines_s[1] - lines_s[0])
        since = len(self._band.keys)
        if thru:
            self._until(began_s + lines_s[2])
            found["thru note"] = spread(thru_ns(self._band.keys, since))
        snapshot = self._box.snapshot()
        if snapshot is not None and (first := snapshot.measured("brain_first")).total:
            p50, p99 = (1e3 * first.quantile_us(share) for share in (0.5, 0.99))
            found["last note to the answer's first"] = Figure(p50, p99, first.total)
        return found

    # --- inside

    def _window(self, name: str, seconds: float) -> dict[str, Figure]:
        before = spent(self._box.process.pid)
        self._until(before.at_s + seconds)
        ns, wakes, busy = spent(self._box.process.pid).rates(before)
        found = {f"second, {name}: {one}": Figure(round(rate)) for one, rate in ns.items()}
        found[f"second, {name}: the box"] = Figure(round(sum(ns.values())))
        found[f"second, {name}: the machine"] = Figure(round(busy))
        woken = {f"wake-ups, {name}: {one}": Figure(round(n, 1)) for one, n in wakes.items()}
        return {**found, **woken}

    def _until(self, time_s: float) -> None:
        """Wait, and hear the box now and then."""
        while (left_s := time_s - time.monotonic()) > 0:
            time.sleep(min(left_s, 2.0))
            self._band.listen()
            self._box.tend()

    def _tell(self, command: CommandId) -> None:
        send_command(self._folder, Command(command))


def _ticks(begin_s: float, bpm: float, length_s: float) -> list[tuple[float, Message]]:
    step_s = 60 / bpm / TICKS_A_BEAT
    return [(begin_s + n * step_s, real_time(TICK)) for n in range(round(length_s / step_s))]


def _keys(begin_s: float, end_s: float) -> list[tuple[float, Message]]:
    found: list[tuple[float, Message]] = []
    for number in range(int((end_s - begin_s) / KEY_S) - 1):
        at_s, pitch = begin_s + number * KEY_S, 60 + 5 * number % 13
        found += [(at_s, note_on(0, pitch, 80)), (at_s + KEY_LENGTH_S, note_off(0, pitch))]
    return found
