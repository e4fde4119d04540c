import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.errors import FileError
from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.leadsheets import load_leadsheets
from lkjam_box.music.harmony import Metre

DATA = corpus.data_folder()
needs_data = pytest.mark.skipif(
    not (DATA / "chords").is_dir(), reason="the shared data is not beside us"
)

SHEET = {
    "id": "Tune_NoOne_1950",
    "title": "Tune",
    "key": "F#-min",
    "time": "4/4",
    "split": "train",
    "sections": [["A", [["F#min7", 4.0], ["G#m7b5", 2.0], ["C#79b", 2.0]]], ["B", [["NC", 4.0]]]],
}


def _file(tmp_path, *sheets):
    path = tmp_path / "sheets.jsonl"
    path.write_text("\n".join(json.dumps(sheet) for sheet in sheets))
    return path


def test_sections_become_one_form(tmp_path):
    (form,) = load_leadsheets(_file(tmp_path, SHEET)).progressions
    assert (form.name, form.key, form.metre, form.form_bars) == ("Tune", "F#m", Metre(4, 4), 3)
    assert form.starts_beats == (0.0, 4.0, 6.0, 8.0)
    assert [c.symbol for c in form.chords] == ["F#min7", "G#m7b5", "C#79b", "N.C."]
    assert form.chords[2].root == 1
    assert form.chord_at(7.5).symbol == "C#79b"


def test_beats_are_quarter_notes_in_every_metre(tmp_path):
    waltz = SHEET | {"time": "6/8", "key": "C-maj", "sections": [["A", [["C", 3.0], ["F7", 6.0]]]]}
    (form,) = load_leadsheets(_file(tmp_path, waltz)).progressions
    assert (form.form_bars, form.key) == (3, "C")


def test_only_the_asked_part_is_read(tmp_path):
    path = _file(tmp_path, SHEET, SHEET | {"split": "test", "title": "Other"})
    assert [p.name for p in load_leadsheets(path).progressions] == ["Tune"]
    assert len(load_leadsheets(path, "all").progressions) == 2
    with pytest.raises(FileError, match="no lead sheet to read: found 'split valid'"):
        load_leadsheets(path, "valid")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sections": [["A", [["C-7", 4.0]]]]}, "chord: found 'C-7'"),
        ({"sections": [["A", [["C7", 6.0]]]]}, "form: found '1.5 bars of 4/4'"),
        ({"sections": [["A", [["C7", -4.0], ["F7", 8.0]]]]}, "chord: found '-4.0 beats'"),
        ({"sections": []}, "form: found '0 bars"),
        ({"time": "common"}, "metre: found 'common'"),
        ({"time": "0/4"}, "metre: found '0/4'"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told(tmp_path, change, why):
    sheets = load_leadsheets(_file(tmp_path, SHEET, SHEET | change | {"id": "bad"}))
    assert sheets.share == 0.5
    ((sheet, reason),) = sheets.unread
    assert (sheet, reason[: len(why)]) == ("bad", why)
    assert sheets.report() == f"1 of 2 lead sheets read (50.0%)\n  bad: {reason}"


def test_a_malformed_record_is_named_with_its_line(tmp_path):
    for change, found in (
        ({"sections": [["A", [["C7", "long"]]]]}, r"got `str` - at `\$\.sections"),
        ({"title": None}, r"at `\$\.title"),
    ):
        with pytest.raises(FileError, match=rf"sheets\.jsonl:2: lead sheet: found .*{found}"):
            load_leadsheets(_file(tmp_path, SHEET, SHEET | change))


@given(
    symbol=st.text("ABCmaj7inb#9+o/sud", max_size=8) | st.sampled_from(["C7", "NC"]),
    beats=st.floats() | st.integers(),
    time=st.sampled_from(["4/4", "3/4", "²/4", "9999999999/4", "/", "4"]),
)
def test_odd_cells_never_give_a_traceback(tmp_path_factory, symbol, beats, time):
    odd = SHEET | {"time": time, "sections": [["A", [[symbol, beats], ["C", 4.0]]]]}
    sheets = load_leadsheets(_file(tmp_path_factory.mktemp("sheets"), SHEET, odd))
    assert len(sheets.progressions) + len(sheets.unread) == 2


@needs_data
def test_nearly_every_lead_sheet_is_read():
    counts = {}
    for split in ("train", "valid", "test"):
        sheets = load_leadsheets(DATA, split)
        print(split, sheets.report())  # pytest -s shows which are left out and why
        counts[split] = (len(sheets.progressions) + len(sheets.unread), sheets.share)
        assert all("form" in why for _, why in sheets.unread)  # every chord can be read
    assert {split: count for split, (count, _) in counts.items()} == {
        "train": 946, "valid": 123, "test": 116
    }  # fmt: skip
    assert min(share for _, share in counts.values()) > 0.97
