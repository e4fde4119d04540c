"""The database's own forms give the same solos as our JSON lines."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import suppress
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.errors import FileError
from lkjam_box.lab.training import corpus, splits, wjazzd_tables

DATA = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not beside us")

# createDatabase of klausfrieler/melospy, mel_db_sqlite3_adapter2.py: what we read, and more.
SCHEMA = """
CREATE TABLE melody(eventid INTEGER PRIMARY KEY AUTOINCREMENT, melid INTEGER, onset REAL,
  pitch REAL, duration REAL, period INTEGER, division INTEGER, bar INTEGER, beat INTEGER,
  tatum INTEGER, beatdur REAL, loud_max REAL, loud_med REAL);
CREATE TABLE beats(beatid INTEGER PRIMARY KEY AUTOINCREMENT, melid INTEGER, onset REAL,
  bar INTEGER, beat INTEGER, signature TEXT, chord TEXT, form TEXT, bass_pitch INTEGER,
  chorus_id INTEGER);
CREATE TABLE sections(melid INTEGER, type TEXT, start INTEGER, end INTEGER, value TEXT);
CREATE TABLE melody_type(melid INTEGER, type TEXT);
CREATE TABLE transcription_info(melid INTEGER, filename_sv TEXT, filename_solo TEXT,
  solotime TEXT, solostart_sec FLOAT, status TEXT, trackid INTEGER);
CREATE TABLE solo_info(melid INTEGER, trackid INTEGER, compid INTEGER, recordid INTEGER,
  performer TEXT, title TEXT, titleaddon TEXT, solopart INTEGER, instrument TEXT, style TEXT,
  avgtempo FLOAT, tempoclass TEXT, rhythmfeel TEXT, key TEXT, signature TEXT,
  chord_changes TEXT, chorus_count INTEGER);
"""

# Eight beats of uneven length, the first a bar's fourth; one note before the first beat.
RECORD = {
    "id": "NoOne_SomeTune-2_FINAL",
    "title": "Some Tune",
    "key": "Bb-maj",
    "style": "HARDBOP",
    "feel": "SWING",
    "period": 4,
    "tempo": 117.5,
    "split": "valid",
    "beat0": [0, 4],
    "beat_sec": [3.0, 3.5, 4.0, 4.75, 5.25, 5.75, 6.25, 6.75],
    "meters": [[0, 4]],
    "downbeats": [1, 5],
    "chords": [[0, "NC"], [1, "Bb6"], [3, "G79b"], [5, "C-7"]],
    "notes": [
        [-0.25, 60, 0.2, 60.0, 1, 0.0, 0],
        [1.5, 62, 1.0, 70.5, 1, 1.5, 0],
        [2.5, 65, 0.25, None, 1, 2.5, 0],
        [5.1, 58, 2.5, 66.25, 2, 5.0, 0],
    ],
}


def seconds(beats: float, beat_sec: list[float]) -> float:
    """The inverse of what the loader does, written another way."""
    index = min(max(int(beats // 1), 0), len(beat_sec) - 2)
    share = beats - index
    return beat_sec[index] * (1 - share) + beat_sec[index + 1] * share


def bars_of(record: dict) -> list[tuple[int, int]]:
    """(bar, beat) of each annotated beat."""
    bar, beat = record["beat0"]
    found = []
    for index in range(len(record["beat_sec"])):
        if index in record["downbeats"] and index:
            bar, beat = bar + 1, 1
        found.append((bar, beat))
        beat += 1
    return found


def rows_of(melid: int, record: dict) -> dict[str, list[dict]]:
    """The record as the database's rows; chords stand only where they change."""
    beat_sec, notes = record["beat_sec"], record["notes"]
    chords = dict(map(tuple, record["chords"]))
    melody = []
    for onset, pitch, duration, loudness, *_ in notes:
        start_s = seconds(onset, beat_sec)
        length_s = seconds(onset + duration, beat_sec) - start_s
        melody.append(
            {"melid": melid, "onset": start_s, "pitch": pitch, "duration": length_s,
             "loud_med": loudness, "period": record["period"]}
        )  # fmt: skip
    starts = [i for i, note in enumerate(notes) if i == 0 or note[4] != notes[i - 1][4]]
    phrases = [
        {"melid": melid, "type": "PHRASE", "start": first, "end": after - 1,
         "value": str(notes[first][4])}
        for first, after in pairwise([*starts, len(notes)])
    ]  # fmt: skip
    return {
        "melody": melody,
        "beats": [
            {"melid": melid, "onset": onset, "bar": bar, "beat": beat,
             "chord": chords.get(index, ""), "signature": "" if index else "4/4"}
            for index, (onset, (bar, beat)) in enumerate(
                zip(beat_sec, bars_of(record), strict=True)
            )
        ],
        "sections": [
            {"melid": melid, "type": "CHORUS", "start": 0, "end": len(notes) - 1, "value": "1"},
            *phrases,
        ],
        "transcription_info": [{"melid": melid, "filename_sv": record["id"] + ".sv"}],
        "solo_info": [
            {"melid": melid, "title": record["title"], "style": record["style"],
             "avgtempo": record["tempo"], "rhythmfeel": record["feel"], "key": record["key"]}
        ],
    }  # fmt: skip


