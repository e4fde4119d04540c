"""What the menu sets: options, each with its choices as numbers, laid over those of the file. Pure.

A setting is kept beside the other choices of the player, by the option's dotted name. Its numbers
are those of the :class:`.records.Setting` record: a whole number is itself, words count from 0, off
is 0, on 1; a MIDI controller is its number, -1 where it is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args

from ..config.load import override
from ..config.options import Config
from ..config.table import Option, find
from ..errors import OptionError
from .controls import CHOICES
from .records import ControlId, SettingId

OFF = -1  # number of a controller's setting that is off

CONTROLLER: dict[ControlId, SettingId] = {
    control: SettingId[f"{control.name}_CC"] for control in CHOICES
}
"""The setting that names the MIDI controller of each control."""

_OPTIONS = {
    SettingId.THRU_CHANNEL: "thru.channel",
    SettingId.THRU_BACK: "thru.back",
    SettingId.BOX_CHANNEL: "brain.channel",
    SettingId.LISTEN_CHANNEL: "listen.channel",
    SettingId.LISTEN_LOW: "listen.low",
    SettingId.LISTEN_HIGH: "listen.high",
    SettingId.LEAST_VELOCITY: "listen.least_velocity",
    SettingId.COUNT_IN: "turns.preroll_bars",
    SettingId.CLICK: "metronome.when",
    SettingId.BRIGHTNESS: "panel.brightness",
    SettingId.JUMP: "clock.jump",
} | {which: f"controls.{control.name.lower()}" for control, which in CONTROLLER.items()}


@dataclass(frozen=True, slots=True)
class Range:
    """The choices of a setting, lowest first; the first one has the number ``least``."""

    option: Option
    values: tuple[Any, ...]
    least: int

    @property
    def numbers(self) -> range:
        return range(self.least, self.least + len(self.values))

    @property
    def default(self) -> int:
        return self.number(self.option.default)

    def number(self, value: Any) -> int:
        """The number of a value of the option."""
        return self.values.index(value) + self.least

    def value(self, number: float) -> Any:
        """The option's value; None for what is no number of a choice."""
        return self.values[int(number) - self.least] if number in self.numbers else None

    def asked(self, config: Config) -> int:
        """The number of what ``config`` says."""
        return self.number(getattr(getattr(config, self.option.section), self.option.name))


def _range(which: SettingId) -> Range:
    option = find(_OPTIONS[which])
    assert option is not None
    if which in CONTROLLER.values():
        return Range(option, ("off", *map(str, range(120))), OFF)
    if option.kind is bool:
        return Range(option, (False, True), 0)
    if option.kind is int:
        least, most = option.meta.ge or 0, option.meta.le or 0
        return Range(option, tuple(range(int(least), int(most) + 1)), int(least))
    return Range(option, get_args(option.kind), 0)


RANGES: dict[SettingId, Range] = {which: _range(which) for which in SettingId}
SETTABLE: frozenset[str] = frozenset(_OPTIONS.values())
"""Dotted names of the options that the menu sets."""


def overlaid(config: Config, settings: Mapping[str, Any]) -> Config:
    """``config`` with the settings, by dotted name, in place of its options. What does not fit
    the option, or contradicts another one that was edited since, is left out."""
    settings = {option: value for option, value in settings.items() if option in SETTABLE}
    with suppress(OptionError):
        return override(config, settings)
    for option, value in settings.items():
        with suppress(OptionError):
            config = override(config, {option: value})
    return config
