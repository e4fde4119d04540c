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
        self._down: dict[Key, str] = {}  # key that is down -> origin of its note

    def takes(self, message: Message, back: bool) -> bool:
        """Whether ``message`` goes there: never to the device it was played on, unless ``back``,
        and no notes to a machine that is only a clock. A key that is down can always go up, one
        that is not is left alone: it may be held by hand there."""
        device = self.device
        if device is None or message.channel < 0:
            return True
        if message.only and message.only != device.label:
            return False
        own = message.origin == device.label
        if message.kind == NOTE_OFF:
            origin = self._down.get((message.channel, message.pitch))
            return origin is not None and (origin == message.origin or not own)
        return device.takes_notes and (not own or back or device.is_interface)

    def send(self, message: Message) -> None:
        """Send it. Raises OSError when the wire is gone."""
        kind = message.kind
        if kind == NOTE_ON:
            self._down[message.channel, message.pitch] = message.origin
        self.port.send(message)
        if kind == NOTE_OFF:
            self._down.pop((message.channel, message.pitch), None)
        elif kind == CONTROL_CHANGE and message.number in SILENCING_CCS:
            gone = [key for key in self._down if key[0] == message.channel]
            for key in gone:
                del self._down[key]

    def end(self) -> None:
        """Lift every key that is down: its device takes no notes any more."""
        keys, self._down = sorted(self._down), {}
        for channel, pitch in keys:
            self.port.send(note_off(channel, pitch))
        for channel in sorted({channel for channel, _ in keys}):
            self.port.send(control_change(channel, SUSTAIN_CC, 0))

    @property
    def must_end(self) -> bool:
        """Whether keys are down at a device that takes no notes any more."""
        return bool(self._down) and self.device is not None and not self.device.takes_notes
