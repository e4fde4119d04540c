"""The real service, started for a measurement, with a terminal to draw its screen in."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ...config.load import encode, override
from ...config.options import Config
from ...errors import LkjamError
from ...protocol.runtime_folder import shared_state_path
from ...protocol.shared_state import SharedState, Snapshot

START_LIMIT_S = 60.0
BARE = {  # what the player's own options must not change
    "clock.source": "external",
    "panel.screen": "terminal",
    "panel.buttons": "off",
    "thru.channel": 1,
    "brain.channel": 2,
    "music.folder": "",
}


class Box:
    """``module``: the Python module to run, else the service; ``environ`` is added to ours."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        changes: Mapping[str, object],
        module: str = "",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        changes = {**BARE, **changes, "service.runtime_folder": str(folder)}
        options = folder / "options.yaml"
        options.write_bytes(encode(override(config, changes)))
        words = [module, str(options)] if module else ["lkjam_box", "run", "--config", str(options)]
        self._screen, terminal = pty.openpty()
        os.set_blocking(self._screen, False)
        self.began_s = time.monotonic()
        with (folder / "box.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *words],
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=log,
                env={**os.environ, "LKJAM_RUNTIME": str(folder), **(environ or {})},
            )
        os.close(terminal)

    def snapshot(self) -> Snapshot | None:
        """The stage's last snapshot; None before the first."""
        return SharedState.look(shared_state_path(self._folder))

    def tend(self) -> None:
        """Read what the box draws, so that it never blocks. Raises LkjamError when it ended."""
        try:
            while os.read(self._screen, 1 << 16):
                pass
        except OSError:  # nothing more to read
            pass
        if self.process.poll() is not None:
            raise LkjamError(f"the box ended with code {self.process.returncode}: {self._log()}")

    def wait(self, ready: Callable[[Snapshot], bool], what: str) -> None:
        """Wait for a snapshot that is ``ready``. Raises LkjamError after ``START_LIMIT_S``."""
        until_s = time.monotonic() + START_LIMIT_S
        while not ((snapshot := self.snapshot()) and ready(snapshot)):
            self.tend()
            if time.monotonic() > until_s:
                raise LkjamError(f"the box did not {what}: {self._log()}")
            time.sleep(0.02)

    def wait_for_ports(self) -> None:
        self.wait(lambda s: bool(s.pid and s.clock and s.keyboard), "find its ports")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._screen)

    def _log(self) -> str:
        lines = (self._folder / "box.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
