"""Which ports are one device, and what a device is for."""

import pytest

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import START, STOP, TICK, note_off, note_on, real_time
from lkjam_box.ports.device_list import AUTO, DeviceList
from lkjam_box.ports.devices import CLOCK, DROPPED, KEYS, PATTERN, Plugged
from lkjam_box.ports.names import beside_the_keys, client, device_key, placed
from lkjam_box.protocol.choices import Device, Role

PIANO = "FP-30X:FP-30X MIDI 1 20:0"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (PIANO, PIANO),  # in and out
        ("Launchkey MK3 49:Launchkey MK3 49 MIDI 24:0", "Launchkey MK3 49:LKMK3 DAW 24:1"),
        ("a2j:KEYSTEP [20] (capture): KEYSTEP MIDI 1", "a2j:KEYSTEP [20] (playback): KEYSTEP 2"),
        (placed("KORG:KORG MIDI 1 20:0", "1-1.2", 7), placed("KORG B:B MIDI 1 24:0", "1-1.2", 8)),
        ("Reaper:out 1", "Reaper:in 1"),
    ],
)
def test_ports_of_one_device(first, second):
    assert device_key(first) == device_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (PIANO, "FP-30X:FP-30X MIDI 1 28:0"),  # twins
        (placed(PIANO, "1-1.1", 3), placed(PIANO, "1-1.2", 4)),
        ("Demo keyboard", "Demo synth"),
    ],
)
def test_ports_of_two(first, second):
    assert device_key(first) != device_key(second)


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("Launchkey MK3 49:Launchkey MK3 49 LKMK3 DAW 20:1", True),
        ("Launchkey MK2 49:Launchkey MK2 49 InControl 20:1", True),
        ("KeyLab mkII 61:KeyLab mkII 61 MIDI 20:0", False),
        ("Oxygen Pro 49:Oxygen Pro 49 Mackie/HUI 20:2", True),
        ("nanoKONTROL2:nanoKONTROL2 _ CTRL 24:0", True),
        ("rtpmidid:Announcements 128:0", True),
        ("S49:MIDI 2.0 20:0", True),
        ("S49:Group 1 (Main) 20:1", False),
        ("DAW:DAW MIDI 1 20:0", False),  # a device of that name
        ("DAW", False),
        ("Control Freak:Control Freak MIDI 1 20:0", False),
        ("HUIZINGA:HUIZINGA MIDI 1 20:0", False),
    ],
)
def test_control_ports_and_endpoints(name, beside):
    assert beside_the_keys(name) is beside


def test_a_bridge_hides_the_name():
    assert client("a2j:KEYSTEP [20] (capture): KEYSTEP MIDI 1") == "KEYSTEP"


def start(device: Plugged, time_s: float = 1.0, port: str = "p") -> None:
    device.heard(time_s, port, real_time(START))
    device.heard(time_s, port, real_time(TICK))


def test_a_key_that_sends_start_but_no_ticks_stays_a_keyboard():
    keys = Plugged("keys", "keys", outputs=1)
    keys.heard(1.0, "p", real_time(START))
    assert keys.heard(1.2, "p", note_on(0, 60, 90)) == KEYS
    assert keys.roles == Role.PLAYER | Role.SYNTH


@pytest.mark.parametrize("channel", [0, 9])
def test_only_a_clock_gets_no_notes_until_melodies_are_played_on_it(channel):
    box = Plugged("box", "box", outputs=1)
    assert box.takes_notes  # unknown: it may be a synth
    start(box)
    assert box.roles == Role.CLOCK
    assert box.heard(1.0, "p", note_on(0, 40, 90)) == DROPPED
    box.heard(2.0, "p", real_time(STOP))
    for pitch in (60, 62, 64, 65):
        assert box.heard(2.0, "p", note_on(channel, pitch, 90)) == KEYS
    assert box.takes_notes is (channel != 9)  # pads are no synth
    start(box, 3.0)
    assert box.heard(3.0, "p", note_on(0, 67, 90)) == PATTERN


