"""The keeper process: the only one that may wait for a disk.

It saves what the stage's snapshot says was chosen, and writes down what the stage tells it of the
set. When it dies nobody waits for it: the link holds what was told meanwhile.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import msgspec

from ..music.library import Book
from ..protocol.choices import read_choices
from ..protocol.link import Link
from ..protocol.process_messages import Control, LaneSetup, Says, Told
from ..protocol.shared_state import Board
from ..recorder.takes import Takes, reason, takes_folder
from ..recorder.transcriber import Recorder
from ..state.disk import Folder
from ..state.remembered import remembered, told_by
from ..state.save_timer import Pace
from ..state.slots import Slots

LOOK_S = 0.25  # how often the snapshot is looked at
GATHER_S = 0.05  # records are taken in so many times a second at most
STALE_S = 2.0
LAST_S = 0.5  # the stage's last words are waited for, when the box stops
ALIVE_S = 1.0


def main(setup: LaneSetup) -> int:
    return Lane(setup).run()


class Lane:
    """Everything the process owns."""

    def __init__(self, setup: LaneSetup) -> None:
        config = setup.config
        self._control, self._tape = Control(setup.control), Link.adopt(setup.tape)
        self._board_path = setup.board
        self._board: Board | None = None
        self._slots, self._pace = Slots(Folder(Path(setup.state))), Pace()
        self._remember, self._options = config.service.remember, told_by(config)
        self._wanted = msgspec.structs.replace(self._slots.state, boots=setup.boot)
        recorder = config.recorder
        folder = takes_folder(recorder.folder, Path(setup.state))
        keep_bytes = int(recorder.keep_mb * 1e6)
        self._takes = Takes(Folder(folder), setup.boot, keep_bytes, recorder.keep_sets)
        self._on = recorder.on
        self._book = setup.book
        self._stopping_s = 0.0
        self._unsaved = self._fault = ""

    def run(self) -> int:
        """Until SIGTERM or the supervisor says so, and a moment longer for the end of the set."""
        signal.signal(signal.SIGTERM, self._terminated)
        with suppress(OSError):
            os.nice(5)
        self._control.say(Says(ready=True))
        if self._on:
            self._takes.recover()
        self._recorder = Recorder(self._read_book(), running=self._takes.running)
        self._say_fault()
        gc.collect()
        gc.freeze()
        poll = select.poll()
        for fd in (self._tape, self._control):
            poll.register(fd, select.POLLIN)
        looked_s = said_s = time.monotonic()
        while not self._over(time.monotonic()):
            poll.poll(LOOK_S * 1000)
            for told in self._control.told():
                self._obey(told)
            self._record()
            now = time.monotonic()
            self._takes.tend(now)
            if now - looked_s >= LOOK_S:
                looked_s = now
                self._look()
                self._save(now, hurry=False)
            if now - said_s >= ALIVE_S:
                said_s = now
                self._control.say(Says(alive=True))
            time.sleep(GATHER_S)
        self._record()
        self._takes.close()
        self._look()
        self._save(time.monotonic(), hurry=True)
        self._say_fault()
        return 0

    # --- inside

    def _over(self, now: float) -> bool:
        return bool(self._stopping_s) and (
            now > self._stopping_s + LAST_S or not self._takes.running
        )

    def _record(self) -> None:
        """In order, and all that waits: what is not asked for was not sent."""
        for record in self._tape.drain():
            self._takes.write(self._recorder.hear(record))
        self._say_fault()

    def _look(self) -> None:
        """What was chosen, of a stage that has told."""
        try:
            self._board = self._board or Board.open(self._board_path)
        except (OSError, ValueError):
            return
        snapshot = self._board.read()
        if snapshot is None or time.monotonic() - snapshot.time_s > STALE_S:
            self._board.close()
            self._board = None  # the file may be another one by now
        if snapshot is None or not snapshot.choices or not self._remember:
            return
        choices = read_choices(snapshot.choices)
        self._wanted = msgspec.structs.replace(self._wanted, choices=choices, options=self._options)

    def _save(self, now: float, hurry: bool) -> None:
        wanted = self._wanted
        if wanted == self._slots.state:
            return
        if not (hurry or self._pace.due(now, wanted, self._slots.state)):
            return
        try:
            self._slots.save(wanted)
            self._unsaved = ""
        except OSError as error:
            self._unsaved = f"not remembered: {reason(error)}"
        self._pace.done(now)

    def _obey(self, told: Told) -> None:
        if told.stop:
            self._terminated()
        if told.book:
            self._book = told.book
            self._recorder.set_book(self._read_book())
        if told.devices:
            devices = remembered((*self._wanted.devices, *told.devices))
            self._wanted = msgspec.structs.replace(self._wanted, devices=devices)

    def _read_book(self) -> Book:
        return Book.decode(Path(self._book).read_bytes())

    def _say_fault(self) -> None:
        """For log and screen, once as long as it stays the same; and that it is over."""
        fault = self._unsaved or self._takes.fault
        if fault != self._fault:
            self._control.say(Says(line=f"keeper: {fault}" if fault else "", fault=fault))
        self._fault = fault

    def _terminated(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping_s = self._stopping_s or time.monotonic()
