"""ALSA and JACK ports. The only module that imports rtmidi.

RtMidi calls back from its own thread with the kernel's time since the message before; mido would
throw that away. RtMidi also drops clock unless told not to, and says nothing when a cable is
pulled: watch the port lists for that (``ports/manager.py``).
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import LkjamError, MissingLibrary, PortNotFound
from ..midi.messages import Message
from .names import OWN, driver_name
from .places import Places
from .port import InputPort, OutputPort, PortKind, Receive
from .stamps import StampClock

_QUEUE = 4096
CLIENTS = Path("/proc/asound/seq/clients")
_TRIES = 5


def _library() -> Any:
    try:
        import rtmidi
    except ImportError as error:
        raise MissingLibrary(f"python-rtmidi is not installed: {_mend()}") from error
    return rtmidi


def _mend() -> str:
    if sys.version_info < (3, 13):
        return "pip install 'lkjam-box[midi]'"
    mend = "apt install python3-rtmidi (Python 3.13 has no wheel of it)"
    if sys.prefix != sys.base_prefix:
        config = Path(sys.prefix) / "pyvenv.cfg"
        mend += f", and in {config}: include-system-site-packages = true"
    return mend


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what libasound and libjack write to file descriptor 2; the exception says it, too."""
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


class RtMidiInput(InputPort):
    """Make it before ``midi`` is opened: RtMidi drops clock unless told not to in time."""

    def __init__(self, name: str, midi: Any, receive: Receive) -> None:
        self.name = name
        self._midi, self._receive = midi, receive
        self._clock = StampClock()
        midi.ignore_types(sysex=True, timing=False, active_sense=False)
        midi.set_callback(self._arrived)

    def _arrived(self, event: tuple[list[int], float], _data: object) -> None:
        arrival_s = time.monotonic()
        message, delta_s = event
        self._receive(self._clock.stamp(arrival_s, delta_s), bytes(message))

    def fileno(self) -> int:
        return -1

    def drain(self) -> None:
        pass

    def _close(self) -> None:
        self._midi.cancel_callback()
        self._midi.close_port()
        self._midi.delete()


class RtMidiOutput(OutputPort):
    def __init__(self, name: str, midi: Any) -> None:
        self.name = name
        self._midi = midi

    def send(self, message: Message) -> None:
        try:
            self._midi.send_message(message.data)
        except (ValueError, RuntimeError) as error:  # some errors of rtmidi are no OSError
            raise OSError(str(error)) from error

    def _close(self) -> None:
        self._midi.close_port()
        self._midi.delete()


class RtMidiKind(PortKind):
    """``api`` is alsa or jack, ``client`` the name that others see.

    Raises MissingLibrary, or LkjamError where ``api`` does not run.
    """

    def __init__(self, api: str, client: str = OWN) -> None:
        self.name, self._client = api, client
        self._places = Places()
        self._rtmidi = rtmidi = _library()
        self._api = {"alsa": rtmidi.API_LINUX_ALSA, "jack": rtmidi.API_UNIX_JACK}[api]
        self._in, self._out = self._make("MidiIn"), self._make("MidiOut")  # to list ports with

    def _make(self, what: str) -> Any:
        os.environ["JACK_NO_START_SERVER"] = "1"
        rtmidi, api = self._rtmidi, self._api
        with _quiet():
            try:
                if what == "MidiIn":
                    return rtmidi.MidiIn(api, name=self._client, queue_size_limit=_QUEUE)
                return rtmidi.MidiOut(api, name=self._client)
            except OSError as error:
                mend = {
                    "alsa": "load the kernel module snd-seq (modprobe snd-seq) and be in the "
                    "group audio, or take --ports virtual",
                    "jack": "start jackd first, or take --ports alsa or virtual",
                }[self.name]
                raise LkjamError(f"no {self.name} ports on this machine: {mend}") from error

    def mark(self) -> object:
        """The kernel's list of clients and ports, without their pools: notes change those."""
        if self.name != "alsa":
            return None
        try:
            lines = CLIENTS.read_text(errors="replace").split("\n")
        except OSError:
            return None
        return [line for line in lines if line.startswith(("Client ", "  Port "))]

    def inputs(self) -> list[str]:
        return [self._places.find(name) for name in _names(self._in)]

    def outputs(self) -> list[str]:
        return [self._places.find(name) for name in _names(self._out)]

    def open_input(self, name: str, receive: Receive) -> RtMidiInput:
        midi = self._make("MidiIn")
        port = RtMidiInput(name, midi, receive)
        self._open(midi, name, f"from {driver_name(name)}")
        return port

    def open_output(self, name: str) -> RtMidiOutput:
        midi = self._make("MidiOut")
        self._open(midi, name, f"to {driver_name(name)}")
        return RtMidiOutput(name, midi)

    def _open(self, midi: Any, name: str, own_name: str) -> None:
        present = _names(midi)
        try:
            midi.open_port(present.index(driver_name(name)), own_name.replace(":", " ")[:60])
        except (ValueError, RuntimeError, OSError) as error:
            midi.delete()
            raise PortNotFound(
                f"no {self.name} port {name!r}; present: {present or 'none'}"
            ) from error

    def create_input(self, name: str, receive: Receive) -> RtMidiInput:
        midi = self._make("MidiIn")
        port = RtMidiInput(name, midi, receive)
        midi.open_virtual_port(name)
        return port

    def create_output(self, name: str) -> RtMidiOutput:
        midi = self._make("MidiOut")
        midi.open_virtual_port(name)
        return RtMidiOutput(name, midi)

    def _close(self) -> None:
        for midi in (self._in, self._out):
            midi.delete()


def _names(midi: Any) -> list[str]:
    for _ in range(_TRIES):
        try:
            return list(midi.get_ports())
        except ValueError:  # a port went while they were read, one after the other
            continue
        except OSError:  # the server is gone
            break
    return []
