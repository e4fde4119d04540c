"""MIDI controllers that turn the controls of the box seats. Pure."""

from __future__ import annotations

from ..config.options import Controls as ControlsOptions
from ..midi.messages import CONTROL_CHANGE, PROGRAM, Message
from ..protocol.controls import CHOICES
from ..protocol.records import ControlId, ControlSetting

_EVERY = -1  # any channel
_PROGRAMS = {"strategy": ControlId.STRATEGY, "style": ControlId.STYLE}


def choice_of(control: ControlId, value: int) -> float:
    """The choice for a controller's value 0..127, whose range is split evenly among them."""
    choices = CHOICES[control]
    return choices[value * len(choices) // 128]


class ControlMap:
    """Which message turns which control of which of ``seats``."""

    def __init__(self, options: ControlsOptions, seats: tuple[int, ...]) -> None:
        numbers = {control: getattr(options, control.name.lower()) for control in CHOICES}
        self._controls = {int(text): control for control, text in numbers.items() if text != "off"}
        self._seats: dict[int, tuple[int, ...]]  # by channel, or _EVERY
        self._program = _PROGRAMS.get(options.program)
        if options.seat == "each":
            self.steered = seats
            first = max(options.channel, 1) - 1
            self._seats = {(first + seat - 1) % 16: (seat,) for seat in seats}
        else:
            named = ord(options.seat[0]) - ord("A") + 1
            self.steered = seats if options.seat == "all" else (named,)
            self._seats = {options.channel - 1: self.steered}

    def hears(self, channel: int) -> bool:
        """Whether a controller on ``channel`` may turn a control."""
        return channel in self._seats or _EVERY in self._seats

    def settings(self, message: Message) -> list[ControlSetting] | None:
        """The settings that a channel message asks for; None if it turns no control and sounds."""
        seats = self._seats.get(message.channel, self._seats.get(_EVERY))
        kind = message.kind
        if seats is None or kind not in (CONTROL_CHANGE, PROGRAM):
            return None
        control = self._controls.get(message.number) if kind == CONTROL_CHANGE else self._program
        if control is None:
            return None
        if kind == CONTROL_CHANGE:
            value = choice_of(control, message.value)
        elif message.number < len(CHOICES[control]):
            value = CHOICES[control][message.number]
        else:
            return []
        return [ControlSetting(seat, control, value) for seat in seats]
