"""What a channel holds besides its keys: bend, wheel, breath, volume, pedals, pressure. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    SUSTAIN_CC,
    Message,
    voice,
)

BREATH_CC, VOLUME_CC, VOLUME_FINE_CC, EXPRESSION_CC = 2, 7, 39, 11
_MIDDLE = 8192  # of the bend
_LEVELS = {BREATH_CC: 127, VOLUME_CC: 100}  # neutral where the player tells; else this
_SWITCHED_OFF = (
    1,
    33,
    34,
    VOLUME_FINE_CC,
    43,
    SUSTAIN_CC,
    66,
    67,
    69,
)  # wheel, fine halves, pedals
_NEUTRAL_CCS = {**dict.fromkeys(_SWITCHED_OFF, 0), **_LEVELS, EXPRESSION_CC: 127}
_SOFT = 32  # a level that goes below this after it was played with is blown, not set
_LEAST = 64  # a level that is blown is never neutral below this
_INAUDIBLE = 16  # a level below this counts as blown: 36 dB down, if the synth follows the square


class Control(NamedTuple):
    """One thing that a channel holds; they sort in the order in which they are sent."""

    channel: int
    kind: int
    number: int = -1  # controller, or key of a poly pressure

    def at(self, value: int) -> Message:
        """The message that brings it to ``value``; a bend has 14 bits."""
        if self.kind == PITCH_BEND:
            return voice(PITCH_BEND, self.channel, value & 0x7F, value >> 7)
        data = (value,) if self.kind == PRESSURE else (self.number, value)
        return voice(self.kind, self.channel, *data)


LASTING = ((PITCH_BEND, -1), *((CONTROL_CHANGE, n) for n in sorted(_NEUTRAL_CCS)), (PRESSURE, -1))
"""(kind, number) of all that lasts on a channel until it is moved again; poly pressure goes by
key. What shapes a sound and is set once (portamento, cutoff, bend range) is not among them."""


def control_of(message: Message) -> tuple[Control, int] | None:
    """What ``message`` moves, and to which value; None where that does not last."""
    kind, channel = message.kind, message.channel
    if kind == PITCH_BEND:
        return Control(channel, kind), message.data1 | message.data2 << 7
    if kind == PRESSURE:
        return Control(channel, kind), message.data1
    if kind == POLY_PRESSURE or (kind == CONTROL_CHANGE and message.number in _NEUTRAL_CCS):
        return Control(channel, kind, message.number), message.value
    return None


@dataclass(slots=True)
class _Level:
    """A volume or a breath: how loud it was while its player played."""

    value: int
    blown: bool  # it goes up and down with the notes, so where it rests says nothing
    peak: int = 0
    last_peak: int = 0
    moved: bool = True

    def neutral(self, unknown: int) -> int:
        if not self.blown and self.value >= _INAUDIBLE:
            return self.value
        peak = max(self.peak, self.last_peak)
        return max(peak, _LEAST) if peak else unknown


@dataclass(slots=True)
class _Playing:
    """What is known of the notes of a channel."""

    keys: set[int] = field(default_factory=set)
    ever: bool = False
    lately: bool = False  # since the last phrase began
    levels: dict[int, _Level] = field(default_factory=dict)


class Controllers:
    """``take`` every message of a player, or that a synth gets; ``values`` is what it then holds.

    Neutral is a bend in the middle, expression 127, volume and breath where the player plays, all
    else 0. A volume that was set stays as it is. One that falls and rises with the notes, as that
    of a wind controller does, is neutral at its highest while notes sounded in this phrase and the
    one before.
    """

    def __init__(self) -> None:
        self.values: dict[Control, int] = {}
        self._playing: dict[int, _Playing] = {}

    def take(self, message: Message) -> tuple[Control, int] | None:
        """Returns what :func:`control_of` says of it."""
        kind = message.kind
        if kind == NOTE_ON:
            playing = self._playing.get(message.channel) or self._playing_on(message.channel)
            playing.keys.add(message.pitch)
            playing.ever = playing.lately = True
            for level in playing.levels.values():
                level.peak = max(level.peak, level.value)
        elif kind == NOTE_OFF:
            if playing_there := self._playing.get(message.channel):
                playing_there.keys.discard(message.pitch)
        elif moved := control_of(message):
            control, self.values[moved[0]] = moved
            if kind == CONTROL_CHANGE and control.number in _LEVELS:
                self._set_level(control, moved[1])
            return moved
        return None

    def neutral(self, control: Control) -> int:
        if control.kind == PITCH_BEND:
            return _MIDDLE
        if control.kind != CONTROL_CHANGE:
            return 0
        unknown = _NEUTRAL_CCS[control.number]
        playing = self._playing.get(control.channel)
        level = playing.levels.get(control.number) if playing else None
        return level.neutral(unknown) if level else unknown

    def rest(self, channels: Iterable[int] = range(16)) -> list[Message]:
        """What brings all that is off neutral there to neutral."""
        moved = sorted(c for c in list(self.values) if c.channel in channels)  # a thread may add
        return [
            control.at(self.neutral(control))
            for control in moved
            if self.values[control] != self.neutral(control)
        ]

    def begin_phrase(self, channel: int) -> None:
        """The player's turn begins: what was loud long ago counts no more."""
        playing = self._playing.get(channel)
        if playing is None:
            return
        for number, level in playing.levels.items():
            if playing.lately and not level.moved:
                level.blown = number == BREATH_CC
            level.last_peak = level.peak or level.last_peak
            level.peak = level.value if playing.keys else 0
            level.moved = False
        playing.lately = False

    # --- inside

    def _playing_on(self, channel: int) -> _Playing:
        playing = self._playing.get(channel)
        if playing is None:
            playing = self._playing[channel] = _Playing()
        return playing

    def _set_level(self, control: Control, value: int) -> None:
        playing = self._playing_on(control.channel)
        is_breath = control.number == BREATH_CC
        level = playing.levels.setdefault(control.number, _Level(value, blown=is_breath))
        level.value, level.moved = value, True
        level.blown = level.blown or value < (_SOFT if playing.ever else 1)
        if playing.keys:
            level.peak = max(level.peak, value)
