"""Records and the snapshot survive the wire; rubbish does not pass."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.protocol import records
from lkjam_box.protocol.measures import SIZE
from lkjam_box.protocol.shared_state import SharedState, Snapshot

TURN = records.Turn(9, -1, 2, 3, -5, 1, 4.0, 20.0, 4.0, 119.5)
ALL = [
    records.TurnBegan(TURN),
    records.Prepare(TURN),
    records.Heard(1, 2, 60, 90, 4.25, 3),
    records.Withdrawn(1, 2),
    records.Released(1, 2, 4.5),
    records.Playing(1, 2, 3),
    records.Forget(0),
    records.ControlSetting(1, records.ControlId.TOP_P, 0.5, relative=True),
    records.AnswerNote(1, 2, 3, 4, records.EngineId.GRU, 60, 90, 4.0, 0.5),
    records.AnswerEnd(1, 2, 3, 4, records.EngineId.MARKOV, 0.7),
    records.BrainReady(records.EngineId.GRU, 1),
    records.Command(records.CommandId.PANIC, 0.0),
    records.SetBegan(0.0),
    records.SetEnded(64.5),
    records.Paced(4.0, 119.75),
    records.Sounded(4.25, records.Part.BOX, 0x90, 60, 90),
    records.Setting(records.SettingId.LISTEN_LOW, 48.0),
    records.RoleSetting(300, -1),
]


@pytest.mark.parametrize("record", ALL, ids=lambda record: type(record).__name__)
def test_every_record_comes_back(record):
    data = records.pack(record)
    assert len(data) == records.SIZE
    assert records.unpack(data) == record


def test_every_kind_is_tested():
    assert {type(record) for record in ALL} == set(records._KIND)


@given(st.binary(max_size=80))
def test_rubbish_is_none_or_a_record(data):
    record = records.unpack(data)
    assert record is None or type(record) in records._KIND


def test_a_snapshot_comes_back(tmp_path):
    shared_state = SharedState.create(tmp_path / "shared-state")
    reader = SharedState.open(tmp_path / "shared-state")
    assert reader.read() is None
    shown = Snapshot(chord="E♭Δ7", bpm=120.5, recent=(60, 188))
    shared_state.write(shown)
    seen = reader.read()
    assert (seen.chord, seen.bpm, seen.recent[:2]) == ("E♭Δ7", 120.5, (60, 188))


def test_texts_that_would_not_fit_are_cut_and_the_rest_is_whole(tmp_path):
    shown = Snapshot(title="♭" * 9000, message="x" * 50, choices="{}", turns=3)
    with SharedState.create(tmp_path / "shared-state") as shared_state:
        shared_state.write(shown)
        seen = SharedState.look(tmp_path / "shared-state")
    assert (seen.title, seen.message, seen.turns) == ("♭" * 96, "x" * 50, 3)
    assert seen.choices == ""  # half of them would be others


def test_what_did_not_change_is_not_read_again(tmp_path):
    shared_state = SharedState.create(tmp_path / "shared-state")
    reader = SharedState.open(tmp_path / "shared-state")
    shown = Snapshot(time_s=1.0, chord="C7")
    shared_state.write(shown)
    first = reader.read()
    shown.time_s = 2.0
    shared_state.write(shown)
    assert reader.read() is first  # but it is not stale
    assert first.time_s == 2.0
    shown.beat = 0.5
    shared_state.write(shown)
    assert (first.beat, reader.read().beat) == (0.0, 0.5)
    assert reader.read().measures == b""
    assert len(reader.read(measured=True).measures) == SIZE


def test_a_block_of_another_version_is_refused_and_begun_anew(tmp_path):
    path = tmp_path / "shared-state"
    with SharedState.create(path) as shared_state:
        shared_state.write(Snapshot(turns=3))
        shared_state.measures()[0] = 7
        shared_state._numbers[1] += 1
    assert SharedState.look(path) is None
    with SharedState.create(path) as shared_state:
        assert shared_state.read() is None
        assert bytes(shared_state.measures()) == bytes(SIZE)


@pytest.mark.parametrize("ends", [True, False])
def test_a_snapshot_written_while_it_is_copied_is_not_read(tmp_path, ends):
    """The writer begins, and perhaps ends, after the reader looked at the number of writes."""
    writer = SharedState.create(tmp_path / "shared-state")
    writer.write(Snapshot(title="before"))
    reader = SharedState.open(tmp_path / "shared-state")
    number = count()

    class Block:
        def __getitem__(self, part):
            writer.write(Snapshot(title=f"during {next(number)}"))
            writer._numbers[0] -= not ends
            return block[part]

    block, reader._block = reader._block, Block()
    assert reader.read(tries=5) is None
    writer.write(Snapshot(title="after"))
    reader._block = block
    assert reader.read().title == "after"


def test_a_torn_block_is_not_read(tmp_path):
    shared_state = SharedState.create(tmp_path / "shared-state")
    shared_state.write(Snapshot())
    shared_state._block[0] = shared_state._block[0] + 1
    assert SharedState.open(tmp_path / "shared-state").read(tries=3) is None


@given(st.binary(max_size=200))
def test_a_block_of_rubbish_is_no_snapshot(data):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shared-state"
        with SharedState.create(path) as shared_state:
            shared_state.write(Snapshot())
            shared_state._block[8 : 8 + len(data)] = data  # length and what follows it
            seen = SharedState.look(path)
        assert seen is None or isinstance(seen, Snapshot)
