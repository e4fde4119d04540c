"""What the stage needs of a MIDI wire. Two kinds and a fake implement it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..closing import Closing
from ..midi.messages import Message, parse

Receive = Callable[[float, bytes], None]
"""Called with (time_s, data): ``time_s`` is monotonic seconds, stamped as near to the
wire as the kind allows; ``data`` is what came as one. Called by :meth:`InputPort.drain`
where the port has a file descriptor, else from the driver's own thread."""


class InputPort(Closing, Protocol):
    name: str
    gone: bool = False  # it went away by itself, as far as the driver can tell

    def fileno(self) -> int:
        """Readable while messages wait; -1 where ``receive`` is called from another thread."""

    def drain(self) -> None:
        """Hand every waiting message to ``receive``; does nothing where there is no fd."""


class OutputPort(Closing, Protocol):
    name: str

    def send(self, message: Message) -> None:
        """Send it now. Raises OSError when the wire is gone."""


class PortKind(Closing, Protocol):
    """A family of ports: ``alsa``, ``jack`` or ``virtual``. Its ports outlive it."""

    name: str
    din: str = ""  # path of the DIN jacks' serial port; '' where it has none
    lacks: str = ""  # one line: why it is not what was to be expected, and what to do

    def mark(self) -> object:
        """Something cheap to ask for that changes with the lists; None where only they tell."""
        return None

    def inputs(self) -> list[str]:
        """Names of the ports we can listen to, in the system's order."""

    def outputs(self) -> list[str]: ...

    def open_input(self, name: str, receive: Receive) -> InputPort:
        """Raises PortNotFound."""

    def open_output(self, name: str) -> OutputPort:
        """Raises PortNotFound."""

    def create_input(self, name: str, receive: Receive) -> InputPort:
        """A port of our own that others connect to."""

    def create_output(self, name: str) -> OutputPort: ...


def messages_to(take: Callable[[float, Message], None]) -> Receive:
    """A :data:`Receive` that hands on whole messages to ``take``, and leaves out the rest."""

    def receive(time_s: float, data: bytes) -> None:
        message = parse(data)
        if message is not None:
            take(time_s, message)

    return receive