def write_sqlite(path, records, **changes):
    """A database of the records; ``melody=[{..}]`` adds rows to a table."""
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
        for melid, record in enumerate(records, 1):
            for table, rows in rows_of(melid, record).items():
                for row in [*rows, *changes.get(table, [])]:
                    names = ", ".join(f"[{name}]" for name in row)
                    marks = ", ".join("?" * len(row))
                    database.execute(
                        f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values())
                    )
    database.close()
    return path


def write_csv(path, header, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_tables(folder, records):
    """A file a table, as ``sqlite3 -header -csv`` writes them."""
    tables = [rows_of(melid, record) for melid, record in enumerate(records, 1)]
    for name, columns in wjazzd_tables.TABLES.items():
        write_csv(folder / f"{name}.csv", columns, [row for t in tables for row in t[name]])
    return folder


def write_mcsv(folder, records, meta=True):
    """Two files a solo, as melospy exports them: the chord stands at every beat."""
    for record in records:
        rows = rows_of(1, record)
        for row, note in zip(rows["melody"], record["notes"], strict=True):
            row |= {"loud_median": row["loud_med"], "phrase_id": note[4]}
        chords = accumulate((row["chord"] for row in rows["beats"]), lambda a, b: b or a)
        for row, chord in zip(rows["beats"], chords, strict=True):
            row |= {"chord": chord, "signature": "'4/4'"}
        write_csv(
            folder / "mcsv_melody" / f"{record['id']}.csv",
            ("onset", "duration", "period", "pitch", "loud_median", "phrase_id"), rows["melody"],
        )  # fmt: skip
        write_csv(
            folder / "mcsv_beat" / f"{record['id']}_beattrack.csv",
            ("onset", "bar", "beat", "signature", "chord"), rows["beats"],
        )  # fmt: skip
    if meta:
        write_csv(
            folder / "wjd_meta.csv",
            ("id", "title", "style", "avgtempo", "rhythmfeel", "key"),
            [{"id": record["id"], **rows_of(1, record)["solo_info"][0]} for record in records],
        )
    return folder


def write_jsonl(path, records):
    path.write_text("\n".join(json.dumps(record) for record in records))
    return path


def write_splits(folder, records):
    parts = {part: [r["id"] for r in records if r["split"] == part] for part in ("train", "valid")}
    (folder / "splits.json").write_text(json.dumps(parts))


def assert_same(solo, other):
    """Equal but for the last digits of beats."""
    for name in ("id", "split", "bpm", "phrases", "style", "feel", "title", "low", "high"):
        assert getattr(solo, name) == getattr(other, name), name
    assert solo.harmony == other.harmony
    for note, twin in zip(solo.notes, other.notes, strict=True):
        assert (note.pitch, note.velocity) == (twin.pitch, twin.velocity)
        assert note.onset_beats == pytest.approx(twin.onset_beats, abs=1e-6)
        assert note.duration_beats == pytest.approx(twin.duration_beats, abs=1e-6)


FORMS = {
    "sqlite": lambda folder, records: write_sqlite(folder / "wjazzd.db", records),
    "tables": write_tables,
    "mcsv": write_mcsv,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_solo_of_the_json_line(tmp_path, form):
    write_splits(tmp_path, [RECORD])
    (expected,) = corpus.load(write_jsonl(tmp_path / "solos.jsonl", [RECORD]))
    (solo,) = corpus.load(FORMS[form](tmp_path, [RECORD]))
    assert_same(solo, expected)
    assert [solo.harmony.chord_at(beat).symbol for beat in (0.5, 1, 3, 6)] == [
        "N.C.", "Bb6", "G79b", "C-7"
    ]  # fmt: skip
    assert solo.harmony.bar_place(5) == 0


@needs_data
@pytest.mark.parametrize("form", FORMS)
def test_real_solos_come_back_the_same(tmp_path, form):
    records = [record for _, record in zip(range(5), real_records(), strict=False)]
    write_splits(tmp_path, records)
    expected = corpus.load(write_jsonl(tmp_path / "solos.jsonl", records))
    solos = {solo.id: solo for solo in corpus.load(FORMS[form](tmp_path, records))}
    assert len(expected) == len(solos) == 5
    for solo in expected:
        assert_same(solos[solo.id], solo)


def real_records():
    return (record for _, record in corpus.jsonlines.read(DATA, "") if corpus.usable(record))


def test_seconds_become_beats_between_the_annotated_ones():
    beat_sec = [3.0, 3.5, 4.5]
    found = [wjazzd_tables.beats_at(s, beat_sec) for s in (2.5, 3.0, 3.25, 3.5, 4.0, 4.5, 5.5)]
    assert found == [-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0]


@given(
    steps=st.lists(st.floats(0.05, 3.0), min_size=1, max_size=20),
    beats=st.floats(-3.0, 25.0),
)
def test_beats_at_undoes_seconds(steps, beats):
    beat_sec = [1.0, *accumulate(steps, initial=1.0)][1:]
    assert wjazzd_tables.beats_at(seconds(beats, beat_sec), beat_sec) == pytest.approx(
        beats, abs=1e-6
    )


@pytest.mark.parametrize("form", FORMS)
def test_other_metres_and_solos_without_chords_are_left_out(tmp_path, form):
    waltz = RECORD | {"id": "A_B_FINAL", "period": 3, "downbeats": [1, 4, 7]}
    changing = RECORD | {"id": "A_C_FINAL", "beat0": [0, 3], "downbeats": [2, 5]}
    silent = RECORD | {"id": "A_D_FINAL", "chords": [[0, "NC"]]}
    solos = corpus.load(FORMS[form](tmp_path, [waltz, changing, silent, RECORD]))
    assert [solo.id for solo in solos] == [RECORD["id"]]


def test_a_csv_export_without_metadata_takes_title_and_tempo_from_the_solo(tmp_path):
    (solo,) = corpus.load(write_mcsv(tmp_path, [RECORD], meta=False))
    assert solo.title == "SomeTune"
    assert solo.bpm == 120.0  # most beats last half a second
    assert (solo.style, solo.feel) == (corpus.Style.ANY, corpus.Feel.ANY)


def test_takes_of_one_tune_stay_in_one_part():
    records = [
        RECORD | {"id": f"P{take}_Tune{tune}_FINAL", "title": f"Tune {tune}"}
        for tune in range(200)
        for take in range(2)
    ]
    splits.assign(records, {"P0_Tune7_FINAL": "valid", "P1_Tune8_FINAL": "train"})
    part = {record["id"]: record["split"] for record in records}
    assert all(part[f"P0_Tune{t}_FINAL"] == part[f"P1_Tune{t}_FINAL"] for t in range(200))
    assert part["P1_Tune7_FINAL"] == "valid"
    assert part["P0_Tune8_FINAL"] == "train"
    assert 8 <= sum(part[f"P0_Tune{t}_FINAL"] == "valid" for t in range(200)) <= 40
    # printf tune13 | sha256sum | cut -c1-16 is 0 modulo ten, that of tune7 is 1.
    assert (splits.by_hash("Tune 13"), splits.by_hash("tune-7")) == ("valid", "train")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"melody": [{"melid": 1, "onset": "soon"}]}, "table melody:5: column onset: found 'soon'"),
        ({"melody": [{"melid": 1, "onset": 9.0, "duration": 1, "pitch": 200}]}, "0 to 127"),
        ({"beats": [{"melid": 1, "onset": 1.0}]}, "table beats:9: column onset: found 1.0"),
        ({"sections": [{"melid": 1, "type": "PHRASE", "start": 0, "end": 4, "value": "1"}]},
         "table sections:4: column end: found 4"),
        ({"beats": [{"melid": 1, "onset": 9.0, "chord": "H7"}]}, "column chord: found 'H7'"),
        ({"solo_info": [{"melid": 2}]}, "table solo_info:2: column melid: found 2"),
    ],
)  # fmt: skip
def test_a_bad_row_of_the_database_is_named(tmp_path, changes, message):
    path = write_sqlite(tmp_path / "wjazzd.db", [RECORD], **changes)
    with pytest.raises(FileError) as error:
        corpus.load(path)
    assert message in str(error.value)
    assert "allowed" in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_database_is_one_line(tmp_path):
    for name, content in (("a.db", b"SQLite format 3\0" + b"x" * 200), ("b.sqlite", b"hello")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match="cannot read the database"):
            corpus.load(tmp_path / name)
    with pytest.raises(FileError, match="cannot read the database"):
        corpus.load(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    with sqlite3.connect(tmp_path / "c.db") as database:
        database.execute("CREATE TABLE solo_info(melid)")
    with pytest.raises(FileError, match="table solo_info: no column title, style"):
        corpus.load(tmp_path / "c.db")


def test_bad_csv_files_are_named(tmp_path):
    write_tables(tmp_path, [RECORD])
    beats = tmp_path / "beats.csv"
    whole = beats.read_text()
    beats.write_text(whole.replace("3.5", "late", 1))
    with pytest.raises(FileError, match=r"beats\.csv:3: column onset: found 'late', allowed: a nu"):
        corpus.load(tmp_path)
    beats.write_text(whole.replace("chord", "accord", 1))
    with pytest.raises(FileError, match=r"beats\.csv:1: no column chord"):
        corpus.load(tmp_path)
    beats.write_bytes(b"melid,onset,bar,beat,chord\n\xff\n")
    with pytest.raises(FileError, match=r"beats\.csv: cannot read the table"):
        corpus.load(tmp_path)
    beats.unlink()
    with pytest.raises(FileError, match=r"beats\.csv: cannot read the table"):
        corpus.load(tmp_path)
    (tmp_path / "splits.json").write_text("[1]")
    beats.write_text(whole)
    with pytest.raises(FileError, match=r"splits\.json: cannot read the splits"):
        corpus.load(tmp_path)


cell = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.sampled_from(["NA", "1e999", "-1", "PHRASE", "C7", "1.5"]),
)


