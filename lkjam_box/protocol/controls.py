"""The live controls of the box seats: asked for at any time, in force from the next line. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isfinite

from ..config.options import Brain
from .engine import DENSITIES, Dials, Strategy, Style
from .records import DialId

REGISTERS = 3  # steps of the register either way
HEAT_STEPS = 10  # steps of the heat either way

# Every dial of an answer, in the order the buttons go through them: its choices, lowest first.
CHOICES: dict[DialId, tuple[float, ...]] = {
    DialId.STRATEGY: tuple(map(float, Strategy)),
    DialId.STYLE: tuple(map(float, Style)),
    DialId.DENSITY: tuple(map(float, range(DENSITIES + 1))),
    DialId.REGISTER: tuple(map(float, range(-REGISTERS, REGISTERS + 1))),
    DialId.HEAT: tuple(step / HEAT_STEPS for step in range(-HEAT_STEPS, HEAT_STEPS + 1)),
}
BUTTON_STEPS = {DialId.HEAT: 2}  # choices that a press goes on; 1 for the others
_ROUND = (DialId.STRATEGY, DialId.STYLE)  # after the last choice comes the first


def first_dials(options: Brain) -> Dials:
    """The dials as the options set them."""
    return Dials(
        temperature=options.temperature,
        top_p=options.top_p,
        low=options.low,
        high=options.high,
        strategy=Strategy[options.strategy.upper()],
        style=Style[options.style.upper()],
        density=options.density,
        register=options.register,
        heat=options.heat,
    )


def value_of(dials: Dials, dial: DialId) -> float:
    """Where a dial stands, as a :class:`Dial` record says it. Not for ENGINE."""
    return float(getattr(dials, dial.name.lower()))


def turned(dials: Dials, dial: int, value: float) -> Dials:
    """``dials`` with one set to ``value``, kept in its range. An unknown dial changes nothing."""
    if not isfinite(value):
        return dials
    match dial:
        case DialId.TEMPERATURE:
            return replace(dials, temperature=min(max(value, 0.1), 2.0))
        case DialId.TOP_P:
            return replace(dials, top_p=min(max(value, 0.1), 1.0))
        case DialId.STRATEGY:
            return replace(dials, strategy=Strategy(_whole(DialId.STRATEGY, value)))
        case DialId.STYLE:
            return replace(dials, style=Style(_whole(DialId.STYLE, value)))
        case DialId.DENSITY:
            return replace(dials, density=_whole(DialId.DENSITY, value))
        case DialId.REGISTER:
            return replace(dials, register=_whole(DialId.REGISTER, value))
        case DialId.HEAT:
            return replace(dials, heat=min(max(value, -1.0), 1.0))
    return dials


def with_values(dials: Dials, values: Iterable[float]) -> Dials:
    """``dials`` with every one set, in the order of :data:`CHOICES`."""
    for dial, value in zip(CHOICES, values, strict=False):
        dials = turned(dials, dial, value)
    return dials


def stepped(dials: Dials, dial: int, steps: int) -> Dials:
    """``dials`` with one moved on by choices; strategy and style begin anew after the last."""
    if dial not in CHOICES:
        return dials
    which = DialId(dial)
    choices, now = CHOICES[which], value_of(dials, which)
    here = min(range(len(choices)), key=lambda index: abs(choices[index] - now))
    there = here + steps
    there = there % len(choices) if which in _ROUND else min(max(there, 0), len(choices) - 1)
    return turned(dials, which, choices[there])


def _whole(dial: DialId, value: float) -> int:
    choices = CHOICES[dial]
    return round(min(max(value, choices[0]), choices[-1]))
