"""What the stage shows: counters kept as it plays, and the snapshot made of them. Pure."""

from __future__ import annotations

from ..protocol.controls import CHOICES
from ..protocol.engine import Role
from ..protocol.measures import Measures
from ..protocol.records import Dial, EngineId
from ..protocol.shared_state import RECENT, Snapshot, Sync, Warning
from ..tempo.clock import Clock
from ..turns.grid import HUMAN
from ..turns.scheduler import TurnKeeper
from ..turns.seat_controls import DialDesk
from .ledger import Ledger

NOTICE_S = 2.5  # news of a plug stand so long


class View:
    """Counters are plain attributes of ``figures``; ``fill`` brings the rest up to date."""

    def __init__(self, wants_model: bool) -> None:
        self.figures = Snapshot()
        self.measures = Measures()
        self.message = ""
        self.warning = Warning.NONE
        self.second_clock = False
        self.not_realtime = False
        self.brain_alive = True
        self.brain_late = False  # the last answer was the fallback's though the brain lives
        self.brain_engine = EngineId.OFF
        self.ports: tuple[str, str, str] | None = None  # keyboard, clock, synth
        self._notice, self._notice_until_s = "", 0.0
        self._wants_model = wants_model
        self._recent: list[int] = []
        self._on: set[Warning] = set()  # all that hold now
        self._dialled = (HUMAN, -1)  # seat whose dial was turned last, and in which turn

    def show_note(self, pitch: int, role: Role) -> None:
        self._recent = [*self._recent[1 - RECENT :], pitch + 128 * role]
        self.figures.note_serial += 1

    def tell(self, time_s: float, notice: str) -> None:
        """Show ``notice`` for a moment."""
        self._notice, self._notice_until_s = notice, time_s + NOTICE_S

    def show_dial(self, dial: Dial, keeper: TurnKeeper) -> None:
        """A dial was turned: its seat is shown until the next line."""
        self.figures.dial, self.figures.dial_serial = dial.dial, self.figures.dial_serial + 1
        self._dialled = dial.seat, keeper.turn.serial if keeper.turn else -1

    def fill(
        self, time_s: float, clock: Clock, keeper: TurnKeeper, ledger: Ledger, desk: DialDesk
    ) -> Snapshot:
        """What the screen shows, as of now. The same object every time: pack it at once."""
        show, grid, turn = self.figures, keeper.grid, keeper.turn
        self._count_sync(time_s, clock.sync)
        progression, wished = grid.tune.progression, keeper.wished.tune.progression
        metre = progression.metre
        beat = clock.beat_at(time_s)
        show.time_s, show.beat = time_s, beat
        show.mode, show.sync = keeper.mode, clock.sync
        show.bpm, show.sync_error_ms = clock.display_bpm, clock.error_ms
        show.seat, show.loop = (turn.seat, turn.loop) if turn else (-1, -1)
        show.next_seat = grid.seat_of(turn.loop + 1 if turn else 0)
        show.loops, show.turn_bars = keeper.loops, grid.turn_bars
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
        show.pending = int(keeper.pending)
        changed = (wished.name, wished.key) != (progression.name, progression.key)
        waits = keeper.pending and changed
        show.pending_title = f"{wished.name} in {wished.key}" if waits else ""
        self._fill_dials(keeper, desk)
        show.keyboard, show.clock = self.ports[:2] if self.ports else ("", "")
        show.notice = self._notice if time_s < self._notice_until_s else ""
        show.sounding = len(ledger)
        show.engine = self.brain_engine if self.brain_alive else EngineId.MARKOV
        show.recent = tuple(self._recent)
        show.warning, show.message = self._most_urgent(clock.sync), self.message
        return show

    def _fill_dials(self, keeper: TurnKeeper, desk: DialDesk) -> None:
        """The dials of the seat that plays, or else plays next."""
        show, turn = self.figures, keeper.turn
        seat, serial = self._dialled
        if serial != (turn.serial if turn else -1) or seat not in desk.seats:
            seats, loop = keeper.grid.seats, turn.loop if turn else 0
            coming = (seats[(loop + later) % len(seats)] for later in range(len(seats)))
            seat = next((seat for seat in coming if seat != HUMAN), HUMAN)
        show.dials_seat = seat
        if seat == HUMAN:
            return
        for dial in CHOICES:
            name = dial.name.lower()
            setattr(show, name, getattr(desk.in_force(seat), name))
            setattr(show, f"next_{name}", getattr(desk.asked(seat), name))

    def _most_urgent(self, sync: Sync) -> Warning:
        keyboard, _, synth = self.ports or ("?", "?", "?")
        said = {
            self.warning: True,
            Warning.NO_REALTIME: self.not_realtime,
            Warning.TWO_CLOCKS: self.second_clock,
            Warning.NO_MODEL: self._wants_model and self.brain_engine is EngineId.MARKOV,
            Warning.BRAIN_LATE: self.brain_late,
            Warning.BRAIN_LOST: not self.brain_alive,
            Warning.NO_KEYBOARD: not keyboard,
            Warning.NO_SYNTH: not synth,
            Warning.NO_CLOCK: sync is Sync.NO_CLOCK,
        }
        on = {warning for warning, holds in said.items() if holds} - {Warning.NONE}
        for warning in on - self._on:
            self.measures.warning_times[warning] += 1
        self._on = on
        return max(on, default=Warning.NONE)

    def _count_sync(self, time_s: float, sync: Sync) -> None:
        """How long the clock was in which state, as often as it is shown."""
        show, measures = self.figures, self.measures
        if show.time_s:
            measures.sync_ms[show.sync] += max(round(1000 * (time_s - show.time_s)), 0)
        if not show.time_s or sync != show.sync:
            measures.sync_times[sync] += 1
