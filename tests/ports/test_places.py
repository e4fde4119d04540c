"""Sockets and plugs, on a tree of our own that looks like sysfs."""

import os

import pytest

from lkjam_box.ports.announce import concerns
from lkjam_box.ports.names import brief, choose, label, matches, path_of, placed, plain, short
from lkjam_box.ports.places import Places, card_of

KEYS = "KeyStep:KeyStep MIDI 1 20:0"
BRIDGED = "a2j:KeyStep [20] (capture): KeyStep MIDI 1"


class Sysfs:
    """Cards are never made twice under one inode number, as in the kernel."""

    def __init__(self, root):
        self.root, self.sound, self.old = root, root / "sys/class/sound", 0
        self.sound.mkdir(parents=True)

    def plug(self, card, interface):
        device = self.root / "sys/devices" / interface
        device.mkdir(parents=True, exist_ok=True)
        (self.sound / f"card{card}").mkdir()
        (self.sound / f"card{card}/device").symlink_to(device)

    def unplug(self, card):
        self.old += 1
        os.rename(self.sound / f"card{card}", self.root / f"old{self.old}")


@pytest.mark.parametrize(
    ("name", "card"),
    [
        (KEYS, 1),
        (BRIDGED, 1),
        ("X:X MIDI 2 31:1", 3),
        ("X:X MIDI 1 16:0", 0),
        ("Midi Through:Midi Through Port-0 14:0", None),
        ("a program:out 128:0", None),
        ("virtual keyboard", None),
    ],
)
def test_the_card_behind_a_client(name, card):
    assert card_of(name) == card


@pytest.mark.parametrize(
    ("interface", "path"), [("1-1.2:1.0", "1-1.2"), ("3-2:1.1", "3-2"), ("pci0000", "")]
)
def test_the_socket_is_found(tmp_path, interface, path):
    sysfs = Sysfs(tmp_path)
    sysfs.plug(1, interface)
    name = Places(tmp_path).find(KEYS)
    assert path_of(name) == path
    assert (plain(name), short(name), brief(name)) == (plain(KEYS), "KeyStep MIDI 1", "KeyStep")


def test_another_plug_has_another_name_though_all_else_is_the_same(tmp_path):
    sysfs, places = Sysfs(tmp_path), Places(tmp_path)
    sysfs.plug(1, "1-1.2:1.0")
    first = places.find(KEYS)
    assert places.find(KEYS) == first
    sysfs.unplug(1)
    assert places.find(KEYS) == KEYS  # gone since the list was made
    sysfs.plug(1, "1-1.2:1.0")
    again = places.find(KEYS)
    assert again != first
    assert label(again) == label(first) == "KeyStep:KeyStep MIDI 1@1-1.2"


def test_without_sysfs_a_name_stays_as_it_is(tmp_path):
    assert Places(tmp_path).find(KEYS) == KEYS


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*keystep*@1-1.2", True),
        ("*@1-1.2", True),
        ("*@1-1.*", True),
        ("*keystep*", True),
        ("KeyStep:KeyStep MIDI 1", True),
        ("*20:0", True),
        ("*@1-1.3", False),
        ("*@1-1", False),
        ("*#*", False),
    ],
)
def test_a_pattern_may_ask_for_the_socket(pattern, fits):
    assert matches(placed(KEYS, "1-1.2", 7), pattern) is fits


def test_twins_are_told_apart_by_their_sockets():
    left, right = placed(KEYS, "1-1.2", 7), placed("KeyStep:KeyStep MIDI 1 24:0", "1-1.3", 8)
    for present in ([left, right], [right, left]):
        assert choose(present, ("*@1-1.3", "*keystep*"), ()) == [right, left]


def test_only_events_of_sound_cards_concern_us():
    assert concerns(b"remove@/devices/x/sound/card1\0ACTION=remove\0SUBSYSTEM=sound\0")
    assert concerns(b"add@/x\0SUBSYSTEM=snd_seq")
    assert not concerns(b"add@/x\0SUBSYSTEM=soundwire\0DEVPATH=SUBSYSTEM=sound/x\0")
    assert not concerns(b"")
