"""An open output: which messages go to its device, and which keys are down there."""

from __future__ import annotations

from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    SILENCING_CCS,
    SUSTAIN_CC,
    Message,
    control_change,
    note_off,
)
from .devices import Key, Plugged
from .port import OutputPort


class Output:
    """``device`` is None for our own port, to which everything goes."""

    def __init__(self, name: str, port: OutputPort, device: Plugged | None = None) -> None:
        self.name, self.port, self.device = name, port, device
        self._down: set[Key] = set()

    def takes(self, message: Message, back: bool) -> bool:
        """Whether ``message`` goes there: never to the device it was played on, unless ``back``,
        and no notes to a machine that is only a clock. A key that is down can always go up, one
        that is not is left alone: it may be held by hand there."""
        device = self.device
        if device is None or message.channel < 0:
            return True
        if message.only and message.only != device.label:
            return False
        if message.kind == NOTE_OFF:
            return (message.channel, message.pitch) in self._down
        own = message.origin == device.label and not (back or device.is_interface)
        return device.takes_notes and not own

    def send(self, message: Message) -> None:
        """Send it. Raises OSError when the wire is gone."""
        kind = message.kind
        if kind == NOTE_ON:
            self._down.add((message.channel, message.pitch))
        self.port.send(message)
        if kind == NOTE_OFF:
            self._down.discard((message.channel, message.pitch))
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            self._down = {key for key in self._down if key[0] != message.channel}

    def end(self) -> None:
        """Lift every key that is down: its device takes no notes any more."""
        keys, self._down = sorted(self._down), set()
        for channel, pitch in keys:
            self.port.send(note_off(channel, pitch))
        for channel in sorted({channel for channel, _ in keys}):
            self.port.send(control_change(channel, SUSTAIN_CC, 0))

    @property
    def must_end(self) -> bool:
        """Whether keys are down at a device that takes no notes any more."""
        return bool(self._down) and self.device is not None and not self.device.takes_notes
