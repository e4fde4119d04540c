"""The brain process: blocks on the link, thinks, streams the answer back."""

from __future__ import annotations

import gc
import secrets
import select
import signal
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType

from ..brain.brain import Brain
from ..brain.engines import make_engine
from ..machine.realtime import isolated_cores, pin, prefer, quiet_gc
from ..music.library import Book
from ..protocol.link import Link
from ..protocol.process_messages import Control, LaneSetup, Says
from ..protocol.records import AnswerEnd, Record

ALIVE_S = 1.0
FULL_S = 0.005  # wait this long for the stage to make room


def main(setup: LaneSetup) -> int:
    return Lane(setup).run()


class Lane:
    """Everything the process owns."""

    def __init__(self, setup: LaneSetup) -> None:
        config = setup.config
        self._control = Control(setup.control)
        self._link = Link.adopt(setup.link)
        self._stopping = False
        book = Book.decode(Path(setup.book).read_bytes())
        seed = config.brain.seed or secrets.randbits(31)
        self._brain = Brain(config, book, partial(make_engine, options=config.brain), seed)
        self._failure = ""

    def run(self) -> int:
        """Until SIGTERM or the supervisor says so."""
        signal.signal(signal.SIGTERM, self._terminated)
        pin(isolated_cores()[-2:-1])  # the last one is the stage's
        prefer()
        quiet_gc()
        for _ in self._link.drain():
            pass  # meant for the one before us, which died
        self._send(self._brain.ready())
        self._tell_failure()
        self._control.say(Says(ready=True))
        said_s = time.monotonic()
        poll = select.poll()
        for fd in (self._link, self._control):
            poll.register(fd, select.POLLIN)
        while not self._stopping:
            if not poll.poll(ALIVE_S * 1000):
                gc.collect()  # nobody plays
            self._take_in()
            while self._brain.owes and not self._stopping:
                self._answer()
            now = time.monotonic()
            if now - said_s >= ALIVE_S:
                said_s = now
                self._control.say(Says(alive=True))
        return 0

    def _answer(self) -> None:
        began_s = time.monotonic()
        for record in self._brain.think():
            if isinstance(record, AnswerEnd):
                record = replace(record, took_ms=(time.monotonic() - began_s) * 1000)
            self._send(record)
            self._listen()  # a newer note makes this answer stop short
        self._tell_failure()

    def _listen(self) -> None:
        for record in self._link.drain():
            self._brain.handle(record)

    def _take_in(self) -> None:
        self._listen()
        for told in self._control.told():
            self._stopping = self._stopping or told.stop
            if told.greet:
                self._send(self._brain.ready())
            if told.book:
                self._brain.set_book(Book.decode(Path(told.book).read_bytes()))

    def _send(self, record: Record) -> None:
        """Waits a little for room: unlike the stage, the brain may."""
        if not self._link.send(record):
            select.select((), (self._link,), (), FULL_S)
            if self._link.send(record):
                self._link.dropped -= 1

    def _tell_failure(self) -> None:
        if self._brain.failure != self._failure:
            self._failure = self._brain.failure
            self._control.say(Says(line=f"the model cannot play, Markov does: {self._failure}"))

    def _terminated(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
