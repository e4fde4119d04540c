"""The library: order, the user's own files, other processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkjam_box.config.options import Music
from lkjam_box.errors import ProgressionError
from lkjam_box.music.library import Library, load_library

OWN = "name: {}\nkey: C\nbars: [{}]\n"


def names(library: Library) -> list[str]:
    return [p.name for p in library.progressions]


def test_without_options_the_library_is_what_ships() -> None:
    library, errors = load_library(Music(), number=7)
    assert errors == ()
    assert library.number == 7
    assert len(library) >= 24
    assert names(library)[0] == "ii-V-I major"


def test_own_progressions_are_added_and_replace_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        OWN.format("Mine", "C7") + "---\n" + OWN.format("Jazz blues", "C7")
    )
    library, errors = load_library(Music(folder=str(tmp_path)))
    assert errors == ()
    assert names(library)[-1] == "Mine"
    assert library.progressions[library.find("Jazz blues")].form_bars == 1


def test_set_chooses_and_orders(tmp_path: Path) -> None:
    library, errors = load_library(Music(set=("Jazz waltz", "Bird blues")))
    assert (names(library), errors) == (["Jazz waltz", "Bird blues"], ())
    library, errors = load_library(Music(set=("Jaz waltz", "Bird blues")))
    assert names(library) == ["Bird blues"]
    assert "music.set: found 'Jaz waltz'" in str(errors[0])
    assert "(did you mean Jazz waltz?)" in str(errors[0])
    assert len(load_library(Music(set=("Nothing",)))[0]) >= 24


def test_a_bad_file_is_said_once_and_its_last_good_version_stays(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN.format("A", "C7"))
    (tmp_path / "b.yaml").write_text(OWN.format("B", "C7"))
    music = Music(folder=str(tmp_path), set=("A", "B"))
    good, _ = load_library(music, 1)
    (tmp_path / "a.yaml").write_text(OWN.format("A", "Cfoo"))
    (tmp_path / "b.yaml").write_text(OWN.format("B", "F7"))
    kept, errors = load_library(music, 2, good)
    assert [str(e).split(": ")[0] for e in errors] == [f"{tmp_path / 'a.yaml'}:3"]
    assert kept.progressions[0] == good.progressions[0]
    assert kept.progressions[1].chords[0].symbol == "F7"
    fresh, errors = load_library(music, 3)
    assert names(fresh) == ["B"]
    assert len(errors) == 2  # the file, and the name of the set that is now missing
    (tmp_path / "a.yaml").write_text(OWN.format("A", "G7"))
    assert load_library(music, 4, kept)[0].progressions[0].chords[0].symbol == "G7"


def test_a_folder_that_goes_away_takes_nothing_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "a.yaml").write_text(OWN.format("A", "C7"))
    music = Music(folder=str(folder), set=("A",))
    good, _ = load_library(music)
    folder.rename(tmp_path / "unplugged")
    kept, errors = load_library(music, 0, good)
    assert kept == good
    assert len(errors) == 1


def test_the_same_name_in_two_own_files_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    for file in ("a", "b"):
        (tmp_path / f"{file}.yaml").write_text(OWN.format("Same", "C7"))
    _, errors = load_library(Music(folder=str(tmp_path)))
    assert len(errors) == 1
    assert "name: found 'Same'" in str(errors[0])
    library, errors = load_library(Music(folder=str(tmp_path / "none")))
    assert len(library) >= 24
    assert "music.folder" in str(errors[0])


def test_library_survives_the_way_to_another_process() -> None:
    library, _ = load_library(Music(), 3)
    assert Library.decode(library.encode()) == library


def test_get_moves_and_remembers() -> None:
    library, _ = load_library(Music(set=("Jazz blues",)))
    assert library.get(0) == library.progressions[0]
    moved = library.get(0, 5)
    assert (moved.key, moved.chords[0].root) == ("Bb", 10)
    assert library.get(1, -7) is moved


def test_find_takes_a_name_or_a_part_only_one_has() -> None:
    library, _ = load_library(Music())
    assert library.find("") == 0
    assert names(library)[library.find("bird")] == "Bird blues"
    assert names(library)[library.find("RHYTHM CHANGES")] == "Rhythm changes"
    with pytest.raises(ProgressionError, match="Basic blues, Jazz blues"):
        library.find("blues")
    with pytest.raises(ProgressionError, match="did you mean Jazz waltz"):
        library.find("jaz walz")
