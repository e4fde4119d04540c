"""The brain process: waits for the stage's records, thinks, and streams the answer back."""

from __future__ import annotations

import gc
import secrets
import select
import time
from functools import partial

from msgspec.structs import replace

from ..brain.brain import Brain
from ..brain.engines import make_engine
from ..machine.realtime import isolated_cores, pin, prefer, quiet_gc
from ..protocol.link import Link
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.records import Answered, Record
from .library_files import open_libraries, read_library
from .process_loop import ProcessLoop

FULL_S = 0.005  # how long to wait for the stage to make room in a full link


def main(setup: ProcessSetup) -> int:
    return BrainProcess(setup).run()


class BrainProcess(ProcessLoop):
    """The link to the stage, and the :class:`Brain` that answers on it."""

    def __init__(self, setup: ProcessSetup) -> None:
        options = setup.config.brain
        self._link = Link.adopt(setup.link)
        super().__init__(setup, self._link)
        seed = options.seed or secrets.randbits(31)
        libraries = open_libraries(setup.library, self._say)
        self._brain = Brain(setup.config, libraries, partial(make_engine, options=options), seed)
        self._failure = ""

    def begin(self) -> str:
        pin(isolated_cores()[-2:-1])  # the last one is the stage's
        prefer()
        quiet_gc()
        for _ in self._link.drain():
            pass  # meant for the brain process before this one, which died
        self._send(self._brain.ready())
        self._tell_failure()
        return ""

    def obey(self, told: Told) -> None:
        if told.greet:
            self._send(self._brain.ready())
        if told.library:
            self._brain.set_library(read_library(told.library))

    def work(self, now: float, came: bool) -> None:
        if not came:
            gc.collect()  # nobody plays
        self._listen()
        while self._brain.owes and not self.stopping_s:
            self._answer()
            self.take_told()

    def _answer(self) -> None:
        began_s = time.monotonic()
        for record in self._brain.think():
            if isinstance(record, Answered):
                record = replace(record, took_ms=(time.monotonic() - began_s) * 1000)
            if record is not None:
                self._send(record)
            self._listen()  # a newer note makes this answer stop short
        self._tell_failure()

    def _listen(self) -> None:
        for record in self._link.drain():
            self._brain.handle(record)

    def _send(self, record: Record) -> None:
        """Send a record; waits up to :data:`FULL_S` for room, as the stage must never."""
        if not self._link.send(record):
            select.select((), (self._link,), (), FULL_S)
            if self._link.send(record):
                self._link.dropped -= 1

    def _tell_failure(self) -> None:
        if self._brain.failure != self._failure:
            self._failure = self._brain.failure
            self._say(f"the model cannot play, Markov does: {self._failure}")

    def _say(self, line: str) -> None:
        self.supervisor.send(Says(line=line))
