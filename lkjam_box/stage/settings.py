"""What the menu set: the options in force, and those asked for from the next line on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config.load import override
from ..config.options import Config
from ..errors import OptionError
from ..protocol.records import Setting, SettingId
from ..protocol.settings import CONTROLLER, RANGES, SETTABLE, overlaid

_CONTROLLERS = frozenset(CONTROLLER.values())
_LOWEST, _HIGHEST = 0, 127


class Settings:
    """``options`` are in force, ``asked`` from the next line on; ``chosen`` are the settings by
    the option's dotted name, to be kept."""

    def __init__(self, config: Config, chosen: Mapping[str, Any]) -> None:
        self._config = config
        self.recall(chosen)

    def recall(self, chosen: Mapping[str, Any]) -> None:
        """Put settings kept from an earlier stage or run in force at once."""
        self.options = self.asked = overlaid(self._config, chosen)
        self.chosen = {
            option: value
            for option, value in chosen.items()
            if option in SETTABLE and _value(self.asked, option) == value
        }
        self._count()

    @property
    def wait(self) -> bool:
        """Whether something asked for is not in force yet."""
        return self.asked is not self.options

    def ask(self, setting: Setting) -> bool:
        """Ask for a setting; False when it changes nothing or is none."""
        if setting.which not in tuple(SettingId):
            return False
        which = SettingId(setting.which)
        value = RANGES[which].value(setting.value)
        if value is None:
            return False
        changes = {RANGES[which].option.dotted: value, **self._moved(which, value)}
        try:
            asked = override(self.asked, changes)
        except OptionError:  # the controller of the pedal that hands over
            return False
        if asked == self.asked:
            return False
        self.asked, self.chosen = asked, self.chosen | changes
        self._count()
        return True

    def land(self) -> bool:
        """Put what was asked for in force; whether there was anything."""
        if not self.wait:
            return False
        self.options = self.asked
        self._count()
        return True

    def _moved(self, which: SettingId, value: Any) -> dict[str, Any]:
        """What gives way to a setting: an end of the range beyond it is open again, a controller
        that turned another control turns that one no more."""
        listen = self.asked.listen
        if which is SettingId.LISTEN_LOW and value > listen.high:
            return {"listen.high": _HIGHEST}
        if which is SettingId.LISTEN_HIGH and value < listen.low:
            return {"listen.low": _LOWEST}
        if which in _CONTROLLERS and value != "off":
            others = (RANGES[other].option.dotted for other in _CONTROLLERS - {which})
            return {option: "off" for option in others if _value(self.asked, option) == value}
        return {}

    def _count(self) -> None:
        """Bring up to date what the snapshot shows: numbers asked for, and bits of those that
        wait, by :class:`.SettingId`."""
        self.numbers = tuple(kind.asked(self.asked) for kind in RANGES.values())
        in_force = (kind.asked(self.options) for kind in RANGES.values())
        pairs = zip(self.numbers, in_force, strict=True)
        self.waiting = sum(1 << which for which, (now, then) in enumerate(pairs) if now != then)


def _value(config: Config, dotted: str) -> Any:
    section, _, name = dotted.partition(".")
    return getattr(getattr(config, section), name)
