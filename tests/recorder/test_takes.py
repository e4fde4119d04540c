"""The folder of recordings: bounded, safe against power cuts, and never in the way."""

import errno
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.recorder import journal
from lkjam_box.recorder.journal import Began, Ended, Message, Tempo, Turned
from lkjam_box.recorder.take_file import midi_file
from lkjam_box.recorder.takes import SYNC_S, Takes, listed
from lkjam_box.state.disk import FakeDisk, PowerCut

from .gigs import notes_of, parsed


def a_set(notes=3, title="Blues in F#"):
    """The entries of a set."""
    turned = Turned(0.0, 0, 0, title, 4, 4, ((0.0, "F#7"),))
    played = []
    for note in range(notes):
        played.append(Message(note + 0.0, 0, 0x90, 60 + note % 40, 1 + note % 100))
        played.append(Message(note + 0.5, 0, 0x80, 60 + note % 40, 0))
    return [Began(0.0, 0.0), Tempo(0.0, 120.0), turned, *played, Ended(notes + 1.0)]


def takes_on(disk, boot=42, keep_bytes=10**6, keep_sets=100):
    takes = Takes(disk, boot, keep_bytes, keep_sets)
    takes.recover()
    return takes


def notes_in(data):
    return notes_of(parsed(data)["human"])


def test_a_set_becomes_a_file_that_tells_start_set_and_tune_and_no_date():
    disk = FakeDisk()
    takes = takes_on(disk)
    takes.write(a_set())
    takes.write(a_set(title="Só danço samba"))
    assert sorted(disk.sizes()) == ["0042-01-blues-in-fs.mid", "0042-02-s-dan-o-samba.mid"]
    assert disk.read("0042-01-blues-in-fs.mid") == midi_file(a_set())


@pytest.mark.parametrize("boot", [0, 1, 41])
def test_once_the_count_of_starts_is_lost_the_oldest_still_go_first(boot):
    disk = FakeDisk()
    for night in (40, 41, 42):
        takes_on(disk, night, keep_sets=4).write(a_set())
    tonight = takes_on(disk, boot, keep_sets=4)
    for _ in range(3):
        tonight.write(a_set())
    names = [name for name, _ in listed(disk)]
    assert names == [f"00{place}-blues-in-fs.mid" for place in ("42-01", "43-01", "43-02", "43-03")]
    assert takes_on(disk, tonight.boot + 1).boot == 44  # the next night


@pytest.mark.parametrize("boot", [1, 42])
def test_a_recorder_killed_in_mid_set_goes_on_with_a_count_told_by_the_takes(boot):
    disk = FakeDisk()
    takes_on(disk, 41).write(a_set())
    killed = takes_on(disk, boot)
    killed.write(a_set()[:-2])
    again = takes_on(disk, killed.boot)  # as the process remembers it
    assert again.running
    again.write(a_set()[-2:])
    assert [name[:7] for name, _ in listed(disk)] == ["0041-01", "0042-01"]
    assert disk.read(listed(disk)[-1][0]) == midi_file(a_set())


def test_a_set_without_a_note_leaves_nothing():
    disk = FakeDisk()
    takes = takes_on(disk)
    takes.write(a_set(notes=0))
    assert disk.sizes() == {}
    assert disk.writes == 0


def test_a_note_before_the_first_turn_is_in_the_file():
    disk = FakeDisk()
    entries = a_set()
    entries[2], entries[3] = entries[3], entries[2]
    takes_on(disk).write(entries)
    assert len(notes_in(disk.read("0042-01-blues-in-fs.mid"))) == 3


def test_a_set_that_begins_ends_the_one_before():
    disk = FakeDisk()
    takes = takes_on(disk)
    takes.write(a_set()[:-1])
    takes.write(a_set())
    assert len(disk.sizes()) == 2


def test_every_cut_of_a_recording_leaves_a_valid_beginning():
    """Power goes at every step; what was synced two seconds before is never lost."""
    entries = a_set(notes=8)
    whole = notes_in(midi_file(entries))
    steps, done = 0, False
    while not done:
        disk, synced = FakeDisk(), 0
        disk.power = steps
        takes = Takes(disk, 1, 10**6, 9)
        try:
            for number, entry in enumerate(entries):
                takes.write([entry])
                takes.tend(number * (SYNC_S + 0.1))
                synced = (number - 3) // 2 + 1 if number >= 3 else 0
            done = True
        except PowerCut:
            pass
        for choose in ((lambda n: 0), (lambda n: n - 1), random.Random(steps).randrange):
            after = disk.restarted(choose)
            takes_on(after, boot=2)
            (data,) = [after.read(n) for n in after.sizes()] or [b""]
            assert all(name.endswith(".mid") for name in after.sizes())
            found = notes_in(data) if data else []
            assert [n[:3] for n in found] == [n[:3] for n in whole[: len(found)]]
            assert len(found) >= min(synced, len(whole))
        steps += 1
    assert found == whole
    assert steps > 300


