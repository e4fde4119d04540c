"""MIDI on its way from the ports to the stage's loop."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator

from ..midi.messages import Message
from ..tempo.gate import ClockGate

Came = tuple[float, str, Message, str]
"""(time_s, source, message, device), as :data:`..ports.input.Take`."""


class Inbox:
    """A queue that any thread may fill; ``fileno`` is readable while it may hold something.

    ``wakes`` is for drivers that call back from their own thread. Of clock messages those come out
    that the gate passes on, none when ``follows`` is false: then the box is the master.
    """

    def __init__(self, *, wakes: bool, follows: bool) -> None:
        self._queue: deque[Came] = deque()
        self._passed = 0  # so many at its head come from the gate
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._wakes, self._follows = wakes, follows
        self.gate = ClockGate()

    def fileno(self) -> int:
        return self._event

    def put(self, time_s: float, source: str, message: Message, device: str) -> None:
        """As :data:`..ports.input.Take`."""
        self._queue.append((time_s, source, message, device))
        if self._wakes:
            os.eventfd_write(self._event, 1)

    def wake(self) -> None:
        """Make ``fileno`` readable; also from a signal handler."""
        os.eventfd_write(self._event, 1)

    def heard(self) -> None:
        """Call it when ``fileno`` was readable, before :meth:`take`."""
        os.eventfd_read(self._event)

    @property
    def waits(self) -> bool:
        """Whether something was put and not taken yet."""
        return bool(self._queue)

    def take(self) -> Iterator[Came]:
        """Everything that waits, in order, as the gate passes it on. One may stop at any time."""
        return iter(self.next, None)

    def next(self) -> Came | None:
        """The next of what waits, None where nothing does."""
        queue = self._queue
        while queue:
            came = queue.popleft()
            time_s, source, message, device = came
            if source == "clock":
                if self._passed:
                    self._passed -= 1
                    return came
                passed = self.gate.pass_on(time_s, device, message) if self._follows else ()
                if passed:
                    self._passed = len(passed) - 1
                    for later in passed[:0:-1]:
                        queue.appendleft((time_s, source, later, device))
                    return (time_s, source, passed[0], device)
            elif source == "pattern":  # of the clock itself it is no playing
                if not self._follows or device != self.gate.master:
                    return (time_s, "keyboard", message, device)
            else:
                return came
        return None
