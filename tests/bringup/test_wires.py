"""The builder's checks: what is right passes, every usual mistake is named."""

import pytest

from lkjam_box.bringup import contact_checks, din_loop, sights, wire_check
from lkjam_box.bringup.guide import FakeGuide
from lkjam_box.cli import main
from lkjam_box.config.options import Config, Panel
from lkjam_box.panel.contacts import FakePad
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.pinmap import pins


class Bench:
    """Contacts that close when the guide asks for them; ``wired`` tells which wire closes which."""

    def __init__(self, wired=None, stuck=(), touching=()):
        self.guide = FakeGuide(meanwhile=self.meanwhile)
        self.wired, self.stuck, self.touching = wired or {}, set(stuck), set(touching)
        self.down_s = 0.0

    def meanwhile(self, now):
        self.down_s = self.down_s or now

    def closed(self):
        asked = next((line for line in reversed(self.guide.said) if line.startswith("    ")), "")
        name = next((n for n, pin in pins().items() if f"GPIO {pin.bcm})" in asked), "")
        held = 0.1 < self.guide.time_s % 25 < 0.4
        found = set(self.stuck)
        if asked and held and (name := self.wired.get(name, name)):
            found.add(name)
            if name in self.touching:
                found |= self.touching
        return found

    def close(self):
        pass


def tried(kind, **wrong):
    levels = Bench(**wrong)

    class Slowly(FakeGuide):
        def say(self, line):
            super().say(line)
            self.time_s += 25 - self.time_s % 25

    levels.guide = Slowly()
    wires = contact_checks.wanted(kind, Panel())
    return contact_checks.check(kind, levels, levels.guide, wires), levels.guide.said


@pytest.mark.parametrize(("kind", "count"), [("buttons", 6), ("feet", 4), ("knob", 3)])
def test_what_is_wired_right_passes(kind, count):
    wrong, said = tried(kind)
    assert wrong == 0
    assert sum(line.startswith("ok") for line in said) == count


def test_two_swapped_wires_are_named():
    wrong, said = tried("buttons", wired={"key": "turn", "turn": "key"})
    assert wrong == 2
    assert any("TURN (header pin 37, GPIO 26) answered instead" in line for line in said)


def test_a_wire_that_is_missing():
    wrong, said = tried("buttons", wired={"line": ""})
    assert wrong == 1
    assert any("nothing in 20 s: is header pin 13" in line for line in said)


def test_two_wires_that_touch():
    wrong, said = tried("buttons", touching={"start", "line"})
    assert wrong == 2
    assert any("answered too: two wires touch" in line for line in said)


def test_a_contact_that_is_closed_all_the_time():
    wrong, said = tried("feet", stuck={"foot_a_ring"})
    assert wrong == 1
    assert said[0].startswith("NO  FOOT A RING (header pin 33, GPIO 13) is closed")
    assert "mono plug" in said[0]


def test_lights_are_lit_one_by_one():
    pad, guide = FakePad(), FakeGuide([True, True, False])
    assert sights.check_lights(pad, guide, Panel()) == 1
    lit = [(shown.human, shown.box, shown.beat) for shown in pad.shown]
    assert [index for row in lit for index, on in enumerate(row) if on] == [0] * 3 + [1] * 3 + [
        2
    ] * 3
    assert lit[-1] == (False, False, False)
    assert guide.said[-1].startswith(
        "NO  dark: turn the light round (long leg towards header pin 18)"
    )


def test_moved_pins_are_asked_for_where_they_are():
    said = FakeGuide([True] * 3)
    sights.check_lights(FakePad(), said, Panel(pin_led_human=10))
    assert said.said[0] == "    YOU (header pin 19, GPIO 10) blinks three times"


def test_the_picture_reaches_every_edge():
    screen = FakeScreen()
    assert sights.check_screen(screen, FakeGuide([True])) == 0
    assert sights.check_screen(screen, FakeGuide([False])) == 1
    dots = screen.images[0].load()
    assert all(dots[x, 0] and dots[x, 63] for x in range(128))
    assert all(dots[0, y] and dots[127, y] for y in range(64))


class Cable:
    """A wire of 31250 baud; ``spoil`` is what becomes of the bytes on it."""

    def __init__(self, guide, spoil=lambda data: data):
        self.guide, self.spoil, self.free_s, self.on_wire = guide, spoil, 0.0, []

    def write(self, data):
        for byte in self.spoil(data):
            self.free_s = max(self.free_s, self.guide.now()) + din_loop.BYTE_S
            self.on_wire.append((self.free_s, byte))
        return len(data)

    def read(self):
        here = bytes(byte for time_s, byte in self.on_wire if time_s <= self.guide.now())
        del self.on_wire[: len(here)]
        return here


def looped(spoil=lambda data: data):
    guide = FakeGuide([True])
    code = din_loop.check(Cable(guide, spoil), guide)
    return code, guide.said[-1]


def test_a_cable_gives_every_byte_back():
    code, said = looped()
    assert code == 0
    assert said == "ok  MIDI OUT and IN: 512 bytes, 0.32 ms a byte out and in"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: b"", "NO  nothing came back"),
        (lambda data: bytes(byte ^ 0x5A for byte in data), "another rate than 31250 baud"),
        (lambda data: data if len(data) < 3 else data[:-1], "weak signal"),
        (lambda data: bytes(0xFE if byte == 0xFF else byte for byte in data), "weak signal"),
    ],
)
def test_a_bad_loop_is_told_apart(spoil, said):
    code, line = looped(spoil)
    assert code == 1
    assert said in line


def test_a_loop_that_nobody_plugged():
    guide = FakeGuide([False])
    assert din_loop.check(Cable(guide), guide) == 1


def test_all_bytes_are_tried():
    assert set(din_loop.patterns()) == set(range(256))


def test_a_running_box_keeps_its_wires(monkeypatch):
    monkeypatch.setattr(wire_check, "is_running", lambda folder: True)
    with pytest.raises(wire_check.LkjamError, match="systemctl stop lkjam-box"):
        wire_check.check_wire("leds", Config(), FakeGuide())


@pytest.mark.parametrize("wire", ["leds", "buttons", "feet"])
def test_without_pins_it_says_in_one_line_what_it_wants(wire, tmp_path, capsys, monkeypatch):
    def none(panel):
        raise OSError("no chip at all!")

    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    monkeypatch.setattr("lkjam_box.panel.gpio.open_header", none)
    assert main(["check", "--wire", wire]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "no chip at all; it wants a Raspberry Pi, lgpio or gpiod" in said[0]


def test_without_the_serial_port_it_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    path = tmp_path / "ttyAMA0"
    assert main(["check", "--wire", "midi-loop", "--set", f"ports.din={path}"]) == 2
    assert f"{path} is not there" in capsys.readouterr().err


def test_a_real_serial_port_is_read_and_written(tmp_path):
    import os
    import threading
    import tty

    ours, theirs = os.openpty()
    tty.setraw(ours)

    def echo():
        try:
            while data := os.read(ours, 512):
                os.write(ours, data)
        except OSError:  # the other end is closed
            pass

    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    from lkjam_box.bringup.guide import Terminal

    guide = Terminal()
    guide.ask = lambda question: True
    with wire_check.Bytes(os.ttyname(theirs)) as serial:
        assert din_loop.run(serial, guide).good
    os.close(theirs)
    os.close(ours)
