"""The band on ALSA sequencer ports: the kernel plays the scores and stamps what the box sends.

Scores wait in a queue of the kernel, so the drum machine needs no processor time at its
beats, like a separate device; all that arrives is stamped by the same queue. The queue's
timer runs once a millisecond, so choose a tempo whose tick is a whole number of milliseconds
(125, 250 BPM). libasound is called by ctypes: no other library of ours can schedule.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from ...errors import LkjamError
from ...midi.messages import CONTINUE, NOTE_ON, START, STOP, TICK, Message, note_off, note_on
from ...play.performer import Timed
from .virtual_band import DRUMS, KEYS, SYNTH, Score

LEAD_S = 1.0
POOL = 2000  # events that wait in the kernel, at most
_READ, _WRITE, _SUBS_READ, _SUBS_WRITE = 1, 2, 32, 64
_MIDI_PORT = 1 << 1 | 1 << 20  # generic, application
_REAL_TIME = 1
_SUBSCRIBERS, _UNKNOWN = 254, 253
_NOTE_ON, _NOTE_OFF, _QUEUE_START = 6, 7, 30
_SYSTEM = {START: 30, CONTINUE: 31, STOP: 32, TICK: 36}
_DUPLEX, _NONBLOCK, _AGAIN = 3, 1, -11


class _Event(ctypes.Structure):
    """snd_seq_event_t, with the data of a note or a controller."""

    _fields_ = (
        *(("type", ctypes.c_uint8), ("flags", ctypes.c_uint8), ("tag", ctypes.c_uint8)),
        *(("queue", ctypes.c_uint8), ("sec", ctypes.c_uint32), ("nsec", ctypes.c_uint32)),
        *(("source_client", ctypes.c_uint8), ("source_port", ctypes.c_uint8)),
        *(("dest_client", ctypes.c_uint8), ("dest_port", ctypes.c_uint8)),
        *(("channel", ctypes.c_uint8), ("note", ctypes.c_uint8), ("velocity", ctypes.c_uint8)),
        ("rest", ctypes.c_uint8 * 9),
    )


class AlsaBand:
    """A band as in :mod:`.virtual_band`. Raises LkjamError without the ALSA sequencer."""

    kind = "alsa"

    def __init__(self) -> None:
        try:
            self._lib: Any = ctypes.CDLL("libasound.so.2")
        except OSError as error:
            raise LkjamError("no libasound: apt install libasound2") from error
        self.heard: list[Timed] = []
        self.ticks_s: list[float] = []
        self._player, self._listener = self._client(DRUMS), self._client(SYNTH)
        self._queue = self._lib.snd_seq_alloc_named_queue(self._player, b"bench")
        reads = _READ | _SUBS_READ
        self._drums = self._port(self._player, DRUMS, reads)
        self._keys = self._port(self._player, KEYS, reads)
        self._synth = self._port(self._listener, SYNTH, _WRITE | _SUBS_WRITE, stamped=True)
        source = self._lib.snd_seq_client_id(self._player)
        self._call("snd_seq_connect_from", self._listener, self._synth, source, self._drums)
        self.ports = {
            "ports.kind": self.kind,
            "ports.clock": f"*{DRUMS}*:{DRUMS}",
            "ports.keyboard": f"*:{KEYS}",
            "ports.synth": f"*{SYNTH}*",
        }

    def play(self, clock: Score, keys: Score) -> None:
        """Start both scores, ``LEAD_S`` from now."""
        queue, player = self._queue, self._player
        self._call("snd_seq_control_queue", player, queue, _QUEUE_START, 0, None)
        self._call("snd_seq_drain_output", self._player)
        score = [(at_s, self._drums, message) for at_s, message in clock]
        score += [(at_s, self._keys, message) for at_s, message in keys]
        threading.Thread(target=self._feed, args=(sorted(score),), daemon=True).start()

    def listen(self) -> None:
        """Read the events that arrived; their times are the queue's."""
        found = ctypes.POINTER(_Event)()
        while self._lib.snd_seq_event_input(self._listener, ctypes.byref(found)) >= 0:
            if found:
                self._hear(found.contents)

    def close(self) -> None:
        for client in (self._player, self._listener):
            self._lib.snd_seq_close(client)

    # --- inside

    def _feed(self, score: list[tuple[float, int, Message]]) -> None:
        """Write all events to the queue; waits whenever the kernel's pool is full."""
        for at_s, port, message in score:
            event = self._event(message)
            event.flags, event.queue = _REAL_TIME, self._queue
            event.sec, nsec = divmod(round((at_s + LEAD_S) * 1e9), 10**9)
            event.nsec, event.source_port = nsec, port
            event.dest_client, event.dest_port = _SUBSCRIBERS, _UNKNOWN
            while (
                self._lib.snd_seq_event_output_direct(self._player, ctypes.byref(event)) == _AGAIN
            ):
                time.sleep(0.05)

    def _event(self, message: Message) -> _Event:
        kind = _SYSTEM.get(message.kind)
        if kind is not None:
            return _Event(type=kind)
        kind = _NOTE_ON if message.kind == NOTE_ON else _NOTE_OFF
        note, velocity = message.pitch, message.velocity
        return _Event(type=kind, channel=message.channel, note=note, velocity=velocity)

    def _hear(self, event: _Event) -> None:
        time_s = event.sec + event.nsec / 1e9 - LEAD_S
        if event.type == _SYSTEM[TICK]:
            self.ticks_s.append(time_s)
        elif event.type == _NOTE_ON:
            self.heard.append((time_s, note_on(event.channel, event.note, event.velocity)))
        elif event.type == _NOTE_OFF:
            self.heard.append((time_s, note_off(event.channel, event.note)))

    def _client(self, name: str) -> ctypes.c_void_p:
        client = ctypes.c_void_p()
        failed = self._lib.snd_seq_open(ctypes.byref(client), b"default", _DUPLEX, _NONBLOCK)
        if failed < 0:
            raise LkjamError("no ALSA sequencer here: modprobe snd-seq, or take --ports virtual")
        self._call("snd_seq_set_client_name", client, name.encode())
        self._call("snd_seq_set_client_pool_output", client, POOL)
        self._call("snd_seq_set_client_pool_input", client, POOL)
        return client

    def _port(self, client: ctypes.c_void_p, name: str, can: int, stamped: bool = False) -> int:
        lib, info = self._lib, ctypes.c_void_p()
        self._call("snd_seq_port_info_malloc", ctypes.byref(info))
        for what, value in (("capability", can), ("type", _MIDI_PORT)):
            self._set(info, what, value)
        lib.snd_seq_port_info_set_name(info, name.encode())
        if stamped:
            for what, value in (
                ("timestamping", 1),
                ("timestamp_real", 1),
                ("timestamp_queue", self._queue),
            ):
                self._set(info, what, value)
        self._call("snd_seq_create_port", client, info)
        return int(lib.snd_seq_port_info_get_port(info))

    def _set(self, info: ctypes.c_void_p, what: str, value: int) -> None:
        setter: Callable[..., None] = getattr(self._lib, f"snd_seq_port_info_set_{what}")
        setter(info, value)

    def _call(self, name: str, *arguments: Any) -> int:
        done = int(getattr(self._lib, name)(*arguments))
        if done < 0:
            raise LkjamError(f"{name}: {os.strerror(-done)}")
        return done
