"""Progressions: what a file may say, what is said of a bad one, other keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.errors import ProgressionError
from lkjam_box.music.harmony import Metre, Progression
from lkjam_box.music.library import SHIPPED
from lkjam_box.music.progression import in_key, load_progressions, parse_progression
from lkjam_box.music.sheet import as_yaml, bar_texts, lead_sheet
from lkjam_box.music.spelling import FLATS, MAJOR_KEYS, MINOR_KEYS, parse_key, pitch_class

ALL = load_progressions(SHIPPED)


def one(text: str) -> Progression:
    (progression,) = parse_progression(text, "my.yaml")
    return progression


def test_every_field_is_taken() -> None:
    p = one(
        "name: Mine\nkey: B♭\nmetre: 3/4\nturn_bars: 8\nform: 4\nloops: 12\n"
        "bars:\n  - Bb6 / Cm7\n  - F7\n"
    )
    assert (p.name, p.key, p.metre) == ("Mine", "Bb", Metre(3, 4))
    assert (p.turn_bars, p.form_bars, p.loops) == (8, 4, 12)
    assert p.starts_beats == (0, 2, 3, 6, 8, 9)
    assert [c.symbol for c in p.chords] == ["Bb6", "Cm7", "F7", "Bb6", "Cm7", "F7"]


def test_defaults() -> None:
    p = one("{name: Mine, key: Am, bars: [Am7]}")
    assert (p.metre, p.turn_bars, p.form_bars, p.loops) == (Metre(4, 4), 4, 1, 0)


@pytest.mark.parametrize(
    ("metre", "bars", "starts"),
    [
        ("4/4", ["Dm7 G7", "Cmaj7"], (0, 2, 4)),
        ("4/4", ["Dm7 G7 Em7 A7"], (0, 1, 2, 3)),
        ("4/4", ["Dm7 / / G7", "/", "Cmaj7"], (0, 3, 8)),
        ("4/4", ["Dm7", "%", "% | G7"], (0, 12)),
        ("4/4", ["Dm7 G7 | % | C6"], (0, 2, 4, 6, 8)),
        ("4/4", ["| Dm7 | G7 |"], (0, 4)),
        ("4/4", ["C7(b9, b13) F7(#9 b5)"], (0, 2)),
        ("6/8", ["Am7 D7"], (0, 1.5)),
        ("6/8", ["Am7 / / / / D7"], (0, 2.5)),
        ("5/4", ["Am7 / / D7 /"], (0, 3)),
        ("7/8", ["Am7 | D7"], (0, 3.5)),
        ("4/4", ["N.C.", "C7"], (0, 4)),
    ],
)
def test_bars_are_split_as_a_musician_expects(
    metre: str, bars: list[str], starts: tuple[float, ...]
) -> None:
    p = one(f"name: x\nkey: C\nmetre: {metre}\nbars: {bars!r}")
    assert p.starts_beats == starts


GOOD = {"name": "Mine", "key": "C", "bars": "[C, G7]"}


def yaml(**changes: str | None) -> str:
    return "".join(f"{k}: {v}\n" for k, v in (GOOD | changes).items() if v is not None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (yaml(bars="\n  - C | Foo"), "my.yaml:4: bar 2: chord: found 'Foo', allowed: root and"),
        (yaml(bars="\n  - C\n  - H7"), "my.yaml:5: bar 2: chord: found 'H7', allowed: root and"),
        (
            yaml(bars="\n  - C\n  - C F G"),
            "my.yaml:5: bar 2: chords: found 'C F G', allowed: 1, 2, 4 chords in 4/4;",
        ),
        (yaml(bars="[C | | G]"), "my.yaml:3: bar 2: chords: found ''"),
        (yaml(bars="['%', C]"), "my.yaml:3: bar 1: chord: found '%'"),
        (yaml(bars="[/ C]"), "my.yaml:3: bar 1: chord: found '/'"),
        (yaml(bars="[]"), "my.yaml:3: bars: found '[]', allowed: a list of bars"),
        (yaml(bars="C G"), "my.yaml:3: bars: found 'C G', allowed: a list of bars"),
        (yaml(bars=None), "my.yaml:1: bars is missing, allowed: bars: ..."),
        (yaml(bars=str(["C"] * 65)), "my.yaml:3: bars: found 65, allowed: 1 to 64 bars"),
        (yaml(name=None), "my.yaml:1: name is missing"),
        (yaml(name="''"), "my.yaml:1: name: found '', allowed: 1 to 40 characters in one line"),
        (yaml(key="H"), "my.yaml:2: key: found 'H', allowed: C, Bb, F#, Am, F#m ..."),
        (yaml(metre="4/2"), "my.yaml:4: metre: found '4/2', allowed: n/4 or n/8 with n from"),
        (yaml(metre="0/4"), "my.yaml:4: metre: found '0/4'"),
        (yaml(turn_bars="17"), "my.yaml:4: turn_bars: found '17', allowed: a whole number from 1"),
        (yaml(turn_bars="4.5"), "my.yaml:4: turn_bars: found '4.5'"),
        (yaml(form="0"), "my.yaml:4: form: found '0', allowed: a whole number from 1 to 64"),
        (yaml(form="3"), "my.yaml:4: form: found 3, allowed: the bars written (2) or a multiple"),
        (yaml(loops="-1"), "my.yaml:4: loops: found '-1'"),
        (yaml(meter="3/4"), "my.yaml:4: unknown name: found 'meter', allowed: name, key, metre"),
        (yaml() + "key: D\n", "my.yaml:4: progression: written twice: found 'key'"),
        (yaml() + "---\n" + yaml(), "my.yaml:5: name: found 'Mine', allowed: a new one"),
        ("bars: [C", "my.yaml:1: not YAML: "),
        ("bars:\n  - %", "my.yaml:2: not YAML: "),
        ("- C", "my.yaml:1: progression: found '[C]', allowed: name: value"),
        ("", "my.yaml: nothing in it, allowed: a progression (name:)"),
    ],
)
def test_a_bad_file_gives_one_line(text: str, message: str) -> None:
    with pytest.raises(ProgressionError) as caught:
        one(text)
    said = str(caught.value)
    # FileError joins "what" and its facts with a colon; the table writes a comma where no fact.
    assert said.replace(": allowed", ", allowed").startswith(message)
    assert "\n" not in said


@given(st.text(alphabet="CDm7b#/%| -().[]'\"\n:", max_size=40))
def test_any_bars_are_taken_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        one(f"name: x\nkey: C\nbars:\n  - {text}")
    except ProgressionError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1


def test_at_least_24_ship_and_cover_what_players_ask_for() -> None:
    names = {p.name for p in ALL}
    assert len(names) == len(ALL) >= 24
    forms = {p.name: (p.form_bars, str(p.metre)) for p in ALL}
    for name, form in {
        "ii-V-I major": (4, "4/4"), "ii-V-I minor": (4, "4/4"), "1-6-2-5": (4, "4/4"),
        "Jazz blues": (12, "4/4"), "Minor blues": (12, "4/4"), "Bird blues": (12, "4/4"),
        "Rhythm changes": (32, "4/4"), "Rhythm changes A section": (8, "4/4"),
        "Modal AABA": (32, "4/4"), "Jazz waltz": (16, "3/4"), "Bossa changes": (8, "4/4"),
        "6/8 minor vamp": (4, "6/8"), "5/4 vamp": (4, "5/4"),
    }.items():  # fmt: skip
        assert forms[name] == form


def test_rhythm_changes_is_aaba() -> None:
    texts = bar_texts(next(p for p in ALL if p.name == "Rhythm changes"))
    assert texts[:6] == texts[8:14] == texts[24:30]
    assert texts[16:24] == ["D7", "%", "G7", "%", "C7", "%", "F7", "%"]


@pytest.mark.parametrize("progression", ALL, ids=lambda p: p.name)
def test_in_all_keys_every_chord_moves_by_the_same_step(progression: Progression) -> None:
    keys = MINOR_KEYS if progression.key.endswith("m") else MAJOR_KEYS
    home = parse_key(progression.key)
    for key in keys:
        moved = in_key(progression, key)
        step = (parse_key(key).pc - home.pc) % 12
        assert moved.key == key
        assert (moved.starts_beats, moved.form_bars) == (
            progression.starts_beats,
            progression.form_bars,
        )
        for old, new in zip(progression.chords, moved.chords, strict=True):
            assert new.root == (old.root + step) % 12
            assert (
                pitch_class(new.symbol[:2] if new.symbol[1:2] in ("b", "#") else new.symbol[:1])
                == new.root
            )
            assert (new.core << 12 | new.core) >> step & 0xFFF == old.core
        back = in_key(moved, progression.key).chords
        assert [(c.root, c.bass, c.core) for c in back] == [
            (c.root, c.bass, c.core) for c in progression.chords
        ]
        assert in_key(progression, step) == (moved if step else progression)


def test_degrees_keep_their_spelling() -> None:
    p = one("name: x\nkey: C\nbars: [C, F#m7b5, Db7, Eb7, Bb7, C/E, F7, B7]")
    symbols = {
        key: [c.symbol for c in in_key(p, key).chords] for key in ("A", "F", "Eb", "Gb", "B")
    }
    assert symbols == {
        "A": ["A", "D#m7b5", "Bb7", "C7", "G7", "A/C#", "D7", "G#7"],
        "F": ["F", "Bm7b5", "Gb7", "Ab7", "Eb7", "F/A", "Bb7", "E7"],
        "Eb": ["Eb", "Am7b5", "E7", "Gb7", "Db7", "Eb/G", "Ab7", "D7"],
        "B": ["B", "Fm7b5", "C7", "D7", "A7", "B/D#", "E7", "A#7"],
        "Gb": ["Gb", "Cm7b5", "G7", "A7", "E7", "Gb/Bb", "B7", "F7"],
    }


def test_key_of_the_other_mode_is_refused() -> None:
    p = one("name: Mine\nkey: C\nbars: [C]")
    with pytest.raises(ProgressionError, match="key of Mine: found 'Am', allowed: major"):
        in_key(p, "Am")
    assert in_key(p, -2).key == "Bb"
    assert [in_key(p, n).key for n in range(12)] == list(FLATS)


@pytest.mark.parametrize("progression", ALL, ids=lambda p: p.name)
def test_lead_sheet_reads_back_as_the_same_progression(progression: Progression) -> None:
    p = progression
    assert one(as_yaml(p)) == p
    bars = "\n".join(f"  - '{bar}'" for bar in bar_texts(p))
    text = (
        f"name: {p.name}\nkey: {p.key}\nmetre: {p.metre}\nturn_bars: {p.turn_bars}\nbars:\n{bars}"
    )
    assert one(text) == p


def test_lead_sheet_is_a_grid() -> None:
    p = one("name: Mine\nkey: C\nbars: [Dm7 G7, Cmaj7, '%', C7 / / F7, F6]")
    assert lead_sheet(p).splitlines() == [
        "Mine",
        "C  4/4  5 bars, turns of 4",
        "",
        "  1 | Dm7 G7 | Cmaj7 | % | C7 / / F7 |",
        "  5 | F6     |",
    ]


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.yaml").write_text(yaml(name=name))
    (tmp_path / "notes.txt").write_text("no music")
    assert [p.name for p in load_progressions(tmp_path)] == ["a", "b"]
    with pytest.raises(ProgressionError, match="cannot read"):
        load_progressions(tmp_path / "c.yaml")
