"""A drum machine, a keyboard and a listener for the box, on virtual ports.

A band has ``ports`` (options that make the box find it), ``play``: both scores, (seconds
from the start, message); and afterwards ``heard``: (seconds from the start, message) of all
that the box sent, ``ticks_s``: when each clock tick truly left.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ...midi.messages import TICK, Message
from ...play.performer import Timed, write_score
from ...ports.port import messages_to
from ...ports.virtual_ports import VirtualInput, VirtualKind
from ...protocol.runtime_folder import ports_folder

DRUMS, KEYS, SYNTH = "Bench drums", "Bench keys", "Bench synth"
LEAD_S = 1.0

Score = Sequence[Timed]


class VirtualBand:
    """Messages carry their senders' time stamps, so how late we listen does not matter."""

    kind = "virtual"

    def __init__(self, folder: Path) -> None:
        self._folder = ports_folder(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ports = VirtualKind(self._folder)
        self._came: list[Timed] = []
        self._ticked: list[float] = []
        self._start_s = 0.0
        self._synth = self._ports.create_input(SYNTH, messages_to(self._hear))
        self._players = [self._performer(name) for name in (DRUMS, KEYS)]
        self._drums = self._wait_for_drums()
        self.ports = self.wiring()

    @classmethod
    def wiring(cls) -> dict[str, str]:
        """Options that make the box find these ports."""
        return {
            "ports.kind": cls.kind,
            "ports.clock": DRUMS,
            "ports.keyboard": KEYS,
            "ports.synth": SYNTH,
        }

    @property
    def heard(self) -> list[Timed]:
        return [(time_s - self._start_s, message) for time_s, message in self._came]

    @property
    def ticks_s(self) -> list[float]:
        return [time_s - self._start_s for time_s in self._ticked]

    def play(self, clock: Score, keys: Score) -> None:
        """Start both scores, ``LEAD_S`` from now."""
        self._start_s = time.monotonic() + LEAD_S
        for player, score in zip(self._players, (clock, keys), strict=True):
            assert player.stdin is not None
            timed = sorted((self._start_s + at_s, message) for at_s, message in score)
            player.stdin.write(write_score(timed).encode())
            player.stdin.close()

    def listen(self) -> None:
        """Read the messages that arrived. Call it often: a full queue loses messages."""
        self._synth.drain()
        self._drums.drain()

    def close(self) -> None:
        for player in self._players:
            player.kill()
            player.wait()
        self._drums.close()
        self._synth.close()

    def _hear(self, time_s: float, message: Message) -> None:
        self._came.append((time_s, message))

    def _performer(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "lkjam_box.play.performer", str(self._folder), name],
            stdin=subprocess.PIPE,
        )

    def _wait_for_drums(self) -> VirtualInput:
        until_s = time.monotonic() + 20
        while not {DRUMS, KEYS} <= set(self._ports.inputs()) and time.monotonic() < until_s:
            time.sleep(0.02)
        return self._ports.open_input(DRUMS, messages_to(self._tick))

    def _tick(self, time_s: float, message: Message) -> None:
        if message.kind == TICK:
            self._ticked.append(time_s)
