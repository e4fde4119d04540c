"""The book: order, the user's own files, other processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lkjam_box.config.options import Music
from lkjam_box.errors import ProgressionError
from lkjam_box.music.library import Book, load_book

OWN = "name: {}\nkey: C\nbars: [{}]\n"


def names(book: Book) -> list[str]:
    return [p.name for p in book.progressions]


def test_without_options_the_book_is_what_ships() -> None:
    book, errors = load_book(Music(), number=7)
    assert errors == ()
    assert book.number == 7
    assert len(book) >= 24
    assert names(book)[0] == "ii-V-I major"


def test_own_progressions_are_added_and_replace_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        OWN.format("Mine", "C7") + "---\n" + OWN.format("Jazz blues", "C7")
    )
    book, errors = load_book(Music(folder=str(tmp_path)))
    assert errors == ()
    assert names(book)[-1] == "Mine"
    assert book.progressions[book.find("Jazz blues")].form_bars == 1


def test_set_chooses_and_orders(tmp_path: Path) -> None:
    book, errors = load_book(Music(set=("Jazz waltz", "Bird blues")))
    assert (names(book), errors) == (["Jazz waltz", "Bird blues"], ())
    book, errors = load_book(Music(set=("Jaz waltz", "Bird blues")))
    assert names(book) == ["Bird blues"]
    assert "music.set: found 'Jaz waltz'" in str(errors[0])
    assert "(did you mean Jazz waltz?)" in str(errors[0])
    assert len(load_book(Music(set=("Nothing",)))[0]) >= 24


def test_a_bad_file_is_said_once_and_its_last_good_version_stays(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN.format("A", "C7"))
    (tmp_path / "b.yaml").write_text(OWN.format("B", "C7"))
    music = Music(folder=str(tmp_path), set=("A", "B"))
    good, _ = load_book(music, 1)
    (tmp_path / "a.yaml").write_text(OWN.format("A", "Cfoo"))
    (tmp_path / "b.yaml").write_text(OWN.format("B", "F7"))
    kept, errors = load_book(music, 2, good)
    assert [str(e).split(": ")[0] for e in errors] == [f"{tmp_path / 'a.yaml'}:3"]
    assert kept.progressions[0] == good.progressions[0]
    assert kept.progressions[1].chords[0].symbol == "F7"
    fresh, errors = load_book(music, 3)
    assert names(fresh) == ["B"]
    assert len(errors) == 2  # the file, and the name of the set that is now missing
    (tmp_path / "a.yaml").write_text(OWN.format("A", "G7"))
    assert load_book(music, 4, kept)[0].progressions[0].chords[0].symbol == "G7"


def test_a_folder_that_goes_away_takes_nothing_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "a.yaml").write_text(OWN.format("A", "C7"))
    music = Music(folder=str(folder), set=("A",))
    good, _ = load_book(music)
    folder.rename(tmp_path / "unplugged")
    kept, errors = load_book(music, 0, good)
    assert kept == good
    assert len(errors) == 1


def test_the_same_name_in_two_own_files_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    for file in ("a", "b"):
        (tmp_path / f"{file}.yaml").write_text(OWN.format("Same", "C7"))
    _, errors = load_book(Music(folder=str(tmp_path)))
    assert len(errors) == 1
    assert "name: found 'Same'" in str(errors[0])
    book, errors = load_book(Music(folder=str(tmp_path / "none")))
    assert len(book) >= 24
    assert "music.folder" in str(errors[0])


def test_book_survives_the_way_to_another_process() -> None:
    book, _ = load_book(Music(), 3)
    assert Book.decode(book.encode()) == book


def test_get_moves_and_remembers() -> None:
    book, _ = load_book(Music(set=("Jazz blues",)))
    assert book.get(0) == book.progressions[0]
    moved = book.get(0, 5)
    assert (moved.key, moved.chords[0].root) == ("Bb", 10)
    assert book.get(1, -7) is moved


def test_find_takes_a_name_or_a_part_only_one_has() -> None:
    book, _ = load_book(Music())
    assert book.find("") == 0
    assert names(book)[book.find("bird")] == "Bird blues"
    assert names(book)[book.find("RHYTHM CHANGES")] == "Rhythm changes"
    with pytest.raises(ProgressionError, match="Basic blues, Jazz blues"):
        book.find("blues")
    with pytest.raises(ProgressionError, match="did you mean Jazz waltz"):
        book.find("jaz walz")
