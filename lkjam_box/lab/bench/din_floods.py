"""What ``bench din`` plays: floods of controllers, and the box's notes and clock among them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from ...midi.messages import (
    CONTROL_CHANGE,
    PITCH_BEND,
    PRESSURE,
    TICK,
    Message,
    note_off,
    note_on,
    real_time,
    voice,
)

Timed = tuple[float, Message]
_TICK_S = 60 / 120 / 24


def ours(seconds: float, dice: random.Random) -> Iterator[Timed]:
    """The box: a line of notes on channel 1, a chord now and then, and clock."""
    yield from ((n * _TICK_S, real_time(TICK)) for n in range(int(seconds / _TICK_S)))
    time_s = 0.05
    while time_s < seconds - 0.5:
        for pitch in dice.sample(range(48, 84), dice.choice((1, 1, 1, 3))):
            yield time_s, note_on(0, pitch, 80)
            yield time_s + 0.08, note_off(0, pitch)
        time_s += dice.uniform(0.1, 0.2)


def _values(
    kinds: list[tuple[int, ...]], seconds: float, rate: float, dice: random.Random
) -> Iterator[Timed]:
    """Each of ``kinds`` (all but the last byte) at ``rate`` a second, with values that wander."""
    for kind in kinds:
        value, time_s = 64, dice.random() / rate
        while time_s < seconds:
            value = min(max(value + dice.randint(-9, 9), 0), 127)
            yield time_s, voice(*kind, value)
            time_s += dice.uniform(0.8, 1.2) / rate


def _five(channel: int) -> list[tuple[int, ...]]:
    controllers = [(CONTROL_CHANGE, channel, number) for number in (2, 11, 74)]
    return [*controllers, (PITCH_BEND, channel, 0), (PRESSURE, channel)]


def _strings(seconds: float, dice: random.Random) -> Iterator[Timed]:
    """Six strings, a channel each from 2 on, bending 250 times a second, struck now and then."""
    yield from _values([(PITCH_BEND, string, 0) for string in range(1, 7)], seconds, 250, dice)
    for string in range(1, 7):
        time_s = dice.random()
        while time_s < seconds - 0.6:
            yield time_s, voice(PITCH_BEND, string, 0, 64)
            yield time_s, note_on(string, 40 + 5 * string, 90)
            yield time_s + 0.4, note_off(string, 40 + 5 * string)
            time_s += dice.uniform(0.5, 1.0)


FLOODS: dict[str, Callable[[float, random.Random], Iterator[Timed]]] = {
    "five controllers, our channel": lambda s, dice: _values(_five(0), s, 250, dice),
    "five controllers, another": lambda s, dice: _values(_five(1), s, 250, dice),
    "ten controllers, two channels": lambda s, dice: _values(_five(0) + _five(1), s, 250, dice),
    "six strings bending": _strings,
}
