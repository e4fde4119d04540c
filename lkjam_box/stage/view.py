"""What the stage shows: counters kept as it plays, and the snapshot made of them. Pure.

The snapshot is brought up to date thirty times a second and most of it seldom changes: what hangs
on something is written again only when that is another (grids, turns and controls are frozen).
"""

from __future__ import annotations

from ..protocol.controls import CHOICES
from ..protocol.engine import ControlValues, Role
from ..protocol.measures import Measures, count
from ..protocol.records import HUMAN, ControlSetting, EngineId
from ..protocol.shared_state import RECENT, Snapshot, Sync, WarningId
from ..tempo.clock import Clock
from ..turns.grid import Grid
from ..turns.scheduler import TurnScheduler
from ..turns.seat_controls import SeatControls
from .ledger import Ledger

NOTICE_S = 2.5  # how long the screen shows what was plugged in
HEARD_S = 6.0  # and how long a note that was taken for melody
# In Python 3.11 a member of an enum costs a call.
_MARKOV, _NO_CLOCK = EngineId.MARKOV, Sync.NO_CLOCK
_CONTROLS = tuple(control.name.lower() for control in CHOICES)


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
        self._reasons: tuple[object, ...] = ()  # of the warning shown
        self._on: set[WarningId] = set()  # those that hold now
        self._counted_ms = -1  # of the clock's state; -1 before the first snapshot
        self._changed_control = (HUMAN, -1)  # seat whose control was turned last, and in which turn
        self._shown: tuple[object, ...] = ()  # grids, turn and control that are shown
        self._controls: tuple[ControlValues, ...] = ()  # in force and pending, as shown
        self._bar_beats = self._pulse_beats = 1.0  # of the grid that is shown
        self._chord_beats = (0.0, 0.0)  # where the chord that is shown begins and ends

    def show_note(self, pitch: int, role: Role) -> None:
        show = self.figures
        show.recent = (*show.recent[1 - RECENT :], pitch + 128 * role)
        show.note_serial += 1

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
        show, sync, beat = self.figures, clock.sync, clock.beat_at(time_s)
        self._count_sync(time_s, sync)
        show.time_s, show.beat, show.sync, show.mode = time_s, beat, sync, scheduler.mode
        show.bpm, show.sync_error_ms = clock.display_bpm, clock.error_ms
        show.loops, show.line_up = scheduler.loops, scheduler.line_up
        self._fill_turn(scheduler, seat_controls)
        self._fill_place(scheduler.grid, beat)
        if show.controls_seat != HUMAN:
            self._fill_controls(seat_controls)
        show.keyboard, show.clock = self.ports[:2] if self.ports else ("", "")
        show.notice = self._notice if time_s < self._notice_until_s else ""
        show.loop_device = self.loop_device
        if time_s >= self._heard_until_s:
            show.heard_pitch, show.heard_velocity, show.heard_device = -1, 0, ""
        show.sounding = len(ledger)
        show.engine = self.brain_engine if self.brain_alive else _MARKOV
        show.message = self.message
        self._fill_warning(sync)
        return show

    def _fill_turn(self, scheduler: TurnScheduler, seat_controls: SeatControls) -> None:
        """Show turn and tune, those that wait, and whose controls are shown."""
        grid, turn, pending = scheduler.grid, scheduler.turn, scheduler.pending
        shown = grid, turn, pending, scheduler.next_grid, self._changed_control
        if shown == self._shown:
            return
        self._shown, show = shown, self.figures
        progression, coming = grid.tune.progression, scheduler.next_grid.tune.progression
        show.seat, show.loop = (turn.seat, turn.loop) if turn else (-1, -1)
        show.next_seat = grid.seat_of(turn.loop + 1 if turn else 0)
        metre = progression.metre
        self._bar_beats, self._pulse_beats = metre.bar_beats, metre.pulse_beats
        self._chord_beats = (0.0, 0.0)
        show.turn_bars, show.bar_pulses = grid.turn_bars, metre.count
        start = turn.start_beats if turn else grid.start_beats
        show.turn_start_beats = start
        show.turn_end_beats = turn.end_beats if turn else start + grid.turn_beats
        show.title, show.key = progression.name, progression.key
        show.progression, show.transpose = grid.tune.index, grid.tune.transpose
        changed = (coming.name, coming.key) != (progression.name, progression.key)
        show.pending = int(pending)
        show.pending_title = f"{coming.name} in {coming.key}" if pending and changed else ""
        show.controls_seat = self._seat_shown(scheduler, seat_controls)

    def _seat_shown(self, scheduler: TurnScheduler, seat_controls: SeatControls) -> int:
        """The seat whose control was set in this turn, else the box seat that plays now or next."""
        turn, (seat, serial) = scheduler.turn, self._changed_control
        if serial == (turn.serial if turn else -1) and seat in seat_controls.seats:
            return seat
        seats, loop = scheduler.grid.seats, turn.loop if turn else 0
        coming = (seats[(loop + later) % len(seats)] for later in range(len(seats)))
        return next((seat for seat in coming if seat != HUMAN), HUMAN)

    def _fill_place(self, grid: Grid, beat: float) -> None:
        """Show bar, pulse and chords."""
        show, start = self.figures, self.figures.turn_start_beats
        bar, inside = divmod(beat - start, self._bar_beats)
        show.bar, show.pulse = int(bar) + 1, int(inside / self._pulse_beats) + 1
        place, (begin, end) = max(beat, start), self._chord_beats
        if begin <= place < end:
            return
        progression, place = grid.tune.progression, place - grid.origin_beats
        here, form_place = progression.index_at(place), place % progression.form_beats
        starts = (*progression.starts_beats, progression.form_beats)
        begin = place - form_place + grid.origin_beats
        self._chord_beats = begin + starts[here], begin + starts[here + 1]
        show.chord = progression.chords[here].symbol
        show.next_chord = progression.next_chord(place)[0].symbol

    def _fill_controls(self, seat_controls: SeatControls) -> None:
        show = self.figures
        controls = (
            seat_controls.in_force(show.controls_seat),
            seat_controls.pending(show.controls_seat),
        )
        if controls != self._controls:
            self._controls = controls
            for name in _CONTROLS:
                setattr(show, name, getattr(controls[0], name))
                setattr(show, f"next_{name}", getattr(controls[1], name))

    def _fill_warning(self, sync: Sync) -> None:
        """Show the most urgent of the warnings that hold, and count those that are new."""
        reasons = (
            self.warning,
            self.not_realtime,
            self.no_ports,
            self.second_clock,
            self.brain_engine,
            self.brain_late,
            self.brain_alive,
            self.loop_device,
            self.ports,
            sync == _NO_CLOCK,
        )
        if reasons != self._reasons:
            self._reasons = reasons
            on = self._warnings(sync)
            for warning in on - self._on:
                count(self.measures.warning_times, warning)
            self._on = on
            self.figures.warning = max(on, default=WarningId.NONE)

    def _warnings(self, sync: Sync) -> set[WarningId]:
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
        return {warning for warning, holds in said.items() if holds} - {WarningId.NONE}

    def _count_sync(self, time_s: float, sync: Sync) -> None:
        """Add the time since the last snapshot to the clock state it showed; count new states."""
        show, measures, now_ms = self.figures, self.measures, int(1000 * time_s)
        first = self._counted_ms < 0
        if not first:
            count(measures.sync_ms, show.sync, max(now_ms - self._counted_ms, 0))
        if first or sync != show.sync:
            count(measures.sync_times, sync)
        self._counted_ms = now_ms
