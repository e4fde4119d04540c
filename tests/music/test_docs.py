"""What docs/progressions.md tells players is what the box reads."""

from __future__ import annotations

import re
from pathlib import Path

from lkjam_box.music.chords import parse_chord
from lkjam_box.music.progression import FIELDS, parse_progression
from lkjam_box.music.sheet import bar_texts

PAGE = (Path(__file__).parents[2] / "docs" / "progressions.md").read_text(encoding="utf-8")


def test_the_file_shown_is_a_progression() -> None:
    (progression,) = parse_progression(PAGE.split("```yaml\n")[1].split("```")[0])
    assert progression.form_bars == 12
    assert bar_texts(progression)[3] == "Cm7 F7"


def test_every_field_and_every_chord_of_the_page_is_known() -> None:
    fields = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert set(fields) == set(FIELDS)
    symbols = re.findall(r"`([^`]+)`", PAGE.split("## Chords")[1].split("`♭`")[0])
    assert len(symbols) > 50
    for symbol in symbols:
        parse_chord(symbol)
