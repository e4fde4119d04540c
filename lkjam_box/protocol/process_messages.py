"""How a process is started, and what it and the supervisor say to each other.

A process is forked from the fork server (``service/fork_server.py``) and is given one end of a
``SOCK_SEQPACKET`` control socket. The first packet on it is a :class:`ProcessSetup` in JSON; the
process's ends of :data:`LINKS` travel with it (SCM_RIGHTS). ``service/process.py`` reads it and
calls ``main(setup) -> int`` of the process's module, whose result is the exit code. After it the
supervisor sends :class:`Told`, the process sends :class:`Says`, one JSON packet each. The file
descriptors in the setup are filled in by the process itself:

* ``supervisor``: the control socket. A process includes it in its select; EOF means stop.
* ``link``: records (``protocol/records.py``) between stage and brain.
* ``recording``: from stage to recorder: what a recording needs to be told.
* ``commands``: from panel to stage: Command and ControlSetting records.

A panel that ends with code 0 has nothing to show and is not started again. A process says ``ready``
once, then ``alive`` at least every two seconds (the stage shows it in the shared state). Ctrl-C is
ignored, SIGTERM means end every note and stop. When the supervisor dies the kernel sends SIGTERM.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from ..closing import Closing
from ..config.options import Config
from .choices import Choices, Device
from .link import Packets
from .lives import Lives
from .runtime_folder import shared_state_path

LINKS = {
    "link": ("stage", "brain"),
    "commands": ("stage", "panel"),
    "recording": ("stage", "recorder"),
}
"""Links between two processes, each by the field of ProcessSetup that holds a process's end."""


def links_of(process: str) -> tuple[str, ...]:
    """The fields of ProcessSetup that hold ends of ``process``."""
    return tuple(name for name, ends in LINKS.items() if process in ends)


PACKET = 1 << 18
M = TypeVar("M")


class FilesRead(msgspec.Struct, frozen=True, kw_only=True):
    """The player's files as they were read last, to go on from."""

    path: str = ""  # of the options, "" for none
    overrides: dict[str, str] = {}  # options of the command line
    config: Config = Config()
    seen: int = 0  # tells whether a file has changed since
    number: int = 0  # of the library made of them
    message: str = ""  # one line of what is wrong with a file


class ProcessSetup(msgspec.Struct, frozen=True, kw_only=True):
    """All a process needs to begin."""

    process: str
    config: Config
    folder: str  # runtime folder
    library: str  # file with the encoded Library
    supervisor: int = -1
    link: int = -1
    commands: int = -1
    recording: int = -1
    parent: int = 0  # pid of the supervisor
    inputs: tuple[str, ...] = ()  # MIDI ports plugged in
    outputs: tuple[str, ...] = ()
    after_crash: bool = False  # the stage before this one was killed: silence the synth first
    lost_s: float = 0.0  # when that was, monotonic; 0: not seen
    message: str = ""  # one line of what is wrong with a file
    no_ports: bool = False  # virtual ports stand in for those of a driver that is missing
    choices: Choices = Choices()  # made before the box last stopped: they win over the options
    devices: tuple[Device, ...] = ()  # that were plugged in before
    state: str = ""  # folder of what is kept while the power is off
    boot: int = 0  # how often the box was started
    files: FilesRead = FilesRead()  # for the caretaker
    lives: Lives = Lives()  # for the caretaker

    @property
    def shared_state(self) -> Path:
        """The stage's snapshot."""
        return shared_state_path(Path(self.folder))


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Supervisor -> process; only what is set counts."""

    library: str = ""  # file with a new Library
    message: str | None = None  # one line of what is wrong with a file, "" when mended
    ports: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # inputs, outputs
    brain_lost: bool = False
    wrong: str | None = None  # to the panel: why the stage was lost, "" when it did not say
    devices: tuple[Device, ...] = ()  # to the recorder: plugged in now, to be remembered
    greet: bool = False  # to the brain: the stage is new, say BrainReady again
    lives: Lives | None = None  # to the caretaker: what became of the processes
    stop: bool = False


class Says(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Process -> supervisor."""

    ready: bool = False
    alive: bool = False
    line: str = ""  # for the log
    wrong: str = ""  # one line, for log and screen: why the process ends
    fault: str | None = None  # what is not kept on disk, for the screen; "" when it is again
    scan: bool = False  # the port list no longer fits: send it again
    devices: tuple[Device, ...] = ()  # from the stage: plugged in now, and what for
    library: str = ""  # from the caretaker: file with a new Library,
    files: FilesRead | None = None  # made from these


class MessageSocket(Closing, Generic[M]):
    """One end of the control socket between supervisor and process. A message is a JSON packet;
    those that come in are decoded as ``takes``."""

    def __init__(self, sock: socket.socket, takes: type[M]) -> None:
        sock.setblocking(False)
        self._sock, self._encoder = sock, msgspec.json.Encoder()
        self._packets, self._decoder = Packets(sock, PACKET), msgspec.json.Decoder(takes)

    @property
    def gone(self) -> bool:
        """Whether the other end is closed and all that it sent was received."""
        return self._packets.gone

    def fileno(self) -> int:
        return self._sock.fileno()

    def send(self, message: msgspec.Struct, fds: tuple[int, ...] = ()) -> None:
        """Send without waiting; with a full queue, or nobody there, the message is lost."""
        try:
            socket.send_fds(self._sock, [self._encoder.encode(message)], fds)
        except OSError:
            pass

    def received(self) -> list[M]:
        """Everything new, in order."""
        messages: list[M] = []
        while self._packets.waiting:
            packet = self._packets.take()
            if packet is not None:
                messages.append(self._decoder.decode(packet))
        return messages

    def _close(self) -> None:
        self._sock.close()
