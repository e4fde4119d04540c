"""The panel process: 30 pictures a second, buttons to commands, lights.

It only reads the board and only sends wishes, so nothing it does, or fails to do,
can touch a note. A screen that goes away is tried again; one that never was is said once.
"""

from __future__ import annotations

import select
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from ..errors import LkjamError
from ..health import health_file as report
from ..panel.face import PanelFace
from ..panel.oled import DRIVERS, Oled
from ..panel.pad import Pad
from ..panel.terminal import Keys, TerminalScreen
from ..protocol.link import Link
from ..protocol.process_messages import Control, LaneSetup, Says
from ..protocol.shared_state import Board, Snapshot, Sync

FRAME_S = 1 / 30
HEALTH_S = 0.5
STALE_S = 1.0  # a board this old means that the stage is gone
RETRY_S = 3.0
ALIVE_S = 1.0
AHEAD_S = 0.25  # the board is carried on no further than this
_RUNNING = (Sync.LOCKING, Sync.LOCKED, Sync.FREEWHEEL, Sync.INTERNAL)


def main(setup: LaneSetup) -> int:
    return Lane(setup).run()


class Lane:
    """Everything the process owns."""

    def __init__(self, setup: LaneSetup) -> None:
        self._options = setup.config.panel
        self._control = Control(setup.control)
        self._commands = Link.adopt(setup.commands)
        self._board_path = setup.board
        self._folder = Path(setup.folder)
        self._health: report.Health | None = None
        self._health_s = 0.0
        self._board: Board | None = None
        self._stopping = False
        self._said: set[str] = set()
        self._retry_s = 0.0
        self._oled: Oled | None = None
        self._keys: Keys | None = None
        self._terminal: TerminalScreen | None = None
        self._face = PanelFace(self._options, self._commands.send, [], self._open_pad())
        self._open_terminal()
        self._open_oled(0.0)

    def run(self) -> int:
        """Until told to stop; 0 at once when there is neither screen nor button."""
        if not (self._face.screens or self._face.pad or self._keys or self._wants_oled()):
            return 0
        signal.signal(signal.SIGTERM, self._terminated)
        self._control.say(Says(ready=True))
        said_s = 0.0
        try:
            while not self._stopping:
                now = time.monotonic()
                self._frame(now)
                if now - said_s >= ALIVE_S:
                    said_s = now
                    self._control.say(Says(alive=True))
                wait_s = FRAME_S - (time.monotonic() - now)
                select.select([self._control], [], [], max(wait_s, 0.002))
                told = self._control.told()
                for news in told:
                    self._face.fault = self._face.fault if news.wrong is None else news.wrong
                if any(news.stop for news in told):
                    break
        finally:
            self._close()
        return 0

    def _frame(self, now: float) -> None:
        for button, gesture in self._keys.presses() if self._keys else ():
            self._face.press(now, button, gesture)
        for screen in self._face.tend(now, self._read(now)):
            if screen is self._oled:
                self._say("the OLED is gone; trying again")
                self._oled = None
                self._face.screens.remove(screen)
                self._retry_s = now + RETRY_S
        if self._oled is None and self._wants_oled() and now >= self._retry_s:
            self._open_oled(now)

    def _read(self, now: float) -> Snapshot | None:
        """What the stage shows, with what the supervisor knows of the machine."""
        try:
            self._board = self._board or Board.open(self._board_path)
        except (OSError, ValueError):
            return None
        if now - self._health_s >= HEALTH_S:
            self._health_s, self._health = now, report.read(self._folder)
        snapshot = self._board.read()
        if snapshot is None or now - snapshot.time_s > report.STALE_S:
            self._board.close()
            self._board = None  # the file may be another one by now
        return snapshot and report.overlay(snapshot, self._health, now)

    # --- devices

    def _wants_oled(self) -> bool:
        if self._options.screen in DRIVERS:
            return True
        bus = Path(f"/dev/i2c-{self._options.i2c_port}")
        return self._options.screen == "auto" and bus.exists()

    def _open_oled(self, now: float) -> None:
        if not self._wants_oled():
            return
        try:
            self._oled = Oled(self._options)
        except (OSError, LkjamError) as error:
            self._retry_s = now + RETRY_S
            self._say(f"no OLED: {error}")
        else:
            self._face.screens.append(self._oled)
            self._face.redraw()

    def _open_pad(self) -> Pad | None:
        if self._options.buttons not in ("auto", "gpio"):
            return None
        if self._options.buttons == "auto" and not Path("/dev/gpiochip0").exists():
            return None
        try:
            from ..panel.gpio import GpioPad

            pad = GpioPad(self._options)
        except LkjamError as error:
            self._say(f"no buttons: {error}")
            return None
        if pad.lacks:
            self._say(pad.lacks)
        return pad

    def _open_terminal(self) -> None:
        if self._options.screen == "terminal" and sys.stdout.isatty():
            self._terminal = TerminalScreen()
            self._face.screens.append(self._terminal)
        wants_keys = self._options.buttons == "keys" or self._terminal is not None
        if wants_keys and sys.stdin.isatty():
            self._keys = Keys()

    def _say(self, line: str) -> None:
        """Once each: a missing screen must not fill the log."""
        if line not in self._said:
            self._said.add(line)
            self._control.say(Says(line=line))

    def _terminated(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _close(self) -> None:
        for device in (*self._face.screens, self._face.pad, self._keys):
            if device is not None:
                device.close()
