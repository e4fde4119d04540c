import json
from collections import Counter

import pytest

from lkjam_box.errors import FileError
from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.pairs import Pair, load_pairs

DATA = corpus.data_folder()
needs_data = pytest.mark.skipif(
    not (DATA / "wjazzd").is_dir(), reason="the shared data is not beside us"
)

RECORD = {
    "solo": "x",
    "split": "train",
    "call": [3, 6],
    "response": [9, 14],
    "kind": "varied-higher",
    "back": 2,
    "other_phrase": True,
    "call_label": "lick",
    "response_label": "##+lick",
}


def _file(tmp_path, *records):
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    return path


def test_a_pair_is_read(tmp_path):
    assert load_pairs(_file(tmp_path, RECORD)) == [
        Pair("x", "train", (3, 6), (9, 14), "varied-higher", 2, True)
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"call": [3]}, r"length 2.*at `\$\.call"),
        ({"call": [3, "6"]}, r"at `\$\.call"),
        ({"kind": "other"}, "Invalid enum value 'other'"),
        ({"back": 0}, "0 back"),
        ({"call": [6, 3]}, r"call \(6, 3\)"),
        ({"call": [-1, 3]}, r"call \(-1, 3\)"),
        ({"response": [6, 9]}, r"response \(6, 9\)"),
    ],
)
def test_a_bad_pair_is_named_with_its_line(tmp_path, change, found):
    with pytest.raises(FileError, match=rf"pairs\.jsonl:2: variation pair: found .*{found}"):
        load_pairs(_file(tmp_path, RECORD, RECORD | change))


@needs_data
def test_the_pairs_have_the_counts_of_the_readme_and_lie_in_their_solos():
    pairs = load_pairs(DATA)
    assert Counter(pair.kind for pair in pairs) == {
        "varied": 1966, "varied-higher": 368, "varied-lower": 436, "same": 5
    }  # fmt: skip
    solos = {solo.id: solo for solo in corpus.load(DATA, "valid")}
    held = [pair for pair in pairs if pair.solo in solos]
    assert held
    for pair in held:
        solo = solos[pair.solo]
        assert pair.split == solo.split
        assert pair.response[1] < len(solo.notes)
        assert pair.other_phrase == (solo.phrases[pair.call[1]] != solo.phrases[pair.response[0]])
