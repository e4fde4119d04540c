"""Ports in memory, for tests: what was sent is a list, what comes in is a call."""

from __future__ import annotations

from ..errors import PortNotFound
from ..midi.messages import Message
from .port import InputPort, OutputPort, PortKind, Receive


class FakeInput(InputPort):
    def __init__(self, name: str, receive: Receive) -> None:
        self.name, self.closed = name, False
        self._receive = receive

    def play(self, time_s: float, data: bytes | Message) -> None:
        """Let ``data`` come in at ``time_s``."""
        if not self.closed:
            self._receive(time_s, bytes(data))

    def fileno(self) -> int:
        return -1

    def drain(self) -> None:
        pass

    def _close(self) -> None:
        self.closed = True


class FakeOutput(OutputPort):
    def __init__(self, name: str) -> None:
        self.name, self.closed, self.broken = name, False, False
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        if self.closed or self.broken:
            raise OSError(f"{self.name} is gone")
        self.sent.append(message)

    def _close(self) -> None:
        self.closed = True


class FakeKind(PortKind):
    """Change ``input_names`` and ``output_names`` to plug and unplug."""

    name = "fake"

    def __init__(self, inputs: list[str] | None = None, outputs: list[str] | None = None) -> None:
        self.input_names, self.output_names = list(inputs or ()), list(outputs or ())
        self.opened_inputs: list[FakeInput] = []
        self.opened_outputs: list[FakeOutput] = []

    def inputs(self) -> list[str]:
        return list(self.input_names)

    def outputs(self) -> list[str]:
        return list(self.output_names)

    def open_input(self, name: str, receive: Receive) -> FakeInput:
        if name not in self.input_names:
            raise PortNotFound(f"no port {name!r}; present: {self.input_names}")
        return self.create_input(name, receive)

    def open_output(self, name: str) -> FakeOutput:
        if name not in self.output_names:
            raise PortNotFound(f"no port {name!r}; present: {self.output_names}")
        return self.create_output(name)

    def create_input(self, name: str, receive: Receive) -> FakeInput:
        port = FakeInput(name, receive)
        self.opened_inputs.append(port)
        return port

    def create_output(self, name: str) -> FakeOutput:
        port = FakeOutput(name)
        self.opened_outputs.append(port)
        return port

    def _close(self) -> None:
        """Nothing is held."""
