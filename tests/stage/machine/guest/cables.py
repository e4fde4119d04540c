"""The far ends of the USB cables: what keyboard, drum machine and synth are made of.

They write and read bytes on the gadget's own card; the box sees a USB device. Times are
``time.monotonic()``, which all processes of a machine share.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import threading
import time
from itertools import pairwise
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from lkjam_box.midi.din_parser import DinParser
from lkjam_box.midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    START,
    STOP,
    TICK,
    Message,
    parse,
    real_time,
)

PRIORITY = 60  # realtime, under the box: late figures would be ours, not the box's
_OFF_CCS = (120, 123)  # all sound off, all notes off
_MOST_TICKS = 1 << 16


def become_realtime() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))


class Cable:
    """One end, opened anew by whoever finds it gone after a replug."""

    def __init__(self, name: str) -> None:
        self._link = Path(f"/proc/asound/far{name}")
        self.wire = -1
        if not self.open():
            raise RuntimeError(f"the far end of {name} is not there: {self._link}")

    def open(self) -> bool:
        """Whether there is a cable in the socket."""
        self.close()
        try:
            number = os.readlink(self._link).removeprefix("card")
            self.wire = os.open(f"/dev/snd/midiC{number}D0", os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            return False
        return True

    def send(self, message: Message | bytes) -> None:
        try:
            os.write(self.wire, bytes(message))
        except OSError:
            if self.open():
                os.write(self.wire, bytes(message))

    def close(self) -> None:
        if self.wire >= 0:
            os.close(self.wire)
            self.wire = -1


class Synth:
    """Remembers all that comes in, and knows what it would sound like."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, Message]] = []
        self._cable = Cable("synth")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        become_realtime()
        parser = DinParser()
        while True:
            try:
                select.select([self._cable.wire], [], [])
                data = os.read(self._cable.wire, 256)
            except (OSError, ValueError):
                time.sleep(0.05)
                self._cable.open()
                parser = DinParser()
                continue
            now = time.monotonic()
            messages = filter(None, map(parse, parser.feed(data)))
            self.heard += [(now, message) for message in messages]

    def notes(self, channel: int, since_s: float = 0.0) -> list[tuple[float, int]]:
        """(time, pitch) of the note-ons."""
        return [
            (time_s, message.pitch)
            for time_s, message in self.heard[:]
            if time_s >= since_s and message.kind == NOTE_ON and message.channel == channel
        ]

    def sounding(self, until_s: float = float("inf")) -> dict[tuple[int, int], float]:
        """(channel, pitch) to the time it began, of what sounds then."""
        held: dict[tuple[int, int], float] = {}
        for time_s, message in self.heard[:]:
            if time_s > until_s:
                break
            channel = message.channel
            if message.kind == NOTE_ON:
                held.setdefault((channel, message.pitch), time_s)
            elif message.kind == NOTE_OFF:
                held.pop((channel, message.pitch), None)
            elif message.kind == CONTROL_CHANGE and message.pitch in _OFF_CCS:
                held = {key: began_s for key, began_s in held.items() if key[0] != channel}
        return held

    def silent_after_s(self, fault_s: float) -> float | None:
        """How long after the fault the last note that sounded then ended; None: it sounds on."""
        held = self.sounding(fault_s)
        now = self.sounding()
        if any(now.get(key) == began_s for key, began_s in held.items()):
            return None
        low, high = fault_s, time.monotonic()
        times = sorted({t for t, _ in self.heard[:] if low < t <= high})
        for time_s in times:
            then = self.sounding(time_s)
            if not any(then.get(key) == began_s for key, began_s in held.items()):
                return time_s - fault_s
        return 0.0


class Drums:
    """A drum machine: its clock runs in a process of its own, cable or no cable."""

    def __init__(self) -> None:
        fork = multiprocessing.get_context("fork")
        self._bpm: Synchronized[float] = fork.Value("d", 0.0)  # 0: stopped
        self._count = fork.Value("q", 0)
        self._times = fork.Array("d", _MOST_TICKS, lock=False)
        self._process = fork.Process(target=self._run, daemon=True)
        self._process.start()

    def start(self, bpm: float) -> None:
        self._count.value = 0
        self._bpm.value = bpm

    def stop(self) -> None:
        self._bpm.value = 0.0
        time.sleep(0.1)

    @property
    def count(self) -> int:
        """Ticks since Start."""
        return int(self._count.value)

    def uneven_s(self) -> list[float]:
        """How far each tick of this run is from the one before it, less what it should be."""
        times = self._times[: self.count]
        wanted_s = (times[-1] - times[0]) / (len(times) - 1)
        return [abs(b - a - wanted_s) for a, b in pairwise(times)]

    def even(self, most_s: float) -> set[int]:
        """Ticks of this run with a beat of ticks on either side that lie on one line with them:
        an emulated core that was stolen lets them come late, all at once."""
        times, found = self._times[: self.count], set()
        for tick in range(24, len(times) - 24):
            first, last = times[tick - 24], times[tick + 24]
            step_s = (last - first) / 48
            near = range(tick - 24, tick + 25)
            if all(abs(times[n] - first - (n - tick + 24) * step_s) < most_s for n in near):
                found.add(tick)
        return found

    def time_of(self, tick: int) -> float:
        """When it was sent, or will be."""
        count = self.count
        if tick < count:
            return float(self._times[tick])
        return float(self._times[count - 1]) + (tick - count + 1) * 2.5 / self._bpm.value

    def _run(self) -> None:
        cable = Cable("drums")
        become_realtime()
        while True:
            if not self._bpm.value:
                time.sleep(0.01)
                continue
            cable.send(real_time(START))
            due_s = time.monotonic() + 0.01
            while bpm := self._bpm.value:
                time.sleep(max(due_s - time.monotonic(), 0.0))
                cable.send(real_time(TICK))
                self._times[self._count.value] = time.monotonic()
                self._count.value += 1
                due_s += 2.5 / bpm
            cable.send(real_time(STOP))
