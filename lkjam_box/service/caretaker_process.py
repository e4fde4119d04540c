"""The caretaker process: all that may wait for a disk, so that the supervisor never does.

It looks whether the player has edited options or progressions, reads them anew when so and writes
the library for the other processes; and it reads the machine's health for screen and ``monitor``.
When it dies the music goes on, and the next one goes on from what this one told.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from ..health.health_file import put
from ..health.watch import LOOK_S, Watch
from ..machine.readings import Machine
from ..music.library import Library
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.runtime_folder import library_path
from .library_files import read_library
from .process_loop import ProcessLoop
from .user_files import Files

SHARE = 50  # to look whether files have changed takes such a part of the time at most, to
READS_SHARE = 2  # read thousands of them, of which one is saved again and again, such a part


def main(setup: ProcessSetup) -> int:
    return CaretakerProcess(setup).run()


class CaretakerProcess(ProcessLoop):
    """Looks at files and machine about once a second."""

    def __init__(self, setup: ProcessSetup) -> None:
        super().__init__(setup)
        self._folder, self._library = Path(setup.folder), Path(setup.library)
        self._files = Files.going_on(setup.files, Path(setup.state))
        self._lives = setup.lives
        self._watch = Watch(self._folder, Path(setup.state), Machine())
        self._looked_s = self._files_s = 0.0

    def begin(self) -> str:
        with suppress(OSError):
            os.nice(5)
        return ""

    def obey(self, told: Told) -> None:
        if told.lives is not None:
            self._lives, self._looked_s = told.lives, 0.0

    def work(self, now: float, came: bool) -> None:
        self._look(now)
        if now >= self._files_s:
            share = READS_SHARE if self._look_at_files() else SHARE
            self._files_s = now + max(LOOK_S, share * (time.monotonic() - now))
        self.wait_s = LOOK_S - (time.monotonic() - now)

    def close(self) -> None:
        self._watch.look(time.monotonic(), self._lives)

    def _look(self, now: float) -> None:
        if now >= self._looked_s + LOOK_S:
            self._looked_s = now
            self._watch.look(now, self._lives)

    def _between(self) -> None:
        """After each of perhaps thousands of files."""
        self._look(time.monotonic())
        self.say_alive()

    def _look_at_files(self) -> bool:
        """Read what has changed; whether anything has."""
        gone = not self._library.exists()
        library = self._files.changed(self._until_now, force=gone, between=self._between)
        if library is None:
            return False
        self._library = library_path(self._folder, library.number)
        put(self._library, library.encode())
        message = self._files.message
        line = message or "progressions read again; they change at the next line"
        if self._files.waiting:
            line += "\nother options changed too: they count when the box starts again"
        self.supervisor.send(Says(library=str(self._library), files=self._files.read, line=line))
        return True

    def _until_now(self) -> Library | None:
        try:
            return read_library(str(self._library))
        except OSError:  # somebody has cleaned up the folder
            return None
