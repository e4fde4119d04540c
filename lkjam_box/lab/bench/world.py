"""A drum machine, a player and a listener in the synth's place, for a box on virtual ports."""

from __future__ import annotations

import select
import threading
import time
from pathlib import Path

from ...machine.realtime import fifo
from ...midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    START,
    TICK,
    TICKS_PER_BEAT,
    Message,
    note_off,
    note_on,
    real_time,
)
from ...ports.port import messages_to
from ...ports.virtual_ports import VirtualKind
from ...protocol.runtime_folder import ports_folder

BPM = 240.0
BEATS = 4  # of a turn
LOOP_TICKS = BEATS * TICKS_PER_BEAT
LOOP_S = BEATS * 60 / BPM
PLAYER, BOX = 0, 1  # channels
_CALL = {8: 66, 26: 69, 38: 67, 50: 64, 62: 62}  # tick of a human loop: pitch
_LENGTH = 10  # ticks
_HELD_UP_S = 0.002


class World:
    """Plays from :meth:`roll` until :meth:`close`: turns of a bar, the human's first.

    Times on the wire are the senders' own stamps, so it does not matter how late we read.
    """

    def __init__(self, folder: Path) -> None:
        kind = VirtualKind(ports_folder(folder))
        self.heard: list[tuple[float, Message]] = []  # by the synth
        self.let_go_s: list[float] = []  # when the player's key went up
        self.began_s = 0.0
        hear = messages_to(lambda time_s, message: self.heard.append((time_s, message)))
        self._synth = kind.create_input("synth", hear)
        self._drums, self._keys = kind.create_output("drums"), kind.create_output("keys")
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def roll(self) -> None:
        self.began_s = time.monotonic() + 0.01
        self._drums.send(real_time(START))
        self._threads.append(threading.Thread(target=self._tick, daemon=True))
        self._threads[-1].start()

    def loop_at(self, time_s: float) -> int:
        return int((time_s - self.began_s) // LOOP_S)

    def held(self, until_s: float = float("inf")) -> set[tuple[int, int]]:
        """(channel, pitch) of the notes that sound at a time, by what the synth was sent."""
        held: set[tuple[int, int]] = set()
        for time_s, message in list(self.heard):
            if time_s <= until_s:
                if message.kind == NOTE_ON:
                    held.add((message.channel, message.pitch))
                elif message.kind == NOTE_OFF:
                    held.discard((message.channel, message.pitch))
        return held

    def silent_s(self, after_s: float, until_s: float) -> float:
        """When the last note that sounded at ``after_s`` ended; ``until_s`` if none by then."""
        left = self.held(after_s)
        for time_s, message in list(self.heard):
            if left and after_s < time_s <= until_s and message.kind == NOTE_OFF:
                left.discard((message.channel, message.pitch))
                if not left:
                    return time_s
        return until_s if left else after_s

    def unanswered(self, first: int, last: int) -> int:
        """How many of the box's turns in loops ``first`` to ``last`` had no note of the box's."""
        played = {
            self.loop_at(time_s + 0.005)
            for time_s, message in list(self.heard)
            if (message.kind, message.channel) == (NOTE_ON, BOX)
        }
        return sum(loop not in played for loop in range(first, last + 1) if loop % 2)

    def close(self) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(2.0)
        for port in (self._synth, self._drums, self._keys):
            port.close()

    def _listen(self) -> None:
        while not self._ends.is_set():
            if select.select((self._synth.fileno(),), (), (), 0.1)[0]:
                self._synth.drain()

    def _tick(self) -> None:
        fifo(50)  # where permitted: a real drum machine shares no computer with the box
        tick = 0
        while not self._ends.is_set():
            time.sleep(max(self.began_s + tick * LOOP_S / LOOP_TICKS - time.monotonic(), 0.0))
            self._drums.send(real_time(TICK))
            loop, place = divmod(tick, LOOP_TICKS)
            if loop % 2 == 0 and place in _CALL:
                self._keys.send(note_on(PLAYER, _CALL[place], 90))
            elif loop % 2 == 0 and place - _LENGTH in _CALL:
                before_s = time.monotonic()
                self._keys.send(note_off(PLAYER, _CALL[place - _LENGTH]))
                after_s = time.monotonic()  # if we were held up in between, this is the time
                self.let_go_s.append(before_s if after_s - before_s < _HELD_UP_S else after_s)
            tick += 1
