"""The recorder process: the only one that may wait for a disk.

The recorder saves the player's choices, which it reads from the snapshot, and records what the
stage tells of the set. When it dies nobody waits: the link holds what is told meanwhile.
"""

from __future__ import annotations

import gc
import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from ..protocol.choices import read_choices
from ..protocol.link import Link
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.shared_state import SharedStateReader
from ..recorder.takes import Takes, reason, takes_folder
from ..recorder.transcriber import Transcriber
from ..state.disk import Folder
from ..state.remembered import remembered, told_by
from ..state.save_timer import SaveTimer
from ..state.slots import Slots
from .library_files import open_libraries, read_library
from .process_loop import ProcessLoop

LOOK_S = 0.25  # how often the snapshot is looked at
GATHER_S = 0.05  # records are taken in so many times a second at most
LAST_S = 0.5  # how long to wait for the stage's last records when the box stops


def main(setup: ProcessSetup) -> int:
    return RecorderProcess(setup).run()


class RecorderProcess(ProcessLoop):
    """Takes in what the stage tells, writes recordings and state to their two folders."""

    wait_s = LOOK_S

    def __init__(self, setup: ProcessSetup) -> None:
        self._recording = Link.adopt(setup.recording)
        super().__init__(setup, self._recording)
        config, recorder = setup.config, setup.config.recorder
        self._shared_state = SharedStateReader(setup.shared_state)
        self._slots, self._save_timer = Slots(Folder(Path(setup.state))), SaveTimer()
        self._remember, self._options = config.service.remember, told_by(config)
        folder = takes_folder(recorder.folder, Path(setup.state))
        keep_bytes = int(recorder.keep_mb * 1e6)
        boot = max(setup.boot, self._slots.state.boots)  # the takes may have told that it is more
        self._takes = Takes(Folder(folder), boot, keep_bytes, recorder.keep_sets)
        self._wanted = msgspec.structs.replace(self._slots.state, boots=self._takes.boot)
        self._on = recorder.on
        self._library = setup.library
        self._looked_s = time.monotonic()
        self._unsaved = self._fault = ""

    def begin(self) -> str:
        with suppress(OSError):
            os.nice(5)
        if self._on:
            self._takes.recover()
        running = self._takes.running
        libraries = open_libraries(self._library, self._say)
        self._transcriber = Transcriber(libraries, running=running)
        self._say_fault()
        gc.collect()
        gc.freeze()
        return ""

    def obey(self, told: Told) -> None:
        if told.library:
            self._transcriber.set_library(read_library(told.library))
        if told.devices:
            devices = remembered((*self._wanted.devices, *told.devices))
            self._wanted = msgspec.structs.replace(self._wanted, devices=devices)

    def work(self, now: float, came: bool) -> None:
        self._record()
        self._takes.tend(now)
        if now - self._looked_s >= LOOK_S:
            self._looked_s = now
            self._look(now)
            self._save(now, hurry=False)
        time.sleep(GATHER_S)

    def over(self, now: float) -> bool:
        """Leave when told to stop, once the end of the set has come or :data:`LAST_S` are over."""
        late = now > self.stopping_s + LAST_S
        return bool(self.stopping_s) and (late or not self._takes.running)

    def close(self) -> None:
        if not self.stopping_s:
            return  # after an error: the next recorder goes on with the journal as it is
        now = time.monotonic()
        self._record()
        self._look(now)
        self._save(now, hurry=True)
        self._takes.close()  # last: a long set takes long to write, and its journal is safe
        self._say_fault()

    # --- inside

    def _record(self) -> None:
        """Write all records that wait, in order; with recording off the stage sends none."""
        for record in self._recording.drain():
            self._takes.write(self._transcriber.hear(record))
        self._say_fault()

    def _look(self, now: float) -> None:
        """Take the player's choices from the snapshot, if the stage has written any."""
        snapshot = self._shared_state.read(now)
        if snapshot is None or not snapshot.choices or not self._remember:
            return
        choices = read_choices(snapshot.choices)
        self._wanted = msgspec.structs.replace(self._wanted, choices=choices, options=self._options)

    def _save(self, now: float, hurry: bool) -> None:
        wanted = self._wanted
        if wanted == self._slots.state:
            return
        if not (hurry or self._save_timer.due(now, wanted, self._slots.state)):
            return
        try:
            self._slots.save(wanted)
            self._unsaved = ""
        except OSError as error:
            self._unsaved = f"not remembered: {reason(error)}"
        self._save_timer.done(now)

    def _say(self, line: str) -> None:
        self.supervisor.send(Says(line=f"recorder: {line}"))

    def _say_fault(self) -> None:
        """Tell log and screen when the fault changes, also when it is over."""
        fault = self._unsaved or self._takes.fault
        if fault != self._fault:
            self.supervisor.send(Says(line=f"recorder: {fault}" if fault else "", fault=fault))
        self._fault = fault
