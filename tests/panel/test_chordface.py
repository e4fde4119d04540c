"""Chords as the screen writes them: the signs of a lead sheet, always inside their field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.panel import fonts
from lkjam_box.panel.chordface import layout, spelled

# fmt: off
SYMBOLS = [
    "Cmaj7", "CM7", "C^7", "CΔ7", "C-7", "Cm7", "Cmin7", "Cø7", "Cm7b5", "C7alt", "C7#9",
    "C7b9b13", "C13", "C7sus", "C6/9", "Cdim7", "C+7", "C/G", "N.C.", "Ebmaj7#11/G", "F#m7",
    "Bbmaj9", "Cm(maj7)", "Abm6", "Bb7/D", "CmMaj7", "Gsus4", "G7b9sus", "Dbmaj13#11/Gb", "Dm9",
    "C",
]
# fmt: on


@pytest.mark.parametrize(
    ("symbol", "parts"),
    [
        ("Cmaj7", ("C", "Δ", "")),
        ("CM7", ("C", "Δ", "")),
        ("C^7", ("C", "Δ", "")),
        ("Bbmaj9", ("B♭", "Δ9", "")),
        ("CmMaj7", ("C", "mΔ", "")),
        ("C-7", ("C", "m7", "")),
        ("F#min7", ("F♯", "m7", "")),
        ("Cm7b5", ("C", "ø", "")),
        ("Cø7", ("C", "ø", "")),
        ("Cdim7", ("C", "°7", "")),
        ("C7b9b13", ("C", "7♭9♭13", "")),
        ("C6/9", ("C", "6/9", "")),
        ("Ebmaj7#11/Gb", ("E♭", "Δ♯11", "/G♭")),
        ("N.C.", ("N.C.", "", "")),
        ("", ("", "", "")),
    ],
)
def test_spelling(symbol, parts):
    assert spelled(symbol) == parts


def boxes(pieces):
    return [
        (p.x, p.y, p.x + fonts.width(p.text, p.size), p.y + fonts.CAP_HEIGHT * p.size)
        for p in pieces
    ]


@given(
    st.sampled_from(SYMBOLS) | st.text("ABCDEFG#bmaj7913susdim+-/()", max_size=20),
    st.integers(40, 90),
    st.sampled_from((14, 21)),
)
def test_a_chord_stays_in_its_field_and_never_on_itself(symbol, room, height):
    placed = boxes(layout(symbol, room, height))
    for left, top, right, bottom in placed:
        assert 0 <= left <= right <= room or (left, right) == (0, 0)
        assert 0 <= top < bottom <= height
    for number, (left, top, right, bottom) in enumerate(placed):
        for other in placed[number + 1 :]:
            assert right <= other[0] or bottom <= other[1] or other[2] <= left or other[3] <= top


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_nothing_of_a_known_chord_is_cut(symbol):
    assert "".join(piece.text for piece in layout(symbol, 62, 21)) == "".join(spelled(symbol))


def test_a_short_chord_is_as_large_as_the_field():
    assert [piece.size for piece in layout("Bb7", 62, 21)] == [3]
    assert [piece.size for piece in layout("F#m7", 62, 21)] == [3, 2]


def test_every_glyph_a_chord_needs_is_drawn():
    unknown = fonts.glyph("?")
    for symbol in SYMBOLS:
        assert all(fonts.glyph(char) != unknown for char in "".join(spelled(symbol)))
