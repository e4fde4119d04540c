"""Thru: what the human plays goes to the synth, at once. Pure."""

from __future__ import annotations

from ..config.options import Thru as ThruOptions
from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    POLY_PRESSURE,
    SUSTAIN_CC,
    Message,
    control_change,
    routed,
    voice,
)
from .ledger import Ledger, Owner


class Thru:
    """Passes channel messages on, moved to a channel and transposed.

    A note-off goes to the key of its note-on, whatever was changed while the note sounded.
    """

    def __init__(self, options: ThruOptions, ledger: Ledger) -> None:
        self._options = options
        self._ledger = ledger
        self._down: dict[tuple[str, int, int], tuple[int, int]] = {}  # key pressed -> key sent
        self._pedals: set[int] = set()

    def use(self, options: ThruOptions) -> list[Message]:
        """Go on with other options; returns what lifts the pedals held on a channel left."""
        before, self._options = self._options, options
        if (before.on, before.channel) == (options.on, options.channel):
            return []
        return self._lift_pedals()

    def pass_on(self, message: Message, device: str = "") -> list[Message]:
        """The messages to send for one channel message of ``device``; system messages give none."""
        kind, channel = message.kind, message.channel
        if not self._options.on or channel < 0:
            return []
        key = (device, channel, message.pitch)
        if kind == NOTE_ON:
            return self._press(key, message.velocity)
        if kind == NOTE_OFF:
            sent = self._down.pop(key, None)
            return self._ledger.off(Owner.HUMAN, *sent, origin=device) if sent else []
        if kind == POLY_PRESSURE:
            sent = self._down.get(key)
            return [routed(voice(kind, *sent, message.value), device)] if sent else []
        channel = self._channel(channel)
        if kind == CONTROL_CHANGE and message.number == SUSTAIN_CC:
            (self._pedals.add if message.value >= 64 else self._pedals.discard)(channel)
        return [routed(voice(kind, channel, *message[1:]), device)]

    def release(self) -> list[Message]:
        """The messages that lift every key and pedal that was passed on."""
        self._down.clear()
        return self._ledger.close(Owner.HUMAN) + self._lift_pedals()

    def _lift_pedals(self) -> list[Message]:
        pedals = [control_change(channel, SUSTAIN_CC, 0) for channel in sorted(self._pedals)]
        self._pedals.clear()
        return pedals

    def _channel(self, channel: int) -> int:
        return self._options.channel - 1 if self._options.channel else channel

    def _press(self, key: tuple[str, int, int], velocity: int) -> list[Message]:
        device, channel, pressed = key
        pitch = pressed + self._options.transpose
        if not 0 <= pitch <= 127:
            return []
        messages: list[Message] = []
        if key in self._down:  # struck again without a release
            messages = self._ledger.off(Owner.HUMAN, *self._down.pop(key), origin=device)
        sent = (self._channel(channel), pitch)
        self._down[key] = sent
        return messages + self._ledger.on(Owner.HUMAN, *sent, velocity, origin=device)
