"""The real processes: one that dies again and again is told of, and what it does to the box."""

import os
import signal
import socket
import time
from contextlib import suppress

from lkjam_box.health import health_file
from lkjam_box.health.health_file import overlay
from lkjam_box.health.warning_texts import said
from lkjam_box.protocol.records import EngineId
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.service.process import running
from tests.service.test_supervisor import PATIENCE_S, LiveBox, heard


class Systemd:
    """What it hears of the box."""

    def __init__(self, folder):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.setblocking(False)
        self.all = []
        self.environ = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "600000"}

    def fed(self):
        return b"WATCHDOG=1" in self.heard()

    def heard(self):
        """What is new; its queue is short."""
        new = heard(self._socket)
        self.all += new
        return new


def kill_on_and_on(live, process, systemd):
    """As if it died of itself whenever it has just begun, until the box says that it does."""
    until_s = time.monotonic() + 2 * PATIENCE_S
    while f"{process} keeps failing" not in live.said():
        assert time.monotonic() < until_s, live.said()
        pid = running(live.box.pid).get(process)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
        live.synth.drain()
        systemd.heard()


def shown(live):
    """What the screen says."""
    now = live.look()
    return said(overlay(now, health_file.read(live.folder), now.time_s))


def test_a_brain_that_dies_on_and_on_takes_nothing_with_it_and_one_of_the_stages_does(tmp_path):
    systemd = Systemd(tmp_path)
    live = LiveBox(tmp_path, **systemd.environ)
    try:
        live.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
        live.roll()
        live.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
        kill_on_and_on(live, "brain", systemd)
        live.until("the screen to say so", lambda now: shown(live) == "BRAIN KEEPS FAILING")
        assert b"STATUS=brain keeps failing" in systemd.all + systemd.heard()
        starts = health_file.read(tmp_path).processes["brain"].starts
        before = live.look().answers
        live.until("answers by the fallback", lambda now: now.answers >= before + 3)
        assert systemd.fed()
        assert health_file.read(tmp_path).processes["brain"].starts <= starts + 1

        kill_on_and_on(live, "stage", systemd)
        systemd.heard()
        until_s = time.monotonic() + 2.0  # the watchdog would have bitten three times
        while time.monotonic() < until_s:
            assert not systemd.fed()
            time.sleep(0.05)
        assert "STAGE" in health_file.read(tmp_path).words
        assert live.box.poll() is None  # to start it anew is systemd's
    finally:
        assert live.close() == 0, live.said()


def test_without_its_caretaker_the_box_plays_on_and_says_what_it_lacks(tmp_path):
    systemd = Systemd(tmp_path)
    live = LiveBox(tmp_path, **systemd.environ)
    try:
        live.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
        live.roll()
        kill_on_and_on(live, "caretaker", systemd)
        live.until("the screen to say so", lambda now: "edited files are not read" in shown(live))
        before = live.look().answers
        live.until("answers", lambda now: now.answers >= before + 2)
        assert systemd.fed()
    finally:
        assert live.close() == 0, live.said()