def test_every_cut_of_the_recovery_itself():
    part = FakeDisk()
    takes = Takes(part, 1, 10**6, 9)
    takes.write(a_set(notes=6)[:-1])
    takes.tend(9)
    whole = midi_file(a_set(notes=6)[:-1])
    steps, done = 0, False
    while not done:
        disk = part.restarted(lambda n: n - 1)
        disk.power = steps
        try:
            takes_on(disk, boot=2)
            done = True
        except PowerCut:
            pass
        after = disk.restarted(random.Random(steps).randrange)
        takes_on(after, boot=3)
        assert {name: after.read(name) for name in after.sizes()} == {
            "0001-01-blues-in-fs.mid": whole
        }
        steps += 1


def test_a_recorder_that_was_killed_goes_on_in_the_same_recording():
    disk, entries = FakeDisk(), a_set(notes=6)
    for cut in range(1, len(entries)):
        disk = FakeDisk()
        takes_on(disk).write(entries[:cut])
        before = bool(disk.sizes())
        takes = takes_on(disk)
        assert takes.running == before
        takes.write(entries[cut:] if before else [])
        if before:
            assert {n: disk.read(n) for n in disk.sizes()} == {
                "0042-01-blues-in-fs.mid": midi_file(entries)
            }


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_stops_the_recording_with_one_line(number):
    disk = FakeDisk()
    takes = takes_on(disk)
    takes.write(a_set()[:5])
    disk.refuses = number
    for entry in a_set()[5:]:
        takes.write([entry])
        takes.tend(99)
    assert takes.fault.startswith("not recorded: ")
    assert "\n" not in takes.fault
    assert not takes.running
    disk.refuses = 0
    takes.write(a_set())
    assert takes.fault == ""
    assert any(name.startswith("0042-02") for name in disk.sizes())
    assert len(listed(takes_on(disk, boot=43)._disk)) == 2  # the cut one is finished then


@given(st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_a_disk_that_fills_up_anywhere_never_raises(room):
    disk = FakeDisk()
    disk.room = room
    takes = takes_on(disk)
    for _ in range(3):
        for entry in a_set(notes=9):
            takes.write([entry])
    disk.room = None
    takes_on(disk, boot=43)
    for name in disk.sizes():
        notes_in(disk.read(name))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 60), max_size=25),
    st.integers(1, 6),
    st.integers(6_000, 30_000),
)
def test_the_folder_stays_within_its_bounds_and_strangers_are_left_alone(sets, keep_sets, keep):
    disk = FakeDisk()
    disk.append("my own.mid", b"x" * 5000)
    disk.append("0001-notes.txt", b"x" * 5000)
    for boot, notes in enumerate(sets):
        takes = takes_on(disk, boot, keep, keep_sets)
        for entry in a_set(notes):
            takes.write([entry])
            ours = {n: size for n, size in disk.sizes().items() if re.match(r"\d{4}-\d\d-", n)}
            assert sum(ours.values()) <= keep
            assert len(ours) <= keep_sets + 1  # the one that is being played
        assert len(listed(disk)) <= keep_sets
    assert disk.sizes()["my own.mid"] == disk.sizes()["0001-notes.txt"] == 5000
    boots = [int(name[:4]) for name, _ in listed(disk)]
    played = [boot for boot, notes in enumerate(sets) if notes]
    assert boots == played[len(played) - len(boots) :]  # the newest


def test_a_set_too_long_for_the_folder_is_kept_up_to_there():
    disk = FakeDisk()
    takes = takes_on(disk, keep_bytes=6_000)
    for entry in a_set(notes=500):
        takes.write([entry])
    assert "keep_mb" in takes.fault
    takes_on(disk, boot=43, keep_bytes=6_000)
    ((_, size),) = listed(disk)
    assert 0 < size <= 6_000


def test_a_torn_file_beside_its_journal_is_not_listed():
    disk = FakeDisk()
    disk.append("0001-01-x.mid", b"torn")
    disk.append("0001-01-x.part", journal.MAGIC)
    assert listed(disk) == []
