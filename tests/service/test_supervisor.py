"""The real processes: a set by virtual clock, killed brain, killed stage, clean stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from lkjam_box.midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    START,
    STOP,
    TICK,
    note_off,
    note_on,
    real_time,
)
from lkjam_box.ports.port import messages_to
from lkjam_box.ports.virtual_ports import VirtualKind
from lkjam_box.protocol.records import Command, CommandId, EngineId, Setting, SettingId
from lkjam_box.protocol.runtime_folder import ports_folder, shared_state_path
from lkjam_box.protocol.shared_state import Mode, SharedState, WarningId
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


class OneAtATime:
    """An output that two threads send on."""

    def __init__(self, output):
        self._output, self._lock = output, threading.Lock()

    def send(self, message):
        with self._lock:
            self._output.send(message)


class LiveBox:
    """The box as a process, a drum machine and a player beside it, and the synth's ear."""

    def __init__(self, folder, options=None, **environ):
        self.folder = folder
        kind = VirtualKind(ports_folder(folder))
        self.messages, self.stamped = [], []  # the same with the time they were sent
        self.synth = kind.create_input("synth", messages_to(self._hear))
        self.drums, self.keys = OneAtATime(kind.create_output("drums")), kind.create_output("keys")
        self.tunes = folder / "tunes"
        self.tunes.mkdir(exist_ok=True)
        options = {**OPTIONS, **(options or {}), "music.folder": self.tunes}
        words = [w for name, value in options.items() for w in ("--set", f"{name}={value}")]
        self.log = open(folder / "log", "w+")  # noqa: SIM115
        self._words = [sys.executable, "-m", "lkjam_box", "run", *words]
        self._environ = dict(os.environ, LKJAM_RUNTIME=str(folder), **environ)
        self.start()
        self._ticking = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _hear(self, time_s, message):
        self.messages.append(message)
        self.stamped.append((time_s, message))

    def _tick(self):
        due_s = time.monotonic()
        while not self._ticking.wait(max(0.0, due_s - time.monotonic())):
            self.drums.send(real_time(TICK))
            due_s += PERIOD_S

    def start(self):
        self.box = subprocess.Popen(self._words, env=self._environ, stderr=self.log)
        self._last = None

    def roll(self):
        self.drums.send(real_time(START))
        self._thread.start()

    def look(self):
        try:
            shared_state = SharedState.open(
                shared_state_path(self.folder)
            )  # a new box makes a new one
        except (OSError, ValueError):
            return self._last
        self._last = shared_state.read()
        shared_state.close()
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

    def child(self, process):
        """Pid of a process."""
        until_s = time.monotonic() + PATIENCE_S
        while not (pid := running(self.box.pid).get(process)):  # one that loads has no name yet
            assert time.monotonic() < until_s, f"no {process}: {self.said()}"
            time.sleep(0.02)
        return pid

    def held(self):
        self.synth.drain()
        held = set()
        for message in self.messages:
            key = (message.channel, message.pitch)
            if message.kind == NOTE_ON:
                held.add(key)
            elif message.kind == NOTE_OFF:
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
def live(tmp_path):
    live = LiveBox(tmp_path)
    yield live
    live.close()


def test_a_gig_with_accidents(live):
    live.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
    live.roll()
    live.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)

    # the brain is killed: clock, thru and answers go on, and it comes back by itself
    brain = live.child("brain")
    os.kill(brain, signal.SIGKILL)
    lost_at = live.until("the brain's loss", lambda now: "brain killed" in live.said())
    live.keys.send(note_on(0, 61, 90))
    live.until("thru", lambda now: (0, 61) in live.held())
    live.keys.send(note_off(0, 61))
    now = live.until("answers after it", lambda now: now.answers >= lost_at.answers + 2)
    assert now.answers_on_time == now.answers
    live.until("the brain", lambda now: "brain is back" in live.said())
    assert live.child("brain") != brain

    # a command through the socket, as lkjam-box and the buttons send them
    send_command(live.folder, Command(CommandId.NEXT_PROGRESSION))
    live.until("the next progression", lambda now: now.progression == 1)

    # the stage is killed with a key down: all notes off at once, then it plays again
    live.keys.send(note_on(0, 62, 90))
    live.until("thru", lambda now: (0, 62) in live.held())
    stage = live.child("stage")
    os.kill(stage, signal.SIGKILL)
    live.until("silence", lambda now: not live.held())
    assert bytes((0xBF, 120, 0)) in live.messages
    live.until("the stage", lambda now: now.pid not in (0, stage) and now.engine)
    live.until("trading again, without a Start", lambda now: now.answers >= 1)

    # a progression file that goes bad and is mended, while it plays
    tune = live.tunes / "mine.yaml"
    tune.write_text("name: Mine\nkey: C\nbars:\n  - H7\n")
    live.until("the fault on the screen", lambda now: "mine.yaml:4" in now.message)
    tune.write_text("name: Mine\nkey: C\nbars:\n  - G7\n")
    live.until("no fault", lambda now: not now.message)

    # unplugged in the middle of a note, and plugged in again
    live.keys.send(note_on(0, 64, 90))
    live.until("thru", lambda now: (0, 64) in live.held())
    live.keys.close()
    live.until("its note off", lambda now: (0, 64) not in live.held() and not now.keyboard)
    live.keys = VirtualKind(ports_folder(live.folder)).create_output("keys")
    live.until("replug", lambda now: now.keyboard == "keys")
    live.keys.send(note_on(0, 65, 90))
    live.until("thru", lambda now: (0, 65) in live.held())

    live.drums.send(real_time(STOP))
    assert live.close() == 0, live.said()
    assert live.held() == set()
    assert live.look().dropped == 0
    assert "Traceback" not in live.said()


