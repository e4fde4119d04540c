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
        self._last_beat = -math.inf

    def wanted(self, mode: Mode) -> bool:
        when = self.options.when
        playing = mode in (Mode.COUNT_IN, Mode.TRADING)
        return playing if when == "always" else when == "count-in" and mode is Mode.COUNT_IN

    def next_beat(self, beat: float, origin_beats: float, metre: Metre) -> float:
        """The next pulse not clicked yet, at or after ``beat``."""
        pulse = metre.pulse_beats
        number = math.ceil((beat - origin_beats) / pulse - 1e-9)
        place = origin_beats + number * pulse
        return place if place > self._last_beat else place + pulse

    def due(self, beat: float, origin_beats: float, metre: Metre) -> Click | None:
        """The click of the pulse at or just before ``beat``; None if it was given before."""
        click = self.coming(beat, origin_beats, metre)
        if click is not None:
            self._last_beat = click.beat
        return click

    def coming(self, beat: float, origin_beats: float, metre: Metre) -> Click | None:
        """What ``due`` would return; changes nothing."""
        pulse = metre.pulse_beats
        number = math.floor((beat - origin_beats) / pulse + 1e-9)
        place = origin_beats + number * pulse
        if place <= self._last_beat or beat - place > pulse / 4:
            return None
        first = number % metre.count == 0
        options = self.options
        pitch = options.bar_note if first else options.beat_note
        return Click(place, pitch, options.velocity if first else max(1, options.velocity - 20))

    def strike(self, ledger: Ledger, click: Click) -> list[Message]:
        """The messages that begin ``click``; ``ledger`` ends it after :data:`CLICK_BEATS`."""
        end_beats = click.beat + CLICK_BEATS
        return ledger.on(Owner.CLICK, self.channel, click.pitch, click.velocity, end_beats)

    def rewind(self) -> None:
        self._last_beat = -math.inf
