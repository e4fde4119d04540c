"""What plays may be of an older library than the newest, or of one that nobody told us of yet."""

from lkjam_box.music.library import KEPT, Library
from lkjam_box.service.library_files import library_path, open_libraries
from tests.play.world import small_library

TUNES = small_library().progressions


def written(folder, number):
    library = Library(number, TUNES[number % 4 :] + TUNES[: number % 4])
    library_path(folder, number).write_bytes(library.encode())
    return library


def test_the_last_few_are_known_and_one_that_was_not_told_of_is_read(tmp_path):
    said = []
    first = written(tmp_path, 10)
    libraries = open_libraries(str(library_path(tmp_path, 10)), said.append)
    others = [written(tmp_path, number) for number in range(11, 10 + KEPT)]
    for library in (first, *others, first):
        assert libraries.of(library.number) == library
    assert libraries.newest == first
    assert not said


def test_what_was_read_is_kept_although_its_file_is_another_by_now(tmp_path):
    said = []
    first = written(tmp_path, 10)
    libraries = open_libraries(str(library_path(tmp_path, 10)), said.append)
    later = written(tmp_path, 10 + KEPT)
    libraries.add(later)
    assert libraries.of(10) == first
    assert libraries.of(10 + KEPT) == libraries.newest == later


def test_one_that_is_gone_is_told_once_and_the_newest_stands_in(tmp_path):
    said = []
    first = written(tmp_path, 10)
    libraries = open_libraries(str(library_path(tmp_path, 10)), said.append)
    library_path(tmp_path, 11).write_bytes(b"[11, half of it")
    for _ in range(3):
        assert libraries.of(11) is libraries.of(6) is libraries.newest
    assert libraries.newest == first
    assert sorted(line.split()[2] for line in said) == ["11", "6"]
    assert written(tmp_path, 11) == libraries.of(11)
