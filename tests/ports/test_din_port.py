"""The DIN jacks, over a pseudo-terminal: the kernel's own line, without the wire."""

import os
import select
import termios
import time
import tty

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.options import Ports
from lkjam_box.errors import PortNotFound
from lkjam_box.midi.messages import PITCH_BEND, control_change, note_off, note_on, voice
from lkjam_box.ports import din_port
from lkjam_box.ports.din_port import DIN, DinOutput, WithDin, find_serial_port
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.kinds import open_kind
from lkjam_box.ports.manager import PortManager
from lkjam_box.ports.serial_port import BAUD, baud, open_serial_port

NOTE = note_on(0, 60, 100)


@pytest.fixture
def wire():
    """(our end of the cable, path of the box's serial port)"""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    yield ours, os.ttyname(theirs)
    for end in (ours, theirs):
        try:
            os.close(end)
        except OSError:
            pass


def read(fd, count, wait_s=2.0):
    data, until_s = b"", time.monotonic() + wait_s
    while len(data) < count and time.monotonic() < until_s:
        if select.select([fd], [], [], 0.05)[0]:
            data += os.read(fd, 4096)
    return data


def test_the_port_is_raw_and_at_midis_rate(wire):
    _, path = wire
    fd = open_serial_port(path)
    assert baud(fd) == BAUD == 31250
    flags = termios.tcgetattr(fd)
    assert not flags[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
    assert not flags[1] & termios.OPOST
    os.close(fd)


def test_what_comes_in_is_whole_messages(wire):
    ours, path = wire
    heard = []
    port = WithDin(FakeKind(), path).open_input(DIN, lambda t, m: heard.append(m))
    for part in (b"\x90\x3c", b"\xf8\x64\x3e", b"\x64"):  # running status, clock in between
        os.write(ours, part)
        select.select([port], [], [], 1.0)
        port.drain()
    assert heard == [b"\xf8", NOTE, b"\x90\x3e\x64"]
    assert not port.gone
    port.close()


def test_every_byte_goes_out_as_it_is(wire):
    ours, path = wire
    port = WithDin(FakeKind(), path).open_output(DIN)
    for low in range(0, 128, 2):
        port.send(control_change(0, low, low + 1))
    assert read(ours, 192) == b"".join(bytes((0xB0, n, n + 1)) for n in range(0, 128, 2))
    port.close()


def test_a_wire_that_goes_is_noticed(wire):
    ours, path = wire
    kind = WithDin(FakeKind(), path)
    source, sink = kind.open_input(DIN, lambda t, m: None), kind.open_output(DIN)
    os.close(ours)
    source.drain()
    assert source.gone
    with pytest.raises(OSError, match="error"):
        sink.send(NOTE)
    source.close()
    sink.close()


class SlowWire:
    """A kernel that takes ``room`` bytes, then none until it is told to."""

    def __init__(self, monkeypatch):
        self.taken, self.room = b"", 0
        monkeypatch.setattr(din_port.os, "close", lambda fd: None)
        monkeypatch.setattr(DinOutput, "_write", self.write)

    def write(self, data):
        part, self.room = data[: self.room], max(0, self.room - len(data))
        self.taken += part
        return len(part)


def test_a_full_wire_keeps_order_and_every_note_off(monkeypatch):
    slow = SlowWire(monkeypatch)
    slow.room = 4
    port = DinOutput(99)
    sent = [NOTE, note_off(0, 60)]
    for message in sent:
        port.send(message)
    bends = [voice(PITCH_BEND, 0, 0, n) for n in range(100)]
    for message in bends:
        port.send(message)
    last = note_off(0, 62)
    port.send(last)
    assert slow.taken == b"".join(sent)[:4]
    slow.room = 10_000
    port.close()
    assert slow.taken.startswith(b"".join(sent))
    assert slow.taken.endswith(last)
    assert len(slow.taken) < 3 * 40, "bends that would be stale were sent all the same"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_messages_stay_whole_however_little_fits(rooms):
    with pytest.MonkeyPatch.context() as monkeypatch:
        slow = SlowWire(monkeypatch)
        port = DinOutput(99)
        sent = [note_on(0, n, 64) for n in range(len(rooms))]
        for room, message in zip(rooms, sent, strict=True):
            slow.room = room
            port.send(message)
        slow.room = 10_000
        port.close()
    assert slow.taken == b"".join(sent)


KEY = note_on(0, 62, 90)


def test_the_port_manager_plays_through_the_jacks(wire):
    ours, path = wire
    heard = []
    manager = PortManager(WithDin(FakeKind(), path), Ports(), lambda *what: heard.append(what))
    kind = WithDin(FakeKind(), path)
    manager.update(kind.inputs(), kind.outputs())
    assert manager.names() == (DIN, DIN, DIN)
    manager.send("synth", NOTE)
    assert read(ours, 3) == NOTE
    os.write(ours, KEY)
    select.select(manager.ports(), [], [], 1.0)
    for port in manager.ports():
        port.drain()
    assert [(source, message) for _, source, message, _ in heard] == [("keyboard", KEY)]
    manager.close()


def test_a_missing_port_is_one_line(tmp_path):
    kind = WithDin(FakeKind(), str(tmp_path / "ttyAMA0"))
    assert (kind.inputs(), kind.outputs()) == ([], [])
    with pytest.raises(PortNotFound, match=r"ttyAMA0: No such file.*dialout"):
        kind.open_output(DIN)


def test_a_virtual_set_leaves_the_jacks_alone(tmp_path, wire):
    assert open_kind("virtual", tmp_path, "auto").inputs() == []
    assert open_kind("virtual", tmp_path, wire[1]).inputs() == [DIN]
    assert find_serial_port("off") == ""


def test_a_console_is_nobodys_midi(monkeypatch, tmp_path, wire):
    from lkjam_box.ports import serial_port

    active = tmp_path / "active"
    active.write_text(f"tty0 {os.path.basename(os.path.realpath(wire[1]))}\n")
    monkeypatch.setattr(serial_port, "_CONSOLE", active)
    assert not serial_port.free(wire[1])
