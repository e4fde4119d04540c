"""MIDI on its way from the ports to the stage's loop."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator

from ..midi.messages import Message
from ..tempo.gate import ClockGate


class Inbox:
    """A queue that any thread may fill; ``fileno`` is readable while it may hold something.

    ``wakes`` is for drivers that call back from their own thread. Of clock messages those come out
    that the gate passes on, none when ``follows`` is false: then the box is the master.
    """

    def __init__(self, *, wakes: bool, follows: bool) -> None:
        self._queue: deque[tuple[float, str, Message, str]] = deque()
        self._passed: deque[tuple[float, str, Message, str]] = deque()  # by the gate
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._wakes, self._follows = wakes, follows
        self.gate = ClockGate()

    def fileno(self) -> int:
        return self._event

    def put(self, time_s: float, source: str, message: Message, device: str) -> None:
        """As :data:`..ports.input.Take`."""
        self._queue.append((time_s, source, message, device))
        if self._wakes:
            self.wake()

    def wake(self) -> None:
        """Make ``fileno`` readable; also from a signal handler."""
        os.eventfd_write(self._event, 1)

    def heard(self) -> None:
        """Call it when ``fileno`` was readable, before :meth:`take`."""
        os.eventfd_read(self._event)

    @property
    def waits(self) -> bool:
        """Whether something was put and not taken yet."""
        return bool(self._queue or self._passed)

    def take(self) -> Iterator[tuple[float, str, Message, str]]:
        """Everything that waits, in order, as the gate passes it on. One may stop at any time."""
        queue, passed = self._queue, self._passed
        while queue or passed:
            if passed:
                yield passed.popleft()
                continue
            time_s, source, message, device = queue.popleft()
            if source == "pattern":  # of the clock itself it is no playing
                if not self._follows or device != self.gate.master:
                    yield time_s, "keyboard", message, device
            elif source != "clock":
                yield time_s, source, message, device
            elif self._follows:
                for followed in self.gate.pass_on(time_s, device, message):
                    passed.append((time_s, source, followed, device))
