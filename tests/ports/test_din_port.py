"""The DIN jacks, over a pseudo-terminal: the kernel's own line, without the wire."""

import os
import select
import termios
import time
import tty
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.options import Ports
from lkjam_box.errors import PortNotFound
from lkjam_box.midi.din_parser import DinParser
from lkjam_box.midi.messages import (
    PITCH_BEND,
    PRESSURE,
    PROGRAM,
    TICK,
    control_change,
    note_off,
    note_on,
    real_time,
    song_position,
    voice,
)
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


def test_every_message_goes_out_whole(wire):
    ours, path = wire
    port = WithDin(FakeKind(), path).open_output(DIN)
    sent = [control_change(0, low, low + 1) for low in range(0, 128, 2)]
    sent += [voice(PROGRAM, 1, 7), voice(PRESSURE, 1, 9), real_time(TICK), song_position(300)]
    for message in sent:
        port.send(message)
    came = DinParser().feed(read(ours, 200))
    assert sorted(came) == sorted(map(bytes, sent))
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


def test_a_flood_ends_with_the_last_of_everything_and_no_note_lost(wire):
    ours, path = wire
    port = WithDin(FakeKind(), path).open_output(DIN)
    sent = []
    for value in range(128):  # six strings bend, breath and pedal move, a scale is played
        sent += [voice(PITCH_BEND, string, 0, value) for string in range(6)]
        sent += [control_change(0, 2, value), control_change(0, 64, value)]
        sent += [note_on(0, value, 64), note_off(0, value)] if value % 8 == 0 else []
    for message in sent:
        port.send(message)
    port.close()
    came = DinParser().feed(read(ours, 100_000, 0.3))
    assert len(came) < len(sent) / 4, "values that would be stale were sent all the same"
    assert [m for m in came if m[0] in (0x90, 0x80)] == [m for m in sent if m[0] in (0x90, 0x80)]
    for what in (*((0xE0 + n,) for n in range(6)), (0xB0, 2), (0xB0, 64)):
        last = [[m for m in side if bytes(m).startswith(bytes(what))][-1] for side in (came, sent)]
        assert last[0] == last[1]


def test_the_kernel_holds_no_more_than_a_note_can_wait_for(wire, monkeypatch):
    ours, path = wire
    port = WithDin(FakeKind(), path).open_output(DIN)
    now_s = time.monotonic()
    monkeypatch.setattr(
        din_port, "time", SimpleNamespace(monotonic=lambda: now_s, sleep=lambda s: time.sleep(0.01))
    )  # no time passes
    for number in range(102, 112):
        port.send(control_change(3, number, 1))
    port.send(note_on(0, 60, 100))
    port.send(note_on(0, 64, 100))
    assert read(ours, 100, 0.2) == bytes((0xB3, 102, 1)) + note_on(0, 60, 100).data
    monkeypatch.undo()
    assert read(ours, 3) == note_on(0, 64, 100)
    port.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_messages_stay_whole_however_little_the_kernel_takes(rooms):
    taken, rooms = b"", [*rooms, 1]

    def write(fd, data):
        nonlocal taken
        rooms.append(rooms.pop(0))
        if not rooms[-1]:
            raise BlockingIOError
        taken += data[: rooms[-1]]
        return min(rooms[-1], len(data))

    ours, theirs = os.openpty()
    port = DinOutput(theirs, write)
    sent = [note_on(0, n, 64) for n in range(len(rooms))]
    for message in sent:
        port.send(message)
    port.close()
    os.close(ours)
    assert taken == b"".join(map(bytes, sent))


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
    os.write(ours, KEY.data)
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
