"""The corpora's own notations, against their table of pitch classes."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path

import pytest

from lkjam_box.errors import ProgressionError
from lkjam_box.lab.training.corpus_chords import parse_corpus_chord, parse_irb_chord
from lkjam_box.music.chords import parse_chord

DATA = Path(os.environ.get("LKJAM_DATA", Path(__file__).parents[4] / "shared" / "data"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no shared data beside the checkout")


def pcs(mask: int) -> str:
    return " ".join(str(pc) for pc in range(12) if mask >> pc & 1)


@needs_data
def test_every_weimar_symbol_has_the_listed_pitch_classes() -> None:
    with (DATA / "wjazzd" / "wjazzd_chords.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 419
    for row in rows:
        chord = parse_corpus_chord(row["symbol"])
        found = (str(chord.root), str(chord.bass), pcs(chord.core), pcs(chord.tensions))
        listed = tuple(row[k] for k in ("root_pc", "bass_pc", "core_pcs", "tension_pcs"))
        assert found == (listed if row["symbol"] != "NC" else ("-1", "-1", "", ""))


@needs_data
def test_every_irb_symbol_parses() -> None:
    symbols = set()
    with gzip.open(DATA / "chords" / "irb_chords.jsonl.gz", "rt") as file:
        for line in file:
            for _, chords in json.loads(line)["sections"]:
                symbols.update(symbol for symbol, _ in chords)
    assert len(symbols) == 913
    for symbol in symbols:
        chord = parse_irb_chord(symbol)
        assert symbol == "NC" or chord.core >> chord.root & 1


@pytest.mark.parametrize(
    ("irb", "jazz"),
    [("Cmaj7", "Cmaj7"), ("Fmin7", "Fm7"), ("Bm7b5", "Bø"), ("G79b", "G7b9"), ("G7+", "G+7"),
     ("D711#", "D7#11"), ("G713b", "G7b13"), ("Cminmaj7", "CmMaj7"), ("C9sus", "C9sus"),
     ("C13", "C13"), ("C139b", "C13b9"), ("C13b9b", "C7b9b13"), ("C79bb5", "C7b5b9"),
     ("C79#b5", "C7b5#9"), ("Emin7/A", "Em7/A"), ("Ao7", "Adim7"), ("C69", "C69"),
     ("C7alt", "C7alt"), ("Cadd9", "Cadd9"), ("C9b5", "C9b5"), ("C79b+", "C+7b9"),
     ("Cmin11", "Cm11"), ("C9", "C9"), ("C9b", "C7b9"), ("Cmaj7+", "Cmaj7#5"), ("C", "C"),
     ("Cmin6", "Cm6"), ("C/E", "C/E")],
)  # fmt: skip
def test_irb_symbol_means_what_players_write(irb: str, jazz: str) -> None:
    one, other = parse_irb_chord(irb), parse_chord(jazz)
    assert (one.root, one.bass, one.core, one.tensions) == (
        other.root, other.bass, other.core, other.tensions
    )  # fmt: skip


def test_notations_are_not_mixed_up() -> None:
    for parse, symbol in ((parse_corpus_chord, "Cmaj7"), (parse_irb_chord, "C-7")):
        with pytest.raises(ProgressionError, match="chord: found"):
            parse(symbol)