@given(
    table=st.sampled_from(list(wjazzd_tables.TABLES)),
    row=st.integers(0, 9),
    column=st.integers(0, 5),
    value=cell,
)
@settings(max_examples=300)
def test_a_malformed_row_never_gives_a_traceback(table, row, column, value):
    tables = rows_of(1, RECORD)
    rows = tables[table]
    cells = rows[row % len(rows)]
    cells[wjazzd_tables.TABLES[table][column % len(wjazzd_tables.TABLES[table])]] = value
    placed = {
        name: [wjazzd_tables.Row(cells, "wjazzd.db", line) for line, cells in enumerate(rows, 1)]
        for name, rows in tables.items()
    }
    with suppress(FileError):  # and nothing else
        for record in wjazzd_tables.records(placed):
            with corpus.jsonlines.malformed("record", DATA, 0, ""):
                if corpus.usable(record):
                    corpus.solo_of(record)


@given(text=st.text(st.sampled_from("melid,onsetbarchd1.5\n\"'\0é"), max_size=80))
@settings(max_examples=100)
def test_a_scrambled_table_never_gives_a_traceback(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("csv")
    write_tables(folder, [RECORD])
    (folder / "beats.csv").write_text("melid,onset,bar,beat,chord\n" + text, encoding="utf-8")
    with pytest.raises(FileError):
        corpus.load(folder)
