"""The real processes: a set by virtual clock, killed brain, killed stage, clean stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from lkjam_box.midi.messages import START, STOP, TICK, is_note_off, is_note_on, note_off, note_on
from lkjam_box.ports.virtual_ports import VirtualKind
from lkjam_box.protocol.records import Command, CommandId, EngineId
from lkjam_box.protocol.runtime_folder import board_path, ports_folder
from lkjam_box.protocol.shared_state import Board, Mode
from lkjam_box.service.command_socket import send_command
from lkjam_box.service.process import running

PERIOD_S = 2.5 / 300  # as fast as it goes
OPTIONS = {
    "ports.kind": "virtual",
    "turns.turn_bars": 1,
    "turns.preroll_bars": 0,
    "brain.engine": "markov",
    "brain.channel": 2,
    "panel.screen": "off",
    "panel.buttons": "off",
}
PATIENCE_S = 20.0


class Rig:
    """The box as a process, a drum machine and a player beside it, and the synth's ear."""

    def __init__(self, folder, **environ):
        self.folder = folder
        kind = VirtualKind(ports_folder(folder))
        self.messages = []
        self.synth = kind.create_input("synth", lambda t, m: self.messages.append(m))
        self.drums, self.keys = kind.create_output("drums"), kind.create_output("keys")
        self.tunes = folder / "tunes"
        self.tunes.mkdir()
        options = {**OPTIONS, "music.folder": self.tunes}
        words = [w for name, value in options.items() for w in ("--set", f"{name}={value}")]
        self.log = open(folder / "log", "w+")  # noqa: SIM115
        self._words = [sys.executable, "-m", "lkjam_box", "run", *words]
        self._environ = dict(os.environ, LKJAM_RUNTIME=str(folder), **environ)
        self.start()
        self._ticking = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _tick(self):
        due_s = time.monotonic()
        while not self._ticking.wait(max(0.0, due_s - time.monotonic())):
            self.drums.send(bytes((TICK,)))
            due_s += PERIOD_S

    def start(self):
        self.box = subprocess.Popen(self._words, env=self._environ, stderr=self.log)
        self._last = None

    def roll(self):
        self.drums.send(bytes((START,)))
        self._thread.start()

    def look(self):
        try:
            board = Board.open(board_path(self.folder))  # a new box makes a new one
        except (OSError, ValueError):
            return self._last
        self._last = board.read()
        board.close()
        return self._last

    def until(self, what, ready):
        """Wait until ``ready(snapshot)``; the box must live meanwhile."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            now = self.look()
            self.synth.drain()
            if now is not None and ready(now):
                return now
            assert self.box.poll() is None, self.said()
            time.sleep(0.02)
        pytest.fail(f"{what}: never; {now}; {self.said()}")

    def said(self):
        return (self.folder / "log").read_text()

    def child(self, lane):
        """Pid of a lane."""
        until_s = time.monotonic() + PATIENCE_S
        while not (pid := running(self.box.pid).get(lane)):  # one that loads has no name yet
            assert time.monotonic() < until_s, f"no {lane}: {self.said()}"
            time.sleep(0.02)
        return pid

    def held(self):
        self.synth.drain()
        held = set()
        for message in self.messages:
            key = (message[0] & 15, message[1])
            if is_note_on(message):
                held.add(key)
            elif is_note_off(message):
                held.discard(key)
        return held

    def close(self):
        self._ticking.set()
        if self.box.poll() is None:
            self.box.terminate()
        try:
            return self.box.wait(10)
        finally:
            if self.box.poll() is None:
                self.box.kill()
            self.log.close()


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    yield rig
    rig.close()


def test_a_gig_with_accidents(rig):
    rig.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
    rig.roll()
    rig.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)

    # the brain is killed: clock, thru and answers go on, and it comes back by itself
    brain = rig.child("brain")
    os.kill(brain, signal.SIGKILL)
    lost_at = rig.until("the brain's loss", lambda now: "brain killed" in rig.said())
    rig.keys.send(note_on(0, 61, 90))
    rig.until("thru", lambda now: (0, 61) in rig.held())
    rig.keys.send(note_off(0, 61))
    now = rig.until("answers after it", lambda now: now.answers >= lost_at.answers + 2)
    assert now.answers_on_time == now.answers
    rig.until("the brain", lambda now: "brain is back" in rig.said())
    assert rig.child("brain") != brain

    # a command through the socket, as lkjam-box and the buttons send them
    send_command(rig.folder, Command(CommandId.NEXT_PROGRESSION))
    rig.until("the next progression", lambda now: now.progression == 1)

    # the stage is killed with a key down: all notes off at once, then it plays again
    rig.keys.send(note_on(0, 62, 90))
    rig.until("thru", lambda now: (0, 62) in rig.held())
    stage = rig.child("stage")
    os.kill(stage, signal.SIGKILL)
    rig.until("silence", lambda now: not rig.held())
    assert bytes((0xBF, 120, 0)) in rig.messages
    rig.until("the stage", lambda now: now.pid not in (0, stage) and now.engine)
    rig.until("trading again, without a Start", lambda now: now.answers >= 1)

    # a progression file that goes bad and is mended, while it plays
    tune = rig.tunes / "mine.yaml"
    tune.write_text("name: Mine\nkey: C\nbars:\n  - H7\n")
    rig.until("the fault on the screen", lambda now: "mine.yaml:4" in now.message)
    tune.write_text("name: Mine\nkey: C\nbars:\n  - G7\n")
    rig.until("no fault", lambda now: not now.message)

    # unplugged in the middle of a note, and plugged in again
    rig.keys.send(note_on(0, 64, 90))
    rig.until("thru", lambda now: (0, 64) in rig.held())
    rig.keys.close()
    rig.until("its note off", lambda now: (0, 64) not in rig.held() and not now.keyboard)
    rig.keys = VirtualKind(ports_folder(rig.folder)).create_output("keys")
    rig.until("replug", lambda now: now.keyboard == "keys")
    rig.keys.send(note_on(0, 65, 90))
    rig.until("thru", lambda now: (0, 65) in rig.held())

    rig.drums.send(bytes((STOP,)))
    assert rig.close() == 0, rig.said()
    assert rig.held() == set()
    assert rig.look().dropped == 0
    assert "Traceback" not in rig.said()


def test_killed_as_a_whole_the_lanes_end_their_notes_and_go(rig):
    rig.until("ready", lambda now: now.keyboard and now.engine)
    lanes = [rig.child("stage"), rig.child("brain")]
    rig.keys.send(note_on(0, 61, 90))
    rig.until("thru", lambda now: (0, 61) in rig.held())
    rig.box.kill()
    rig.box.wait()
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s and (rig.held() or any(map(lives, lanes))):
        time.sleep(0.02)
    assert rig.held() == set()
    assert not any(map(lives, lanes))


def test_a_stage_that_hangs_is_silenced_killed_and_goes_on_and_systemd_hears_of_it(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        watchdog = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
        rig = Rig(tmp_path, **watchdog)
        try:
            rig.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
            rig.roll()
            assert heard(systemd)[0].startswith(b"READY=1")
            rig.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
            heard(systemd)
            rig.until("signs of life", lambda now: b"WATCHDOG=1" in heard(systemd))

            stage = rig.child("stage")
            rig.keys.send(note_on(0, 62, 90))
            rig.until("thru", lambda now: (0, 62) in rig.held())
            os.kill(stage, signal.SIGSTOP)
            rig.until("silence", lambda now: not rig.held())
            assert "stage has not moved" in rig.said()
            rig.until("its end", lambda now: "stage hangs; killing it" in rig.said())
            rig.until("the stage", lambda now: now.pid not in (0, stage) and now.engine)
            rig.until("trading again", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
            heard(systemd)
            rig.until("signs of life", lambda now: b"WATCHDOG=1" in heard(systemd))
        finally:
            assert rig.close() == 0, rig.said()
        assert b"STOPPING=1" in heard(systemd)


def test_a_box_that_is_killed_and_started_again_goes_on_where_it_was(rig):
    rig.until("ready", lambda now: now.engine and now.keyboard)
    rig.roll()
    before = rig.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
    rig.box.kill()
    rig.box.wait()
    rig.start()
    now = rig.until("trading", lambda now: now.mode == Mode.TRADING and now.pid != before.pid)
    assert now.loop >= before.loop
    rig.until("answers", lambda now: now.answers >= 1)


def heard(systemd):
    found = []
    while True:
        try:
            found.append(systemd.recv(4096))
        except BlockingIOError:
            return found


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
