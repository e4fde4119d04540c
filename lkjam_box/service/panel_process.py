"""The panel process: up to 30 pictures a second, buttons to commands, lights.

The panel only reads the shared state and only sends commands, so nothing it does, or fails to do,
can touch a note. A screen that is missing or fails is opened again later; the log says so once.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from ..errors import LkjamError
from ..health import health_file
from ..panel.contacts import Pad
from ..panel.face import FRAME_S, PanelFace
from ..panel.oled import DRIVERS, Oled
from ..panel.terminal import Keys, TerminalScreen
from ..protocol.link import Link
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.shared_state import SharedStateReader, Snapshot
from .process_loop import ProcessLoop

LEAST_WAIT_S = 0.002  # even after a slow frame, or while a contact trembles
HEALTH_S = 0.5
RETRY_S = 3.0


def main(setup: ProcessSetup) -> int:
    return PanelProcess(setup).run()


class PanelProcess(ProcessLoop):
    """Opens screens, buttons and keys, and runs the :class:`PanelFace` on them."""

    wait_s = 0.0

    def __init__(self, setup: ProcessSetup) -> None:
        super().__init__(setup)
        self._options = setup.config.panel
        self._commands = Link.adopt(setup.commands)
        self._shared_state = SharedStateReader(setup.shared_state)
        self._folder = Path(setup.folder)
        self._health: health_file.Health | None = None
        self._health_s = 0.0
        self._said: set[str] = set()
        self._retry_s = 0.0
        self._oled: Oled | None = None
        self._keys: Keys | None = None
        self._face = PanelFace(self._options, self._commands.send, [], self._open_pad())
        for fd in self._face.pad.fds() if self._face.pad else ():
            self.wake_for(fd)
        self._open_terminal()
        self._open_oled(0.0)

    def begin(self) -> str | None:
        """None where there is neither screen nor button: nothing to do."""
        face = self._face
        return "" if face.screens or face.pad or self._keys or self._wants_oled() else None

    def obey(self, told: Told) -> None:
        if told.wrong is not None:
            self._face.fault = told.wrong

    def work(self, now: float, came: bool) -> None:
        """One frame: take presses, draw, open a lost screen again."""
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
        wait_s = FRAME_S if self._keys else self._face.wait_s(now)
        if came:  # a contact may tremble
            time.sleep(LEAST_WAIT_S)
        self.wait_s = max(wait_s - (time.monotonic() - now), LEAST_WAIT_S)

    def close(self) -> None:
        for device in (*self._face.screens, self._face.pad, self._keys):
            if device is not None:
                device.close()

    def _read(self, now: float) -> Snapshot | None:
        """The snapshot, with the health of the machine as the supervisor wrote it down."""
        if now - self._health_s >= HEALTH_S:
            self._health_s, self._health = now, health_file.read(self._folder)
        snapshot = self._shared_state.read(now)
        return snapshot and health_file.overlay(snapshot, self._health, now)

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
            self._face.screens.append(TerminalScreen())
        wants_keys = self._options.buttons == "keys" or bool(self._face.screens)
        if wants_keys and sys.stdin.isatty():
            self._keys = Keys()

    def _say(self, line: str) -> None:
        """Log each text once: a missing screen must not fill the log."""
        if line not in self._said:
            self._said.add(line)
            self.supervisor.send(Says(line=line))
