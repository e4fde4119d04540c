"""Cut the power at every byte of every write: what is read is the last state or the one before."""

import errno
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.protocol.choices import Choices, Device
from lkjam_box.state.disk import FakeDisk, Folder, PowerCut
from lkjam_box.state.remembered import State
from lkjam_box.state.slots import BLOCK, NAMES, Slots, decode, encode


def nth(number: int) -> State:
    """States of different lengths, every fourth longer than a block; 0 is none."""
    if not number:
        return State()
    many = 100 if number % 4 == 0 else number
    devices = tuple(Device("keyboard", f"key {i}", f"1-{i}") for i in range(many))
    return State(boots=number, choices=Choices(progression="x" * number), devices=devices)


def newest(count: int) -> int:
    """Of what can be found after a cut: all that was written."""
    return count - 1


def cut(disk: FakeDisk, power: int, numbers: range) -> int:
    """Save states until the power goes after so many steps; the last one whose save came back."""
    slots, saved, disk.power = Slots(disk), numbers.start - 1, power
    try:
        for each in numbers:
            slots.save(nth(each))
            saved = each
    except PowerCut:
        pass
    return saved


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_every_cut_of_every_write(number):
    """The fourth is longer than a block, the first and second make their files."""
    before = FakeDisk()
    cut(before, 10**9, range(1, number))
    steps, done = 0, False
    while not done:
        disk = before.restarted(newest)
        done = cut(disk, steps, range(number, number + 1)) == number
        for choose in ((lambda n: 0), (newest, random.Random(steps).randrange)[steps % 2]):
            found = Slots(disk.restarted(choose)).state
            assert found in ((nth(number),) if done else (nth(number - 1), nth(number)))
        steps += 1
    assert steps >= len(encode(nth(number), 1))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(0, 6 * BLOCK), min_size=2, max_size=6), st.randoms(use_true_random=False)
)
def test_cuts_after_cuts(powers, chance):
    disk, found = FakeDisk(), 0
    for power in powers:
        saved = cut(disk, power, range(found + 1, found + 5))
        disk = disk.restarted(chance.randrange)
        state = Slots(disk).state
        assert state in (nth(saved), nth(saved + 1))
        found = state.boots


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, BLOCK * 8))
def test_no_flipped_bit_and_no_rubbish_is_taken(rubbish, bit):
    assert decode(rubbish) is None
    data = bytearray(encode(nth(3), 7))
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    found = decode(bytes(data))
    assert found is None or found.state == nth(3)  # a bit of the padding


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_refuses_keeps_what_it_has_and_may_recover(number):
    disk = FakeDisk()
    slots = Slots(disk)
    slots.save(nth(1))
    disk.refuses = number
    for _ in range(3):
        with pytest.raises(OSError, match=r".+"):
            slots.save(nth(2))
    assert slots.state == nth(1)
    assert Slots(disk).state == nth(1)
    disk.refuses = 0
    slots.save(nth(2))
    assert Slots(disk).state == nth(2)


@pytest.mark.parametrize("room", [0, 1, 50, 100])
def test_a_disk_that_fills_up_in_the_middle_of_a_write(room):
    disk = FakeDisk()
    slots = Slots(disk)
    slots.save(nth(1))
    disk.room = room
    with pytest.raises(OSError, match="space"):
        slots.save(nth(2))
    assert Slots(disk.restarted(lambda n: n - 1)).state == nth(1)


def rewrite(data: bytes, version: int, payload: bytes) -> bytes:
    import struct
    import zlib

    head = struct.pack("<4sHxxQI", data[:4], version, 9, len(payload))
    return head + struct.pack("<I", zlib.crc32(head + payload)) + payload


def test_fields_of_a_newer_box_are_left_aside():
    payload = msgspec.json.encode({"boots": 4, "moods": ["blue"], "choices": {"swing": 0.6}})
    assert decode(rewrite(encode(nth(1), 1), 1, payload)).state == State(boots=4)


def test_a_newer_format_is_not_read_but_outdone():
    disk = FakeDisk()
    Slots(disk).save(nth(1))
    disk.write(NAMES[1], rewrite(encode(nth(1), 1), 2, b"?"))
    slots = Slots(disk)
    assert slots.state == nth(1)
    slots.save(nth(2))
    again = Slots(disk)
    assert again.state == nth(2)
    assert decode(disk.read(NAMES[1])).sequence == 10  # newer than the newer box's, too


def test_a_slot_of_another_shape_is_nothing():
    payload = msgspec.json.encode({"boots": "many"})
    assert decode(rewrite(encode(nth(1), 1), 1, payload)).state is None


def test_on_a_real_folder_nothing_but_two_files_is_made(tmp_path):
    disk = Folder(tmp_path / "state")
    slots = Slots(disk)
    for number in range(1, 6):
        slots.save(nth(number))
    assert Slots(disk).state == nth(5)
    assert sorted(disk.sizes()) == sorted(NAMES)
    assert Slots(Folder(tmp_path / "none")).state == State()
