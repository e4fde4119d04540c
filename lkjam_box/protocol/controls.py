"""The live controls of the box seats: asked for at any time, in force from the next line. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isfinite

from ..config.options import Brain
from .engine import DENSITIES, ControlValues, Strategy, Style
from .records import ControlId

REGISTERS = 3  # steps of the register either way
HEAT_STEPS = 10  # steps of the heat either way

# Every control of an answer, in the order the buttons go through them: its choices, lowest first.
CHOICES: dict[ControlId, tuple[float, ...]] = {
    ControlId.STRATEGY: tuple(map(float, Strategy)),
    ControlId.STYLE: tuple(map(float, Style)),
    ControlId.DENSITY: tuple(map(float, range(DENSITIES + 1))),
    ControlId.REGISTER: tuple(map(float, range(-REGISTERS, REGISTERS + 1))),
    ControlId.HEAT: tuple(step / HEAT_STEPS for step in range(-HEAT_STEPS, HEAT_STEPS + 1)),
}
BUTTON_STEPS = {ControlId.HEAT: 2}  # choices that a press moves on; 1 for the others
ROUND = (ControlId.STRATEGY, ControlId.STYLE)  # after the last choice comes the first


def initial_controls(options: Brain) -> ControlValues:
    """The controls as the options set them."""
    return ControlValues(
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


def value_of(controls: ControlValues, control: ControlId) -> float:
    """The value of a control, as a :class:`ControlSetting` record has it. Not for ENGINE."""
    return float(getattr(controls, control.name.lower()))


def with_control(controls: ControlValues, control: int, value: float) -> ControlValues:
    """``controls`` with one set to ``value``, kept in its range; an unknown one changes nothing."""
    if not isfinite(value):
        return controls
    match control:
        case ControlId.TEMPERATURE:
            return replace(controls, temperature=min(max(value, 0.1), 2.0))
        case ControlId.TOP_P:
            return replace(controls, top_p=min(max(value, 0.1), 1.0))
        case ControlId.STRATEGY:
            return replace(controls, strategy=Strategy(_whole(ControlId.STRATEGY, value)))
        case ControlId.STYLE:
            return replace(controls, style=Style(_whole(ControlId.STYLE, value)))
        case ControlId.DENSITY:
            return replace(controls, density=_whole(ControlId.DENSITY, value))
        case ControlId.REGISTER:
            return replace(controls, register=_whole(ControlId.REGISTER, value))
        case ControlId.HEAT:
            return replace(controls, heat=min(max(value, -1.0), 1.0))
    return controls


def values_of(controls: ControlValues) -> tuple[float, ...]:
    """The values of all controls, in the order of :data:`CHOICES`."""
    return tuple(float(getattr(controls, control.name.lower())) for control in CHOICES)


def with_values(controls: ControlValues, values: Iterable[float]) -> ControlValues:
    """``controls`` with every one set, in the order of :data:`CHOICES`."""
    for control, value in zip(CHOICES, values, strict=False):
        controls = with_control(controls, control, value)
    return controls


def with_step(controls: ControlValues, control: int, steps: int) -> ControlValues:
    """``controls`` with one moved on by ``steps`` choices; only strategy and style wrap round."""
    if control not in CHOICES:
        return controls
    which = ControlId(control)
    choices, now = CHOICES[which], value_of(controls, which)
    here = min(range(len(choices)), key=lambda index: abs(choices[index] - now))
    there = here + steps
    there = there % len(choices) if which in ROUND else min(max(there, 0), len(choices) - 1)
    return with_control(controls, which, choices[there])


def _whole(control: ControlId, value: float) -> int:
    choices = CHOICES[control]
    return round(min(max(value, choices[0]), choices[-1]))
