"""What an instrument makes of what it is sent: a synth of sixteen channels, as one hears it. Pure.

Every strike becomes a :class:`Tone`, with what was wrong with it: it was silent, bent or coloured
by controllers, went on after its key was up, or was cut by a message for the whole channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, prod

from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    Message,
)

Key = tuple[int, int]  # (channel, pitch)

MIDDLE = 8192  # of the bend
LOCAL = "local"
SILENT = 0.02  # share of full loudness that nobody hears
WHEEL, BREATH, VOLUME, EXPRESSION = 1, 2, 7, 11
_DATA, _DATA_FINE, _RPN_FINE, _RPN = 6, 38, 100, 101
_HOLD, _SOSTENUTO, _SOFT, _HOLD_2 = 64, 66, 67, 69
_PEDALS = (_HOLD, _SOSTENUTO, _HOLD_2)  # those that keep notes sounding
_SOUND_OFF, _RESET, _NOTES_OFF = 120, 121, 123  # from the last one up, all end every note
_FACTORY = {BREATH: 127, VOLUME: 100, EXPRESSION: 127}


@dataclass(slots=True, eq=False)
class Tone:
    """A note as it sounded; times in seconds, infinity while it goes on."""

    channel: int
    pitch: int
    velocity: int
    start_s: float
    origin: str = (
        ""  # as `Message.origin`: '' is the box's own; LOCAL, of the instrument's own keys
    )
    key_up_s: float = inf
    end_s: float = inf
    loudness: float = 1.0  # the least while its key was down: 0 is silence
    bend: float = 0.0  # the most while its key was down, in semitones
    colour: int = 0  # the most of wheel, pressure and soft pedal while its key was down
    cut: bool = False  # ended by a message for the whole channel
    release: int = 64  # velocity of its note-off

    @property
    def key(self) -> Key:
        return self.channel, self.pitch

    @property
    def silent(self) -> bool:
        return self.loudness < SILENT

    @property
    def blurred(self) -> bool:
        """Whether it sounded on after its key was up."""
        return self.end_s > self.key_up_s

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = {
            "silent": self.silent,
            "bent": self.bend != 0,
            "coloured": self.colour != 0,
            "blurred": self.blurred,
            "cut": self.cut,
        }
        return [word for word, wrong in found.items() if wrong]


@dataclass(slots=True)
class _Channel:
    """Controllers of a channel."""

    values: dict[int, int] = field(default_factory=lambda: dict(_FACTORY))
    bend: int = MIDDLE
    bend_range: float = 2.0
    pressure: int = 0

    @property
    def loudness(self) -> float:
        return prod(self.values[number] / 127 for number in _FACTORY)

    @property
    def bent(self) -> float:
        return abs(self.bend - MIDDLE) / MIDDLE * self.bend_range

    @property
    def colour(self) -> int:
        soft = 127 * (self.values.get(_SOFT, 0) >= 64)
        return max(self.values.get(WHEEL, 0), self.pressure, soft)

    @property
    def held(self) -> bool:
        return any(self.values.get(pedal, 0) >= 64 for pedal in _PEDALS)

    def reset(self) -> None:
        """Reset all controllers, as RP-015 has it: volume and RPN values stay."""
        volume = self.values[VOLUME]
        self.values = {**_FACTORY, VOLUME: volume}
        self.bend, self.pressure = MIDDLE, 0

    def turn(self, number: int, value: int) -> None:
        self.values[number] = value
        rpn = self.values.get(_RPN), self.values.get(_RPN_FINE)
        if number in (_DATA, _DATA_FINE) and rpn == (0, 0):
            self.bend_range = self.values.get(_DATA, 2) + self.values.get(_DATA_FINE, 0) / 100


class Ear:
    """``hear`` messages; read ``tones`` (every strike so far) and ``sounding``."""

    def __init__(self) -> None:
        self.tones: list[Tone] = []
        self._channels = [_Channel() for _ in range(16)]
        self._on: dict[Key, Tone] = {}  # that sound

    @property
    def sounding(self) -> set[Key]:
        return set(self._on)

    def down(self) -> set[Key]:
        """Keys that are down: those that only a pedal holds are left out."""
        return {key for key, tone in self._on.items() if tone.key_up_s == inf}

    def between(self, start_s: float, end_s: float) -> Iterator[Tone]:
        """Tones struck within that time."""
        return (tone for tone in self.tones if start_s <= tone.start_s < end_s)

    def strikes_a_second(self) -> int:
        """The most strikes of one key within any second."""
        times: dict[Key, list[float]] = {}
        most = 0
        for tone in self.tones:
            recent = [s for s in times.get(tone.key, ()) if s > tone.start_s - 1]
            times[tone.key] = [*recent, tone.start_s]
            most = max(most, len(times[tone.key]))
        return most

    def bend_of(self, channel: int) -> float:
        """Semitones that notes of the channel are off now."""
        return self._channels[channel].bent

    def value(self, channel: int, number: int) -> int:
        """Where a controller of the channel stands."""
        return self._channels[channel].values.get(number, 0)

    def pressure(self, channel: int) -> int:
        return self._channels[channel].pressure

    def bend_range(self, channel: int) -> float:
        """Semitones of a full bend."""
        return self._channels[channel].bend_range

    def hear(self, time_s: float, message: Message, origin: str | None = None) -> None:
        """Take a message that arrives at ``time_s``; system messages do nothing."""
        kind, channel = message.kind, message.channel
        if channel < 0:
            return
        state = self._channels[channel]
        if kind == NOTE_ON:
            self._strike(time_s, message, message.origin if origin is None else origin)
        elif kind == NOTE_OFF:
            self._lift(time_s, (channel, message.pitch), message.velocity)
        elif kind == CONTROL_CHANGE:
            self._control(time_s, channel, message.number, message.value)
        elif kind == PITCH_BEND:
            state.bend = message[1] | message[2] << 7
        elif kind == PRESSURE:
            state.pressure = message[1]
        elif kind == POLY_PRESSURE and (tone := self._on.get((channel, message.pitch))):
            tone.colour = max(tone.colour, message.value)
        self._mark(channel)

    # --- inside

    def _strike(self, time_s: float, message: Message, origin: str) -> None:
        key = (message.channel, message.pitch)
        before = self._on.pop(key, None)
        if before is not None:
            before.end_s = time_s
            before.key_up_s = min(before.key_up_s, time_s)
        tone = Tone(*key, message.velocity, time_s, origin)
        self.tones.append(tone)
        self._on[key] = tone

    def _lift(self, time_s: float, key: Key, velocity: int) -> None:
        tone = self._on.get(key)
        if tone is None or tone.key_up_s < inf:
            return
        tone.key_up_s, tone.release = time_s, velocity
        if not self._channels[key[0]].held:
            tone.end_s = time_s
            del self._on[key]

    def _control(self, time_s: float, channel: int, number: int, value: int) -> None:
        state = self._channels[channel]
        if number == _SOUND_OFF or number >= _NOTES_OFF:
            for key in [key for key in self._on if key[0] == channel]:
                tone = self._on[key]
                if tone.key_up_s == inf:
                    tone.cut, tone.key_up_s = True, time_s
                if number == _SOUND_OFF or not state.held:
                    tone.end_s = time_s
                    del self._on[key]
            return
        if number == _RESET:
            state.reset()
        else:
            state.turn(number, value)
        if not state.held:
            for key in [key for key in self._on if key[0] == channel]:
                if self._on[key].key_up_s < inf:
                    self._on.pop(key).end_s = time_s

    def _mark(self, channel: int) -> None:
        """Note what the controllers do to the notes whose keys are down."""
        state = self._channels[channel]
        for key, tone in self._on.items():
            if key[0] == channel and tone.key_up_s == inf:
                tone.loudness = min(tone.loudness, state.loudness)
                tone.bend = max(tone.bend, state.bent)
                tone.colour = max(tone.colour, state.colour)
