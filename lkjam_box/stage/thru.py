"""Thru: what the human plays goes to the synth, at once. Pure."""

from __future__ import annotations

from ..config.options import Thru as ThruOptions
from ..midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    POLY_PRESSURE,
    Message,
    note_off,
    note_on,
    routed,
    voice,
)
from .channel_guard import ChannelGuard
from .ledger import Ledger, Owner
from .mpe import Zones


class Thru:
    """Passes channel messages on, moved to a channel and transposed.

    A note-off goes to the key of its note-on, whatever was changed while the note sounded.
    ``guard`` keeps back what would colour the box's notes; ``zones`` see what is sent.
    """

    def __init__(
        self, options: ThruOptions, ledger: Ledger, guard: ChannelGuard, zones: Zones
    ) -> None:
        self._options = options
        self._ledger, self._guard, self._zones = ledger, guard, zones
        self._down: dict[tuple[str, int, int], tuple[int, int]] = {}  # key pressed -> key sent

    def pass_on(self, message: Message, device: str = "") -> list[Message]:
        """The messages to send for one channel message of ``device``; system messages give none."""
        kind, channel = message.kind, message.channel
        if not self._options.on or channel < 0:
            return []
        key = (device, channel, message.pitch)
        if kind == NOTE_ON:
            return self._press(key, message.velocity)
        if kind == NOTE_OFF:
            return self._lift(key, message.release)
        if kind == POLY_PRESSURE:
            sent = self._down.get(key)
            return self._pass(voice(kind, *sent, message.value), device) if sent else []
        return self._pass(voice(kind, self._channel(channel), *message[1:]), device)

    def release(self, *, every: bool = False) -> list[Message]:
        """The messages that lift every key that was passed on and make neutral what was moved;
        with ``every``, again what is neutral already, as far as we know."""
        for (device, *_), sent in self._down.items():
            self._pass(note_off(*sent), device)
        self._down.clear()
        return self._ledger.close(Owner.HUMAN) + self._guard.reset(every=every)

    def _pass(self, message: Message, device: str) -> list[Message]:
        self._zones.take(message, device)
        return self._guard.pass_on(routed(message, device))

    def _channel(self, channel: int) -> int:
        return self._options.channel - 1 if self._options.channel else channel

    def _press(self, key: tuple[str, int, int], velocity: int) -> list[Message]:
        device, channel, pressed = key
        pitch = pressed + self._options.transpose
        if not 0 <= pitch <= 127:
            return []
        messages = self._lift(key)  # in case it is struck again without a release
        sent = (self._channel(channel), pitch)
        self._down[key] = sent
        self._pass(note_on(*sent, velocity), device)
        return messages + self._ledger.on(Owner.HUMAN, *sent, velocity, origin=device)

    def _lift(self, key: tuple[str, int, int], velocity: int = 64) -> list[Message]:
        sent = self._down.pop(key, None)
        if sent is None:
            return []
        self._pass(note_off(*sent), key[0])
        return self._ledger.off(Owner.HUMAN, *sent, origin=key[0], velocity=velocity)
