import copy
import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.errors import FileError
from lkjam_box.lab.training import corpus

DATA = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not beside us")

RECORD = {
    "id": "x",
    "title": "t",
    "key": "C-maj",
    "period": 4,
    "tempo": 120.0,
    "split": "train",
    "beat_sec": [i * 0.5 for i in range(16)],
    "meters": [[0, 4]],
    "downbeats": [2, 6, 10, 14],
    "chords": [[2, "C7"], [6, "F-7"], [10, "NC"]],
    "notes": [
        [1.52, 60, 0.4, 60.0, 1, 1.5, 0],
        [2.01, 64, 2.0, 70.0, 1, 2.0, 0],
        [2.5, 67, 0.5, None, 1, 2.5, 0],
        [5.95, 68, 0.5, 80.0, 2, 6.0, 0],
        [10.0, 70, 0.5, 65.0, 2, 10.0, 0],
    ],
}


def _file(tmp_path, *records):
    path = tmp_path / "solos.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in records))
    return path


def test_a_solo_keeps_its_time_and_lies_on_its_bars(tmp_path):
    (solo,) = corpus.load(_file(tmp_path, RECORD))
    assert [n.onset_beats for n in solo.notes] == [1.52, 2.01, 2.5, 5.95, 10.0]
    assert solo.notes[1].end_beats == 2.5  # cut where the next begins
    assert solo.harmony.bar_place(2.0) == 0
    assert solo.harmony.bar_place(1.5) == 3.5
    assert solo.harmony.chord_at(1.5).silent
    assert [solo.harmony.chord_at(b).symbol for b in (2, 5.9, 6, 9)] == ["C7", "C7", "F-7", "F-7"]
    assert solo.harmony.chord_at(12).silent


def test_loudness_becomes_velocity_within_the_solo(tmp_path):
    (solo,) = corpus.load(_file(tmp_path, RECORD))
    a, b, missing, loud, _ = (n.velocity for n in solo.notes)
    assert a < b < loud
    assert missing == 80


@pytest.mark.parametrize(
    "change", [{"period": 3}, {"meters": [[0, 4], [8, 3]]}, {"chords": [[0, "NC"]]}]
)
def test_what_is_not_usable_is_left_out(tmp_path, change):
    path = _file(tmp_path, RECORD, {**RECORD, **change})
    assert len(corpus.load(path)) == 1


def test_bad_files_are_named_with_their_line(tmp_path):
    path = tmp_path / "solos.jsonl"
    path.write_text(json.dumps(RECORD) + "\nnonsense\n")
    with pytest.raises(FileError, match=r"solos\.jsonl:2: not a JSON record"):
        corpus.load(path)
    with pytest.raises(FileError, match="cannot read the corpus"):
        corpus.load(tmp_path / "none.jsonl.gz")
    with pytest.raises(FileError, match="no usable"):
        corpus.load(_file(tmp_path, {**RECORD, "period": 3}))


def test_a_record_without_its_fields_and_a_cut_file_are_one_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(FileError, match=r"a\.jsonl:1: .*period"):
        corpus.load(tmp_path / "a.jsonl")
    whole = gzip.compress(b'{"id": "x"}\n' * 500)
    (tmp_path / "b.jsonl.gz").write_bytes(whole[:-12])
    with pytest.raises(FileError, match=r"b\.jsonl\.gz"):
        corpus.load(tmp_path / "b.jsonl.gz")


def test_a_chord_that_is_none_and_damaged_bytes_are_named(tmp_path):
    bad = {**RECORD, "chords": [[2, "C7"], [6, "H9"]]}
    with pytest.raises(FileError, match=r"solos\.jsonl:2: chord: found 'H9'"):
        corpus.load(_file(tmp_path, RECORD, bad))
    (tmp_path / "c.jsonl").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(FileError, match=r"c\.jsonl: cannot read"):
        corpus.load(tmp_path / "c.jsonl")
    damaged = bytearray(gzip.compress(json.dumps(RECORD).encode() * 9))
    damaged[40:60] = b"\xff" * 20
    (tmp_path / "d.jsonl.gz").write_bytes(damaged)
    with pytest.raises(FileError, match=r"d\.jsonl\.gz"):
        corpus.load(tmp_path / "d.jsonl.gz")


def test_a_folder_without_a_corpus_is_one_line(tmp_path):
    with pytest.raises(FileError, match=r"wjazzd\.jsonl\.gz: cannot read .* allowed: .*CSV"):
        corpus.load(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)


@given(name=st.sampled_from(sorted(RECORD)), within=st.booleans(), value=JSON)
@settings(max_examples=300)
def test_a_malformed_record_never_gives_a_traceback(tmp_path_factory, name, within, value):
    record = copy.deepcopy(RECORD)
    rows = record[name]
    if within and isinstance(rows, list) and isinstance(rows[0], list):
        rows[0][len(str(value)) % len(rows[0])] = value
    else:
        record[name] = value
    with suppress(FileError):  # and nothing else
        corpus.load(_file(tmp_path_factory.mktemp("corpus"), record))


@needs_data
def test_the_corpus_has_the_counts_of_its_readme():
    valid = corpus.load(DATA, "valid")
    assert (len(valid), sum(len(s.notes) for s in valid)) == (40, 19_173)


@needs_data
def test_the_phrase_rule_finds_the_annotated_phrases():
    f1, precision, recall = corpus.phrase_rule_score(corpus.load(DATA, "valid"))
    assert f1 > 0.85
    assert min(precision, recall) > 0.8
