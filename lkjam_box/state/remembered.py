"""What is remembered, and which of it is dropped as its option was changed since. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ..config.options import Config
from ..protocol.choices import Choices, Device
from ..protocol.controls import CHOICES, initial_controls, values_of
from ..protocol.settings import SETTABLE

_SEATS = ("A", "B", "C")

# The option that each choice overrides; once the option is changed, the choice is dropped.
_OPTIONS = {
    "progression": "music.progression",
    "transpose": "music.progression",  # the key belongs to the tune
    "turn_bars": "turns.turn_bars",
    "line_up": "turns.line_up",
    "offset_ms": "clock.output_offset_ms",
} | {control.name.lower(): f"brain.{control.name.lower()}" for control in CHOICES}
OPTIONS = (*dict.fromkeys(_OPTIONS.values()), *sorted(SETTABLE))


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that is kept on disk. Unknown fields, written by a newer box, are ignored."""

    boots: int = 0  # starts of the box, this one included; counted, as it has no real-time clock
    choices: Choices = Choices()
    options: dict[str, Any] = {}  # values of OPTIONS when the choices were made
    devices: tuple[Device, ...] = ()


def told_by(config: Config) -> dict[str, Any]:
    """The values of :data:`OPTIONS`, to be remembered beside the choices."""
    sections = msgspec.json.decode(msgspec.json.encode(config))  # as they come back from a file
    return {dotted: sections[s][n] for dotted in OPTIONS for s, _, n in [dotted.partition(".")]}


def still_counts(state: State, config: Config) -> Choices:
    """The choices whose options have the same values as when the choices were made.

    An option changed since, in the file or on the command line, is newer than the choice and
    wins. Dropped, too, is what this version would not write, such as a seat that is unknown.
    """
    now, then, chosen = told_by(config), state.options, state.choices
    same = {name for name, option in _OPTIONS.items() if then.get(option) == now[option]}
    kept = {
        name: getattr(chosen, name)
        for name in ("progression", "transpose", "turn_bars", "line_up", "offset_ms")
        if name in same
    }
    seats = kept.get("line_up")
    if seats is not None and not (seats and {*seats} <= {"human", *_SEATS} and len(seats) <= 8):
        kept["line_up"] = None
    first = values_of(initial_controls(config.brain))
    controls = {}
    for letter, values in chosen.controls.items():
        if letter in _SEATS and len(values) == len(CHOICES):
            controls[letter] = tuple(
                value if control.name.lower() in same else option
                for control, value, option in zip(CHOICES, values, first, strict=True)
            )
    settings = {
        option: value
        for option, value in chosen.settings.items()
        if option in SETTABLE and then.get(option) == now[option]
    }
    return Choices(**kept, controls=controls, settings=settings)


def remembered(devices: Iterable[Device], most: int = 32) -> tuple[Device, ...]:
    """The newest ``most`` of ``devices``, newest last, each name and path once."""
    newest: dict[tuple[str, str], Device] = {}
    for device in devices:
        newest.pop((device.name, device.path), None)
        newest[device.name, device.path] = device
    return tuple(newest.values())[-most:]
