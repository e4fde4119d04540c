"""MIDI controllers that turn the dials of the box seats. Pure."""

from __future__ import annotations

from ..config.options import Controls as ControlsOptions
from ..midi.messages import CONTROL, PROGRAM
from ..protocol.controls import CHOICES
from ..protocol.records import Dial, DialId

_EVERY = -1  # any channel
_PROGRAMS = {"strategy": DialId.STRATEGY, "style": DialId.STYLE}


def choice_of(dial: DialId, value: int) -> float:
    """The choice for a controller's value 0..127, whose range is split evenly among them."""
    choices = CHOICES[dial]
    return choices[value * len(choices) // 128]


class Controls:
    """Which message turns which dial of which of ``seats``."""

    def __init__(self, options: ControlsOptions, seats: tuple[int, ...]) -> None:
        numbers = {dial: getattr(options, dial.name.lower()) for dial in CHOICES}
        self._dials = {int(text): dial for dial, text in numbers.items() if text != "off"}
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

    def dials(self, message: bytes) -> list[Dial] | None:
        """What a channel message asks for; None when it is not ours and shall sound."""
        seats = self._seats.get(message[0] & 0x0F, self._seats.get(_EVERY))
        kind = message[0] & 0xF0
        if seats is None or kind not in (CONTROL, PROGRAM):
            return None
        dial = self._dials.get(message[1]) if kind == CONTROL else self._program
        if dial is None:
            return None
        if kind == CONTROL:
            value = choice_of(dial, message[2])
        elif message[1] < len(CHOICES[dial]):
            value = CHOICES[dial][message[1]]
        else:
            return []
        return [Dial(seat, dial, value) for seat in seats]
