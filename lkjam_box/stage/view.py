"""What the stage shows: counters kept as it plays, and the snapshot made of them. Pure."""

from __future__ import annotations

from ..protocol.controls import CHOICES
from ..protocol.engine import Role
from ..protocol.measures import Measures
from ..protocol.records import HUMAN, ControlSetting, EngineId
from ..protocol.shared_state import RECENT, Snapshot, Sync, WarningId
from ..tempo.clock import Clock
from ..turns.scheduler import TurnScheduler
from ..turns.seat_controls import SeatControls
from .ledger import Ledger

NOTICE_S = 2.5  # how long the screen shows what was plugged in
HEARD_S = 6.0  # and how long a note that was taken for melody


class View:
    """Counters are plain attributes of ``figures``; ``fill`` brings the rest up to date."""

    def __init__(self, wants_model: bool) -> None:
        self.figures = Snapshot()
        self.measures = Measures()
        self.message = ""
        self.warning = WarningId.NONE
        self.second_clock = False
        self.not_realtime = False
        self.no_ports = False  # virtual ones stand in for those of a driver that is missing
        self.loop_device = ""  # whose notes came back without end
        self.brain_alive = True
        self.brain_late = False  # the last answer was the fallback's though the brain lives
        self.brain_engine = EngineId.OFF
        self.ports: tuple[str, str, str] | None = None  # keyboard, clock, synth
        self._notice, self._notice_until_s = "", 0.0
        self._heard_until_s = 0.0
        self._wants_model = wants_model
        self._recent: list[int] = []
        self._on: set[WarningId] = set()  # those that hold now
        self._changed_control = (HUMAN, -1)  # seat whose control was turned last, and in which turn

    def show_note(self, pitch: int, role: Role) -> None:
        self._recent = [*self._recent[1 - RECENT :], pitch + 128 * role]
        self.figures.note_serial += 1

    def tell(self, time_s: float, notice: str) -> None:
        """Show ``notice`` for :data:`NOTICE_S`."""
        self._notice, self._notice_until_s = notice, time_s + NOTICE_S

    def pressed(self, pitch: int, velocity: int) -> None:
        """The player pressed a key, which may be melody or not."""
        show = self.figures
        show.notes_in += 1
        show.key_pitch, show.key_velocity = pitch, velocity

    def heard(self, time_s: float, pitch: int, velocity: int, device: str) -> None:
        """A key of ``device`` was taken for melody: it is shown for :data:`HEARD_S`."""
        show = self.figures
        show.heard_pitch, show.heard_velocity, show.heard_device = pitch, velocity, device
        self._heard_until_s = time_s + HEARD_S

    def show_control(self, setting: ControlSetting, scheduler: TurnScheduler) -> None:
        """A control was set: its seat is shown until the next line."""
        self.figures.control = setting.which
        self.figures.control_serial += 1
        self._changed_control = setting.seat, scheduler.turn.serial if scheduler.turn else -1

    def fill(
        self,
        time_s: float,
        clock: Clock,
        scheduler: TurnScheduler,
        ledger: Ledger,
        seat_controls: SeatControls,
    ) -> Snapshot:
        """The snapshot as of ``time_s``. It is the same object every time: pack it at once."""
        show, grid, turn = self.figures, scheduler.grid, scheduler.turn
        self._count_sync(time_s, clock.sync)
        progression, next_grid = grid.tune.progression, scheduler.next_grid.tune.progression
        metre = progression.metre
        beat = clock.beat_at(time_s)
        show.time_s, show.beat = time_s, beat
        show.mode, show.sync = scheduler.mode, clock.sync
        show.bpm, show.sync_error_ms = clock.display_bpm, clock.error_ms
        show.seat, show.loop = (turn.seat, turn.loop) if turn else (-1, -1)
        show.next_seat = grid.seat_of(turn.loop + 1 if turn else 0)
        show.loops, show.turn_bars = scheduler.loops, grid.turn_bars
        start = turn.start_beats if turn else grid.start_beats
        show.turn_start_beats = start
        show.turn_end_beats = turn.end_beats if turn else start + grid.turn_beats
        inside = beat - start
        show.bar = int(inside // metre.bar_beats) + 1
        show.pulse = int(inside % metre.bar_beats / metre.pulse_beats) + 1
        show.bar_pulses = metre.count
        chord, following = grid.harmony.chord_at, grid.harmony.next_chord
        place = max(beat, start)
        show.chord, show.next_chord = chord(place).symbol, following(place)[0].symbol
        show.title, show.key = progression.name, progression.key
        show.progression, show.transpose = grid.tune.index, grid.tune.transpose
        show.pending, show.line_up = int(scheduler.pending), scheduler.line_up
        changed = (next_grid.name, next_grid.key) != (progression.name, progression.key)
        waits = scheduler.pending and changed
        show.pending_title = f"{next_grid.name} in {next_grid.key}" if waits else ""
        self._fill_controls(scheduler, seat_controls)
        show.keyboard, show.clock = self.ports[:2] if self.ports else ("", "")
        show.notice = self._notice if time_s < self._notice_until_s else ""
        show.loop_device = self.loop_device
        if time_s >= self._heard_until_s:
            show.heard_pitch, show.heard_velocity, show.heard_device = -1, 0, ""
        show.sounding = len(ledger)
        show.engine = self.brain_engine if self.brain_alive else EngineId.MARKOV
        show.recent = tuple(self._recent)
        show.warning, show.message = self._most_urgent(clock.sync), self.message
        return show

    def _fill_controls(self, scheduler: TurnScheduler, seat_controls: SeatControls) -> None:
        """Show controls of the seat that was set in this turn, else of the box seat now or next."""
        show, turn = self.figures, scheduler.turn
        seat, serial = self._changed_control
        if serial != (turn.serial if turn else -1) or seat not in seat_controls.seats:
            seats, loop = scheduler.grid.seats, turn.loop if turn else 0
            coming = (seats[(loop + later) % len(seats)] for later in range(len(seats)))
            seat = next((seat for seat in coming if seat != HUMAN), HUMAN)
        show.controls_seat = seat
        if seat == HUMAN:
            return
        for control in CHOICES:
            name = control.name.lower()
            setattr(show, name, getattr(seat_controls.in_force(seat), name))
            setattr(show, f"next_{name}", getattr(seat_controls.pending(seat), name))

    def _most_urgent(self, sync: Sync) -> WarningId:
        keyboard, _, synth = self.ports or ("?", "?", "?")
        said = {
            self.warning: True,
            WarningId.NO_REALTIME: self.not_realtime,
            WarningId.TWO_CLOCKS: self.second_clock,
            WarningId.NO_MODEL: self._wants_model and self.brain_engine is EngineId.MARKOV,
            WarningId.BRAIN_LATE: self.brain_late,
            WarningId.BRAIN_LOST: not self.brain_alive,
            WarningId.LOOP: bool(self.loop_device),
            WarningId.NO_KEYBOARD: not keyboard,
            WarningId.NO_SYNTH: not synth,
            WarningId.NO_PORTS: self.no_ports,
            WarningId.NO_CLOCK: sync is Sync.NO_CLOCK,
        }
        on = {warning for warning, holds in said.items() if holds} - {WarningId.NONE}
        for warning in on - self._on:
            self.measures.warning_times[warning] += 1
        self._on = on
        return max(on, default=WarningId.NONE)

    def _count_sync(self, time_s: float, sync: Sync) -> None:
        """Add the time since the last snapshot to the clock state it showed; count new states."""
        show, measures = self.figures, self.measures
        if show.time_s:
            measures.sync_ms[show.sync] += max(round(1000 * (time_s - show.time_s)), 0)
        if not show.time_s or sync != show.sync:
            measures.sync_times[sync] += 1