def test_killed_as_a_whole_the_processes_end_their_notes_and_go(live):
    live.until("ready", lambda now: now.keyboard and now.engine)
    processes = [live.child("stage"), live.child("brain")]
    live.keys.send(note_on(0, 61, 90))
    live.until("thru", lambda now: (0, 61) in live.held())
    live.box.kill()
    live.box.wait()
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s and (live.held() or any(map(lives, processes))):
        time.sleep(0.02)
    assert live.held() == set()
    assert not any(map(lives, processes))


def test_a_stage_that_hangs_is_silenced_killed_and_goes_on_and_systemd_hears_of_it(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        watchdog = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
        live = LiveBox(tmp_path, **watchdog)
        try:
            live.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
            live.roll()
            assert heard(systemd)[0].startswith(b"READY=1")
            live.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
            heard(systemd)
            live.until("signs of life", lambda now: b"WATCHDOG=1" in heard(systemd))

            stage = live.child("stage")
            live.keys.send(note_on(0, 62, 90))
            live.until("thru", lambda now: (0, 62) in live.held())
            os.kill(stage, signal.SIGSTOP)
            live.until("silence", lambda now: not live.held())
            assert "stage has not moved" in live.said()
            live.until("its end", lambda now: "stage hangs; killing it" in live.said())
            live.until("the stage", lambda now: now.pid not in (0, stage) and now.engine)
            live.until("trading again", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
            heard(systemd)
            live.until("signs of life", lambda now: b"WATCHDOG=1" in heard(systemd))
        finally:
            assert live.close() == 0, live.said()
        assert b"STOPPING=1" in heard(systemd)


def test_a_box_that_is_killed_and_started_again_goes_on_where_it_was(live):
    live.until("ready", lambda now: now.engine and now.keyboard)
    live.roll()
    before = live.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
    live.box.kill()
    live.box.wait()
    live.start()
    now = live.until("trading", lambda now: now.mode == Mode.TRADING and now.pid != before.pid)
    assert now.loop >= before.loop
    live.until("answers", lambda now: now.answers >= 1)


def test_a_setting_outlives_the_stage_and_the_box_and_an_edited_option_wins(tmp_path):
    def set_to(which, number):
        return lambda now: now.settings and now.settings[which] == number

    channel, brightness = SettingId.BOX_CHANNEL, SettingId.BRIGHTNESS
    live = LiveBox(tmp_path, STATE_DIRECTORY=str(tmp_path / "state"))
    try:
        live.until("ready", lambda now: now.engine and now.keyboard)
        send_command(live.folder, Setting(channel, 5))
        send_command(live.folder, Setting(brightness, 3))
        live.until("the channel", set_to(channel, 5))
        stage = live.child("stage")
        os.kill(stage, signal.SIGKILL)
        live.until("the next stage", lambda now: now.pid not in (0, stage) and now.engine)
        live.until("the channel", set_to(channel, 5))
        live.roll()
        live.until("an answer", lambda now: now.answers >= 1)
        assert {m.channel for m in live.messages if m.kind == NOTE_ON and m.channel < 9} == {4}
        live.box.terminate()
        live.box.wait(10)
        live.start()
        live.until("the next box", set_to(channel, 5))
        live.until("the next box", set_to(brightness, 3))
        live.box.terminate()
        live.box.wait(10)
        live._words += ["--set", "brain.channel=7"]
        live.start()
        live.until("the edited option", set_to(channel, 7))
        live.until("and no other", set_to(brightness, 3))
    finally:
        assert live.close() == 0, live.said()


@pytest.mark.parametrize(("kind", "warns"), [("auto", True), ("virtual", False)])
def test_a_box_without_its_driver_says_so_in_log_and_screen(tmp_path, kind, warns):
    missing = tmp_path / "missing"
    missing.mkdir()
    (missing / "rtmidi.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join(filter(None, (str(missing), os.environ.get("PYTHONPATH"))))
    box = LiveBox(tmp_path, {"ports.kind": kind}, PYTHONPATH=path)
    try:
        now = box.until("ready", lambda now: now.engine == EngineId.MARKOV)
        assert (now.warning == WarningId.NO_PORTS) is warns
        said = [line for line in box.said().splitlines() if "no MIDI device is heard" in line]
        assert len(said) == warns
        assert all("python-rtmidi is not installed: " in line for line in said)
    finally:
        box.close()


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
