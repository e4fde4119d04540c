"""Chord symbols: pitch classes of every spelling, errors, other keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.errors import ProgressionError
from lkjam_box.music.chords import parse_chord, transpose_chord
from lkjam_box.music.harmony import NO_CHORD

MAJ7 = "0 4 7 11"
DOM = "0 4 7 10"
MIN7 = "0 3 7 10"
HALF = "0 3 6 10"
TABLE = {
    # symbols on C: core / tensions, semitones over the root
    **dict.fromkeys(["C", "CM", "Cmaj", "Cma"], ("0 4 7", "")),
    **dict.fromkeys(["Cmaj7", "CM7", "C^7", "C^", "CΔ7", "CΔ", "C∆7", "Cj7"], (MAJ7, "")),
    **dict.fromkeys(["Cmaj9", "C^9", "CM9", "CΔ9"], (MAJ7, "2")),
    **dict.fromkeys(["Cmaj7#11", "C^7#11", "CM7(#11)", "Cmaj7♯11"], (MAJ7, "6")),
    **dict.fromkeys(["Cmaj13"], (MAJ7, "2 9")),
    **dict.fromkeys(["Cmaj7#5", "C+^7", "C+maj7"], ("0 4 8 11", "")),
    **dict.fromkeys(["C-", "Cm", "Cmin", "Cmi"], ("0 3 7", "")),
    **dict.fromkeys(["C-7", "Cm7", "Cmin7", "Cmi7", "C−7"], (MIN7, "")),
    **dict.fromkeys(["C-9", "Cm9"], (MIN7, "2")),
    **dict.fromkeys(["C-11", "Cm11"], (MIN7, "2 5")),
    **dict.fromkeys(["Cm6", "C-6", "Cmin6"], ("0 3 7 9", "")),
    **dict.fromkeys(["Cm69", "C-6/9"], ("0 3 7 9", "2")),
    **dict.fromkeys(["CmMaj7", "C-Δ7", "C-^7", "CmM7", "Cm(maj7)", "C-j7"], ("0 3 7 11", "")),
    **dict.fromkeys(["Cø7", "Cø", "Cm7b5", "C-7b5", "Cm7(♭5)", "Cmin7b5", "CØ7"], (HALF, "")),
    **dict.fromkeys(["Cdim", "Co", "C°", "Cº"], ("0 3 6", "")),
    **dict.fromkeys(["Cdim7", "Co7", "C°7", "Cº7"], ("0 3 6 9", "")),
    **dict.fromkeys(["C+", "Caug"], ("0 4 8", "")),
    **dict.fromkeys(["C+7", "C7#5", "C7aug", "Caug7", "C7+", "C7+5"], ("0 4 8 10", "")),
    **dict.fromkeys(["C7b5", "C7-5", "C7(b5)"], ("0 4 6 10", "")),
    **dict.fromkeys(["CMaj7", "Cma7"], (MAJ7, "")),
    **dict.fromkeys(["Cmmaj7", "CminMaj7", "C-Δ"], ("0 3 7 11", "")),
    "C7": (DOM, ""),
    "C9": (DOM, "2"),
    "C13": (DOM, "2 9"),
    "C13b9": (DOM, "1 9"),
    **dict.fromkeys(["C7#9", "C7(#9)", "C7+9", "C7♯9"], (DOM, "3")),
    **dict.fromkeys(["C7b9", "C7-9", "C7♭9"], (DOM, "1")),
    **dict.fromkeys(["C7b9b13", "C7(b9,b13)"], (DOM, "1 8")),
    "C7(b9,#11)": (DOM, "1 6"),
    "C7(b9 b13)": (DOM, "1 8"),
    "C7#11": (DOM, "6"),
    "C9#11": (DOM, "2 6"),
    **dict.fromkeys(["C7alt", "Calt"], ("0 4 10", "1 3 6 8")),
    **dict.fromkeys(["C7sus", "C7sus4", "C7(sus4)"], ("0 5 7 10", "")),
    **dict.fromkeys(["C9sus", "C9sus4", "C11"], ("0 5 7 10", "2")),
    "C13sus": ("0 5 7 10", "2 9"),
    "C7sus4b9": ("0 5 7 10", "1"),
    **dict.fromkeys(["Csus", "Csus4", "C4"], ("0 5 7", "")),
    "Csus2": ("0 2 7", ""),
    "C6": ("0 4 7 9", ""),
    **dict.fromkeys(["C6/9", "C69", "C6(9)", "C6add9"], ("0 4 7 9", "2")),
    **dict.fromkeys(["Cadd9", "C2", "C(add9)"], ("0 4 7", "2")),
    "Cmadd9": ("0 3 7", "2"),
    "C5": ("0 7", ""),
    "C7no5": ("0 4 10", ""),
    "C7#5#9": ("0 4 8 10", "3"),
}  # fmt: skip


def mask(text: str, root: int = 0) -> int:
    return sum(1 << (root + int(i)) % 12 for i in text.split())


@pytest.mark.parametrize(("symbol", "parts"), TABLE.items())
def test_symbol_means_these_pitch_classes(symbol: str, parts: tuple[str, str]) -> None:
    chord = parse_chord(symbol)
    assert (chord.root, chord.bass) == (0, 0)
    assert (chord.core, chord.tensions) == (mask(parts[0]), mask(parts[1]))


@pytest.mark.parametrize(
    ("symbol", "root", "bass"),
    [("C/G", 0, 7), ("Bb7/D", 10, 2), ("F#m7b5", 6, 6), ("C6/9/E", 0, 4), ("D♭maj7/A♭", 1, 8),
     ("Cb", 11, 11), ("E♯", 5, 5), ("A-7/G", 9, 7)],
)  # fmt: skip
def test_root_and_bass(symbol: str, root: int, bass: int) -> None:
    chord = parse_chord(symbol)
    assert (chord.root, chord.bass) == (root, bass)


@pytest.mark.parametrize("symbol", ["N.C.", "NC", "N.C"])
def test_no_chord(symbol: str) -> None:
    assert parse_chord(symbol) == NO_CHORD


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "H7",
        "c7",
        "Cfoo",
        "C7b",
        "C8",
        "Cmaj7/H",
        "7",
        "C//G",
        "C7alter",
        "Bbb7",
        "C##7",
        "Ebb",
        "C#6#6",
    ],
)
def test_bad_symbol_says_what_was_found_and_what_is_allowed(symbol: str) -> None:
    with pytest.raises(ProgressionError, match=r"found .*allowed: root and quality"):
        parse_chord(symbol)


@given(st.sampled_from(sorted(TABLE)), st.integers(-24, 24), st.booleans())
def test_transposed_symbol_reads_as_the_transposed_chord(
    symbol: str, semitones: int, flats: bool
) -> None:
    moved = transpose_chord(parse_chord(symbol + "/E"), semitones, flats)
    assert moved == parse_chord(moved.symbol)
    assert moved.root == semitones % 12
    assert moved.bass == (4 + semitones) % 12
    assert ("#" if flats else "b") not in moved.symbol[1:2]


def test_no_chord_stays_where_it_is() -> None:
    assert transpose_chord(NO_CHORD, 5) == NO_CHORD
