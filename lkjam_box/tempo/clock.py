"""What the stage needs of a clock, be it a drum machine's or the box's own."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from ..midi.messages import Message
from ..protocol.shared_state import Sync
from .place import Place


class Transport(Enum):
    """What happened to the transport."""

    STARTED = "started"  # the first tick after Start fell: this is beat 0
    STOPPED = "stopped"
    JUMPED = "jumped"  # the song plays on at another place; beats go on as if it had not
    CONTINUED = "continued"  # the first tick after Continue fell
    LOCATED = "located"  # Song Position, or "the line is here", moved the place
    LOST = "lost"  # freewheel is over: NO CLOCK
    FOUND = "found"  # ticks again after LOST, place kept


class Clock(Protocol):
    """Time is an argument everywhere, in monotonic seconds, and never goes back."""

    @property
    def sync(self) -> Sync: ...

    @property
    def running(self) -> bool:
        """Whether beats go on; False also while a Stop may turn out to be a jump."""

    @property
    def bpm(self) -> float: ...

    @property
    def display_bpm(self) -> float: ...

    @property
    def error_ms(self) -> float: ...

    @property
    def ahead_beats(self) -> float:
        """How far beats are ahead of the song's place, since it jumped."""

    def go_to_song(self) -> None:
        """Count beats from the song's place again; called at JUMPED."""

    @property
    def off_s(self) -> float:
        """How much later than foretold the last tick came, in seconds."""

    def message(self, time_s: float, message: Message) -> tuple[Transport, ...]:
        """Take F8, FA, FB, FC, F2 (others are ignored)."""

    def poll(self, time_s: float) -> tuple[Transport, ...]:
        """Notice ticks that did not come, or tick as master; call it at ``next_poll_s``."""

    def next_poll_s(self) -> float:
        """When ``poll`` must be called at the latest; infinity if never."""

    def line_is_here(self, time_s: float) -> tuple[Transport, ...]:
        """Join a clock that already runs: the tick nearest to now is beat 0, and we run."""

    def beat_at(self, time_s: float) -> float:
        """Beats since beat 0. Stands still unless running, then falls on LOCATED, STARTED only."""

    def time_of(self, beat: float) -> float:
        """When ``beat`` falls, as known now; infinity when not running."""

    def set_bpm(self, time_s: float, bpm: float) -> None:
        """Set the tempo of an internal clock; a follower ignores it."""

    def place(self) -> Place:
        """Where the clock is, for ``resume`` of another clock."""

    def resume(self, time_s: float, place: Place, lost_s: float) -> tuple[Transport, ...]:
        """Go on from ``place`` of a clock that ended at ``lost_s``; call it before all else."""

    def take_output(self, time_s: float) -> bytes:
        """Clock bytes due by now that the box sends as master; b'' for a follower."""
