"""Four situations on the real processes, over virtual ports: a clock that idles, a stage piano, a
storm, and a clock that was captured while its machine stalled."""

from __future__ import annotations

import threading
import time

import pytest

from lkjam_box.midi.messages import NOTE_OFF, NOTE_ON, START, TICK, note_off, note_on, real_time
from lkjam_box.ports.port import messages_to
from lkjam_box.ports.virtual_ports import VirtualKind
from lkjam_box.protocol.records import Command, CommandId, EngineId
from lkjam_box.protocol.runtime_folder import ports_folder
from lkjam_box.protocol.shared_state import Mode, Sync, WarningId
from lkjam_box.service.command_socket import send_command
from tests.service.test_supervisor import LiveBox

HANDS = 24


class Ticker:
    """Sends clock in a thread of its own until it is told to stop, or to pause."""

    def __init__(self, port, bpm):
        self._port, self._period_s = port, 60 / bpm / 24
        self._end, self.paused = threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        due_s = time.monotonic()
        while not self._end.wait(max(0.0, due_s - time.monotonic())):
            if not self.paused:
                self._port.send(real_time(TICK))
            due_s += self._period_s

    def stop(self):
        self._end.set()
        self._thread.join()


class Rig(LiveBox):
    """A live box beside devices that send and take, or ``only_keys`` that send."""

    def plug(self, name, hear=None):
        """A device by that name, in both directions where ``hear`` takes what it gets."""
        kind = VirtualKind(ports_folder(self.folder))
        if hear is not None:
            self.inputs.append(kind.create_input(name, messages_to(hear)))
        return kind.create_output(name)

    def until(self, what, ready):
        def ready_now(now):
            for port in self.inputs:
                port.drain()
            return ready(now)

        return super().until(what, ready_now)

    def pump(self, seconds):
        """Let devices hear what comes, for a while."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            for port in (*self.inputs, self.synth):
                port.drain()
            time.sleep(0.002)


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path, {"brain.channel": 1})
    rig.inputs = []
    tickers = []
    rig.tick = lambda port, bpm: tickers.append(Ticker(port, bpm)) or tickers[-1]
    rig.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
    yield rig
    for ticker in tickers:
        ticker.stop()
    assert rig.close() == 0, rig.said()
    assert "Traceback" not in rig.said()


def test_a_keyboard_that_ticks_from_power_on_does_not_hold_the_box(rig):
    rig.tick(rig.keys, 97.0)
    rig.pump(0.5)
    rig.drums.send(real_time(START))
    rig.tick(rig.drums, 280.0)
    now = rig.until("trading", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
    assert now.bpm == pytest.approx(280.0, abs=15)
    assert now.warning != WarningId.TWO_CLOCKS


def test_my_keys_sound_once_on_a_stage_piano(rig):
    got = []
    piano = rig.plug("Stage piano", lambda time_s, message: got.append(message))
    rig.until("the piano", lambda now: any("Stage piano" in d[1] for d in now.devices))
    for pitch in (60, 64, 67):
        piano.send(note_on(0, pitch, 90))
        piano.send(note_off(0, pitch))
    rig.until("thru to the synth", lambda now: note_on(0, 67, 90) in rig.messages)
    rig.pump(0.2)
    assert [m for m in rig.messages if m.kind == NOTE_ON] == [
        note_on(0, pitch, 90) for pitch in (60, 64, 67)
    ]
    assert not [m for m in got if m.kind in (NOTE_ON, NOTE_OFF)], "nothing comes back to it"
    rig.drums.send(real_time(START))
    rig.tick(rig.drums, 280.0)
    rig.until("an answer on the piano", lambda now: any(m.kind == NOTE_ON for m in got))


def test_a_loop_is_closed_and_panic_ends_it(rig):
    """What the loop gets comes back on the next channel, at once."""
    strikes = []

    def back(time_s, message):
        if message.channel >= 0 and message.kind in (NOTE_ON, NOTE_OFF):
            if message.kind == NOTE_ON:
                strikes.append(time.monotonic())
            channel = (message.channel + 1) % 16
            if message.kind == NOTE_ON:
                loop.send(note_on(channel, message.pitch, message.velocity))
            else:
                loop.send(note_off(channel, message.pitch))

    loop = rig.plug("Loop", back)
    rig.until("the loop", lambda now: any("Loop" in d[1] for d in now.devices))
    rig.keys.send(note_on(0, 62, 90))
    rig.pump(1.5)
    rig.keys.send(note_off(0, 62))
    rig.pump(0.3)
    before = len(strikes)
    rig.pump(1.0)
    assert len(strikes) - before <= HANDS
    if before > 2 * HANDS:  # else it was told from playing before it was one
        assert "Loop" in rig.look().loop_device
    send_command(rig.folder, Command(CommandId.PANIC))
    rig.pump(0.5)
    after = len(strikes)
    rig.pump(0.5)
    assert len(strikes) == after
    assert rig.held() == set()


def test_a_clock_that_stalled_is_not_captured_by_one_that_idles(rig):
    rig.drums.send(real_time(START))
    drums = rig.tick(rig.drums, 280.0)
    rig.until("trading", lambda now: now.mode == Mode.TRADING and now.sync == Sync.LOCKED)
    rig.tick(rig.keys, 90.0)
    drums.paused = True
    rig.pump(1.2)
    drums.paused = False
    rig.until(
        "its master again", lambda now: now.sync == Sync.LOCKED and abs(now.bpm - 280.0) < 15.0
    )
    answers = rig.look().answers
    now = rig.until("answers", lambda now: now.answers > answers)
    assert now.bpm == pytest.approx(280.0, abs=15)
