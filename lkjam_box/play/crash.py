"""A gig in virtual time in which the stage dies and comes back, as the supervisor does it."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import msgspec

from ..config.options import Config
from ..music.library import Library
from ..ports.held import Held, silence
from ..protocol.engine import Engine
from ..protocol.shared_state import Snapshot
from ..stage.resume import Resume
from ..tempo.clock import Clock
from .sent_notes import Sent
from .virtual_brain import LAPTOP, Delays
from .virtual_gig import Gig

SHOW_S = 1 / 30  # how often the stage writes down where it is
SILENT_S = 0.002  # from a stage's death to the last note-off of the supervisor's


class _Nobody:
    """A stage that is not there: what comes is lost."""

    def next_wake_s(self, _: float) -> float:
        return inf

    def snapshot(self, time_s: float) -> Snapshot:
        return Snapshot(time_s=time_s)

    def take_due(self, *_: float) -> tuple[()]:
        return ()

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_: None


class CrashGig(Gig):
    """``kill`` ends the stage at any moment. ``new_clock`` makes the clock of each stage."""

    def __init__(
        self,
        config: Config,
        library: Library,
        new_clock: Callable[[], Clock],
        make_engine: Callable[..., Engine],
        *,
        seed: int = 1,
        delays: Delays = LAPTOP,
    ) -> None:
        self._held, self._seen = Held(), 0
        self._kept, self._new_clock = b"", new_clock
        super().__init__(config, library, new_clock(), make_engine, seed=seed, delays=delays)
        self._keep()

    def kill(
        self, time_s: float, away_s: float, silent_s: float = SILENT_S, shown_s: float = 0.0
    ) -> None:
        """The stage is gone from ``time_s`` for ``away_s``; the supervisor ends its notes after
        ``silent_s``. It wrote down where it is ``shown_s`` before it died, or earlier."""
        self.at(time_s - shown_s, lambda: setattr(self, "_keeps", False))
        self.at(time_s, self._die)
        self.at(time_s + silent_s, self._silence)
        self.at(time_s + away_s, lambda: self._return(time_s))

    _keeps = True

    def _keep(self) -> None:
        if self._keeps:
            self._kept = msgspec.json.encode(self.stage.place(self.now_s))
        self.at(self.now_s + SHOW_S, self._keep)

    def _die(self) -> None:
        """End the stage once all that is due now is sent: a new one takes it to be sent."""
        self.stage.wake(self.now_s)
        nobody: Any = _Nobody()
        self.stage, self._keeps = nobody, False

    def _silence(self) -> None:
        for item in self.sent[self._seen :]:
            if item.output == "synth":
                self._held.sent(item.message)
        for message in silence(self._held):
            self._held.sent(message)
            self.sent.append(Sent(self.now_s, "synth", message))
        self._seen = len(self.sent)

    def _return(self, lost_s: float) -> None:
        self.stage = self._new_stage(self._new_clock())
        self.stage.resume(self.now_s, msgspec.json.decode(self._kept, type=Resume), lost_s)
        self._keeps = True
        if self.brain_process.alive:
            self.brain_process.greet()
