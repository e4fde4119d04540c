"""The click: which pulse of which bar sounds next. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..config.options import Metronome as MetronomeOptions
from ..midi.messages import Message
from ..music.harmony import Metre
from ..protocol.shared_state import Mode
from .ledger import Ledger, Owner

CLICK_BEATS = 0.1
_LATE_PULSES = 0.25  # a click later than this is left out


@dataclass(frozen=True, slots=True)
class Click:
    beat: float
    pitch: int
    velocity: int


class Metronome:
    """Clicks on the pulses of bars counted from ``origin_beats``."""

    def __init__(self, options: MetronomeOptions) -> None:
        self.options = options
        self.channel = options.channel - 1  # where it clicks now, which may be another
        self.tests = False  # clicks while nothing plays, to be compared with the drum machine
        self._last_beat = -math.inf

    def wanted(self, mode: Mode) -> bool:
        when = self.options.when
        if mode in (Mode.IDLE, Mode.DONE):
            return self.tests
        playing = mode in (Mode.COUNT_IN, Mode.TRADING)
        return playing if when == "always" else when == "count-in" and mode is Mode.COUNT_IN

    def next_beats(self, here: float, origin_beats: float, metre: Metre) -> float:
        """The next pulse not clicked yet, at most a little before beat ``here``."""
        pulse = metre.pulse_beats
        number = math.ceil((here - origin_beats) / pulse - _LATE_PULSES)
        place = origin_beats + number * pulse
        return place if place > self._last_beat else place + pulse

    def click(self, beat: float, here: float, origin_beats: float, metre: Metre) -> Click | None:
        """The click on the pulse at ``beat``, given now; None where beat ``here`` is too late."""
        if here - beat > _LATE_PULSES * metre.pulse_beats:
            return None
        self._last_beat = beat
        first = round((beat - origin_beats) / metre.pulse_beats) % metre.count == 0
        options = self.options
        pitch = options.bar_note if first else options.beat_note
        return Click(beat, pitch, options.velocity if first else max(1, options.velocity - 20))

    def strike(self, ledger: Ledger, click: Click) -> list[Message]:
        """The messages that begin ``click``; ``ledger`` ends it after :data:`CLICK_BEATS`."""
        end_beats = click.beat + CLICK_BEATS
        return ledger.on(Owner.CLICK, self.channel, click.pitch, click.velocity, end_beats)

    def rewind(self) -> None:
        self._last_beat = -math.inf
