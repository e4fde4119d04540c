"""What the machine judges with must be right itself: the OLED at its bridge, the synth's ear."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lkjam_box.config.options import Panel
from lkjam_box.midi.messages import control_change, note_off, note_on
from lkjam_box.panel.oled import Oled
from lkjam_box.panel.picture import HEIGHT, WIDTH
from lkjam_box.play.gallery import pictures

GUEST = Path(__file__).parent / "guest"


@pytest.fixture
def guest(monkeypatch):
    """Its modules, for the length of a test."""
    monkeypatch.syspath_prepend(str(GUEST))
    before = set(sys.modules)
    yield __import__
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(GUEST) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


class I2cBus:
    """luma's serial interface, cut into the reports of the kernel's driver of the bridge."""

    def __init__(self, bridge, address: int) -> None:
        self._bridge, self._address = bridge, address

    def _transfer(self, data: bytes) -> None:
        for at in range(0, len(data), 60):
            command = 0x90 if at == 0 else 0x94
            head = (command, len(data) & 255, len(data) >> 8, self._address << 1)
            self._bridge.report((bytes(head) + data[at : at + 60]).ljust(64, b"\0"))

    def command(self, *values: int) -> None:
        self._transfer(bytes((0, *values)))

    def data(self, values: list[int]) -> None:
        self._transfer(bytes((0x40, *values)))

    def cleanup(self) -> None:
        pass


def test_the_oled_behind_the_bridge_shows_what_was_drawn(guest):
    pytest.importorskip("luma.oled", reason="luma is not installed")
    display = guest("ssd1306").Ssd1306()
    bridge = guest("oled").Bridge(display)
    oled = Oled(Panel(screen="ssd1306"), wire=I2cBus(bridge, 0x3C))
    for image in list(pictures().values())[:6]:
        oled.show(image)
        places = ((x, y) for y in range(HEIGHT) for x in range(WIDTH))
        shown = [display.ram[y // 8 * WIDTH + x] >> y % 8 & 1 for x, y in places]
        assert shown == [int(bool(dot)) for dot in image.getdata()]
    assert display.on


def test_the_bridge_refuses_addresses_where_nothing_is(guest):
    display = guest("ssd1306").Ssd1306()
    bridge = guest("oled").Bridge(display)
    before = bytes(display.ram)
    I2cBus(bridge, 0x3D).data([255] * 8)
    status = bridge.report(bytes((0x10,)).ljust(64, b"\0"))[0]
    assert bytes(display.ram) == before
    assert status[20] == 0x40  # no acknowledgement


def synth(guest, *heard):
    one = object.__new__(guest("cables").Synth)
    one.heard = list(heard)
    return one


def test_what_sounds_at_a_fault_is_followed_until_it_ends(guest):
    fault_s = 2.0
    heard = [(1.0, note_on(0, 60, 90)), (1.5, note_on(1, 64, 90)), (3.0, note_off(0, 60))]
    assert synth(guest, *heard).silent_after_s(fault_s) is None
    heard.append((4.5, note_off(1, 64)))
    assert synth(guest, *heard).silent_after_s(fault_s) == 2.5


def test_a_note_played_anew_after_the_fault_is_not_the_one_that_sounded(guest):
    heard = [(1.0, note_on(0, 60, 90)), (2.5, note_off(0, 60)), (2.6, note_on(0, 60, 90))]
    assert synth(guest, *heard).silent_after_s(2.0) == 0.5


def test_all_sound_off_ends_the_notes_of_its_channel_only(guest):
    one = synth(
        guest,
        (1.0, note_on(0, 60, 90)),
        (1.0, note_on(1, 64, 90)),
        (2.0, control_change(1, 120, 0)),
    )
    assert set(one.sounding()) == {(0, 60)}


def test_where_ticks_were_late_nothing_is_judged(guest):
    drums = object.__new__(guest("cables").Drums)
    drums._times = [n / 50 for n in range(200)]
    drums._times[100] += 0.01
    drums._count = SimpleNamespace(value=200)
    even = drums.even(0.003)
    assert 50 in even
    assert not even & set(range(76, 125))
