"""An open input: its bytes become messages, and its device says what they are."""

from __future__ import annotations

from collections.abc import Callable

from ..midi.messages import (
    ACTIVE_SENSING,
    NOTE_ON,
    Message,
    note_off,
    parse,
)
from .devices import CLOCK, DROPPED, KEYS, Plugged
from .echo import Echoes
from .port import InputPort
from .storm import StormWatch

Take = Callable[[float, str, Message, str], None]
"""(time_s, what, message, device). ``what`` is "keyboard", "clock", or "pattern": a note of a
device whose own transport runs, which is no playing if that device is the clock we follow.
``device`` is its label, which stays the same when it is plugged in again. May be called from a
driver's thread."""

SENSING_S = 0.75  # MIDI 1.0 sends it every 300 ms; 45 ms late is normal, one may get lost


class Input:
    """``keyboard`` and ``clock`` say what the options want of this port. ``on_storm`` is told of a
    device that sends more of one key than hands can; it is not heard any more by then."""

    def __init__(
        self,
        name: str,
        device: Plugged,
        *,
        keyboard: bool,
        clock: bool,
        take: Take,
        echoes: Echoes,
        on_storm: Callable[[Plugged], None],
    ) -> None:
        self.name, self.device = name, device
        self.keyboard, self.clock = keyboard, clock
        self.port: InputPort | None = None
        self.lost = False
        self._take, self._echoes, self._on_storm = take, echoes, on_storm
        self._storm = StormWatch()
        self._sensed_s = 0.0  # last message since active sensing was seen; 0 = never seen

    def receive(self, time_s: float, data: bytes) -> None:
        """As :data:`.port.Receive`."""
        if self.lost or not data:
            return
        if self._sensed_s:
            self._sensed_s = time_s
        message, device = parse(data), self.device
        if message is None:
            return
        if message.channel < 0:
            if message.kind == ACTIVE_SENSING:
                if device.is_interface:  # elsewhere the system tells that the cable is out
                    self._sensed_s = time_s
            elif self.clock and device.heard_clock(time_s, self.name, message.kind) == CLOCK:
                self._take(time_s, CLOCK, message, device.label)
            return
        if not self.keyboard or self._echoes.comes_back(time_s, device.label, message):
            return
        what = device.heard(time_s, self.name, message)
        if what == DROPPED:
            return
        if what == KEYS and message.kind == NOTE_ON:
            ours = self._echoes.follows(time_s, device.label, message)
            if self._storm.struck(time_s, message.pitch, ours):
                self._shut_out(time_s)
                return
        self._take(time_s, what, message, device.label)

    def is_silent(self, time_s: float) -> bool:
        """Whether active sensing stopped: the cable is out."""
        return bool(self._sensed_s) and time_s - self._sensed_s > SENSING_S

    def let_go(self, time_s: float) -> None:
        """Lift keys and pedals that are down, and let go of the bend and all that was moved: the
        cable is out, so the device cannot."""
        self._sensed_s = 0.0
        keys, neutral = self.device.lift(self.name)
        for channel, pitch in keys:
            self._take(time_s, KEYS, note_off(channel, pitch), self.device.label)
        for message in neutral:
            self._take(time_s, KEYS, message, self.device.label)

    # --- inside

    def _shut_out(self, time_s: float) -> None:
        """Its notes come back without end: hear it no more."""
        self.device.looped = True
        self.let_go(time_s)
        self._on_storm(self.device)
