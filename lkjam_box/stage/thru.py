"""Thru: what the human plays goes to the synth, at once. Pure."""

from __future__ import annotations

from ..config.options import Thru as ThruOptions
from ..midi.messages import (
    CONTROL_CHANGE,
    POLY_PRESSURE,
    SUSTAIN_CC,
    control_change,
    is_note_off,
    is_note_on,
)
from .ledger import Ledger, Owner


class Thru:
    """Passes channel messages on, moved to a channel and transposed.

    A note ends where it began, whatever was changed while it sounded.
    """

    def __init__(self, options: ThruOptions, ledger: Ledger) -> None:
        self._options = options
        self._ledger = ledger
        self._down: dict[tuple[int, int], tuple[int, int]] = {}  # key pressed -> key sent
        self._pedals: set[int] = set()

    def pass_on(self, message: bytes) -> list[bytes]:
        """The messages to send for one channel message; system messages give none."""
        if not self._options.on or message[0] >= 0xF0:
            return []
        key = (message[0] & 0x0F, message[1])
        if is_note_on(message):
            return self._press(key, message[2])
        if is_note_off(message):
            sent = self._down.pop(key, None)
            return self._ledger.off(Owner.HUMAN, *sent) if sent else []
        channel = self._channel(key[0])
        kind = message[0] & 0xF0
        if kind == POLY_PRESSURE:
            sent = self._down.get(key)
            return [bytes((kind | sent[0], sent[1], message[2]))] if sent else []
        if kind == CONTROL_CHANGE and message[1] == SUSTAIN_CC:
            (self._pedals.add if message[2] >= 64 else self._pedals.discard)(channel)
        return [bytes((kind | channel,)) + message[1:]]

    def release(self) -> list[bytes]:
        """The keyboard is gone: every key and pedal up."""
        self._down.clear()
        pedals = [control_change(channel, SUSTAIN_CC, 0) for channel in sorted(self._pedals)]
        self._pedals.clear()
        return self._ledger.close(Owner.HUMAN) + pedals

    def _channel(self, channel: int) -> int:
        return self._options.channel - 1 if self._options.channel else channel

    def _press(self, key: tuple[int, int], velocity: int) -> list[bytes]:
        pitch = key[1] + self._options.transpose
        if not 0 <= pitch <= 127:
            return []
        messages: list[bytes] = []
        if key in self._down:  # struck again without a release
            messages = self._ledger.off(Owner.HUMAN, *self._down.pop(key))
        sent = (self._channel(key[0]), pitch)
        self._down[key] = sent
        return messages + self._ledger.on(Owner.HUMAN, *sent, velocity)
