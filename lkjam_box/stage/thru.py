"""Thru: what the human plays goes to the synth, at once. Pure."""

from __future__ import annotations

from ..config.options import Thru as ThruOptions
from ..midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    POLY_PRESSURE,
    Message,
    note_off,
    routed,
    voice,
)
from .channel_guard import ChannelGuard
from .ledger import Ledger, Owner
from .mpe import Zones


class Thru:
    """Passes channel messages on, moved to a channel and transposed.

    A note-off goes to the key of its note-on, whatever was changed while the note sounded.
    ``guard`` keeps back what would colour the box's notes; ``zones`` see what is sent. Of notes
    both only take note, which can wait until a note has left: call :meth:`look` then.
    """

    def __init__(
        self, options: ThruOptions, ledger: Ledger, guard: ChannelGuard, zones: Zones
    ) -> None:
        self._options = options
        self._ledger, self._guard, self._zones = ledger, guard, zones
        self._down: dict[tuple[str, int, int], tuple[int, int]] = {}  # key pressed -> key sent
        self._unseen: list[tuple[Message, str]] = []  # notes, with their device

    def use(self, options: ThruOptions) -> list[Message]:
        """Go on with other options; returns what makes a channel left neutral."""
        before, self._options = self._options, options
        if (before.on, before.channel) == (options.on, options.channel):
            return []
        return self._guard.reset()

    def pass_on(self, message: Message, device: str = "") -> list[Message]:
        """The messages to send for one channel message of ``device``; system messages give none."""
        if self._unseen:
            self.look()
        kind, channel, options = message.kind, message.channel, self._options
        if not options.on or channel < 0:
            return []
        key = (device, channel, message.data1)
        if kind == NOTE_ON:
            pitch = message.data1 + options.transpose
            if not 0 <= pitch <= 127:
                return []
            again = self._lift(key) if key in self._down else []  # struck without a release
            to = options.channel - 1 if options.channel else channel
            self._down[key] = (to, pitch)
            messages = self._ledger.on(Owner.HUMAN, to, pitch, message.data2, origin=device)
            self._unseen.append((messages[-1], device))
            return again + messages if again else messages
        if kind == NOTE_OFF:
            return self._lift(key, message.release) if key in self._down else []
        if kind == POLY_PRESSURE:
            sent = self._down.get(key)
            return self._pass(voice(kind, *sent, message.value), device) if sent else []
        to = options.channel - 1 if options.channel else channel
        return self._pass(voice(kind, to, *message[1:]), device)

    def look(self) -> None:
        """Have guard and zones take note of the notes passed on since the last time."""
        for message, device in self._unseen:
            self._zones.take(message, device)
            self._guard.pass_on(message)
        self._unseen.clear()

    def release(self, *, every: bool = False) -> list[Message]:
        """The messages that lift every key that was passed on and make neutral what was moved;
        with ``every``, again what is neutral already, as far as we know."""
        for (device, *_), sent in self._down.items():
            self._unseen.append((note_off(*sent), device))
        self._down.clear()
        self.look()
        return self._ledger.close(Owner.HUMAN) + self._guard.reset(every=every)

    # --- inside

    def _pass(self, message: Message, device: str) -> list[Message]:
        self._zones.take(message, device)
        return self._guard.pass_on(routed(message, device))

    def _lift(self, key: tuple[str, int, int], velocity: int = 64) -> list[Message]:
        channel, pitch = self._down.pop(key)
        messages = self._ledger.off(Owner.HUMAN, channel, pitch, key[0], velocity)
        self._unseen.append((messages[0] if messages else note_off(channel, pitch), key[0]))
        return messages