def test_what_it_is_told_wins():
    box = Plugged("box", "box", outputs=1, told=Role.CLOCK | Role.PLAYER)
    start(box)
    assert box.heard(1.0, "p", note_on(0, 40, 90)) == KEYS
    assert not box.takes_notes
    box.told = Role.NONE
    assert box.heard(1.1, "p", note_on(0, 41, 90)) == DROPPED
    assert box.heard(1.1, "p", real_time(TICK)) == DROPPED


def test_two_ports_are_one_keyboard_and_one_clock():
    box = Plugged("box", "box")
    heard = [box.heard(1.0, port, real_time(TICK)) for port in "ab"]
    assert heard == [CLOCK, DROPPED]
    heard = [box.heard(1.1, port, note_on(0, 60, 90)) for port in "ab"]
    heard += [box.heard(1.2, port, note_off(0, 60)) for port in "ab"]
    assert heard == [KEYS, DROPPED, KEYS, DROPPED]
    assert box.heard(9.0, "b", real_time(TICK)) == CLOCK  # the first port is silent


def test_behind_an_interface_hands_and_a_pattern_share_a_jack():
    jack = Plugged("DIN", "DIN", is_interface=True)
    jack.heard(0.5, "DIN", note_on(0, 60, 90))
    start(jack)
    assert jack.heard(1.0, "DIN", note_on(0, 62, 90)) == KEYS
    assert jack.heard(1.0, "DIN", note_on(9, 36, 90)) == DROPPED
    assert jack.heard(1.0, "DIN", note_on(4, 36, 90)) == DROPPED


@pytest.mark.parametrize("name", ["DIN", "UM-ONE:UM-ONE MIDI 1 20:0"])
def test_a_drum_machine_at_midi_in_does_not_silence_the_synth_at_midi_out(name):
    devices = DeviceList((), Ports().interfaces)
    devices.of("KeyStep:KeyStep MIDI 1 24:0", output=True)
    jack = devices.of(name, output=True)
    start(jack)
    assert jack.takes_notes
    assert Role.CLOCK in jack.roles


def test_roles_are_remembered_by_socket_then_by_name():
    known = (
        Device("clock", "TR-8S MIDI 1", "1-1.1"),  # as an older box wrote it
        Device("player+synth", "FP-30X", "1-1.2", told=True),
    )
    devices = DeviceList(known, ())
    drums = devices.of(placed("TR-8S:TR-8S MIDI 1 24:0", "1-1.1", 5), output=False)
    assert drums.roles == Role.CLOCK
    piano = devices.of(placed(PIANO, "1-1.4", 6), output=True)
    assert piano.told == Role.PLAYER | Role.SYNTH
    assert devices.remembered()[1].told
    assert devices.tell(piano.number, AUTO) is piano
    assert piano.told is None
    assert devices.tell(99, 1) is None


def test_what_was_told_is_forgotten_once_it_is_automatic_again():
    devices = DeviceList((Device("none", "FP-30X", "", told=True),), ())
    piano = devices.of(PIANO, output=False)
    assert devices.remembered()[0].told
    devices.tell(piano.number, AUTO)
    kept = devices.remembered()
    assert DeviceList(kept, ()).of(PIANO, output=False).told is None


def test_a_device_keeps_its_number_when_it_comes_back():
    devices = DeviceList((), ())
    number = devices.of(PIANO, output=False).number
    devices.of("Other:1 24:0", output=False)
    devices.left(PIANO, output=False)
    assert [name for _, name, _, _ in devices.shown()] == ["Other"]
    assert devices.of(PIANO, output=False).number == number


def test_jacks_of_an_interface_are_devices_of_their_own():
    devices = DeviceList((), ("*MIDISPORT*",))
    first = devices.of("MIDISPORT 2x2:MIDISPORT 2x2 MIDI 1 20:0", output=False)
    second = devices.of("MIDISPORT 2x2:MIDISPORT 2x2 MIDI 2 20:1", output=False)
    assert first is not second
    assert first.is_interface
