"""Bad files never stop the box: the last good ones stay, and one line says what is wrong."""

import os

import pytest

from lkjam_box.errors import OptionError
from lkjam_box.service.user_files import Files

TUNE = "name: Mine\nkey: C\nbars:\n  - Dm7 | G7 | Cmaj7 | Cmaj7\n"


class Home:
    def __init__(self, folder):
        self.options, self.tunes = folder / "options.yaml", folder / "tunes"
        self.state = folder / "state"
        self.tunes.mkdir()
        self._tick = 0

    def write(self, path, text):
        path.write_text(text)
        self._tick += 1
        os.utime(path, ns=(self._tick, self._tick))  # mtimes differ however fast the test is

    def files(self, **overrides):
        return Read(Files(self.options, overrides, self.state))


class Read:
    """Files and the library made of them last."""

    def __init__(self, files):
        self.files, self.library = files, files.library()

    def __getattr__(self, name):
        return getattr(self.files, name)

    def look(self):
        library = self.files.changed(lambda: self.library)
        self.library = library or self.library
        return library is not None


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.write(home.options, f"music:\n  folder: {home.tunes}\nclock:\n  bpm: 99\n")
    home.write(home.tunes / "mine.yaml", TUNE)
    return home


def test_good_files_and_overrides(home):
    files = home.files(**{"clock.bpm": "141"})
    assert files.message == ""
    assert files.config.clock.bpm == 141
    assert files.library.find("Mine") >= 0
    assert not files.look()


def test_a_wrong_override_is_told_at_once(home):
    with pytest.raises(OptionError, match=r"clock\.bpm"):
        home.files(**{"clock.bpm": "9999"})


def test_a_wrong_options_file_at_start_gives_the_last_good_options(home):
    home.files()
    home.write(home.options, "clock:\n  bpm: 9999\n")
    files = home.files(**{"turns.turn_bars": "2"})
    assert files.config.clock.bpm == 99
    assert files.config.turns.turn_bars == 2
    assert f"{home.options}:2" in files.message


def test_a_wrong_options_file_on_the_first_day_gives_the_defaults(home):
    home.write(home.options, "nonsense: 1\n")
    files = home.files()
    assert files.config.clock.bpm == 120
    assert "nonsense" in files.message


def test_a_damaged_memory_is_ignored(home):
    home.state.mkdir()
    (home.state / "options.json").write_bytes(b'{"clock": {"bpm": ')
    home.write(home.options, "nonsense: 1\n")
    assert home.files().config.clock.bpm == 120


def test_a_tune_that_goes_bad_stays_as_it_was_until_mended(home):
    files = home.files()
    home.write(home.tunes / "mine.yaml", TUNE.replace("G7", "H7"))
    assert files.look()
    assert "mine.yaml:4" in files.message
    kept = files.library.progressions[files.library.find("Mine")]
    assert [chord.symbol for chord in kept.chords][:2] == ["Dm7", "G7"]
    home.write(home.tunes / "mine.yaml", TUNE.replace("G7", "Db7"))
    assert files.look()
    assert files.message == ""
    mended = files.library.progressions[files.library.find("Mine")]
    assert mended.chords[1].symbol == "Db7"
    assert files.library.number == 2


def test_a_new_tune_is_found_and_options_of_music_follow(home):
    files = home.files()
    home.write(home.tunes / "second.yaml", TUNE.replace("Mine", "Second"))
    assert files.look()
    assert files.library.find("Second") >= 0
    assert not files.waiting
    home.write(
        home.options,
        f"music:\n  folder: {home.tunes}\n  set: [Second]\nclock:\n  bpm: 50\n",
    )
    assert files.look()
    assert len(files.library) == 1
    assert files.config.clock.bpm == 99  # not while it plays
    assert files.waiting


def test_an_unknown_first_tune_is_said_and_the_first_one_taken(home):
    files = home.files(**{"music.progression": "No such tune"})
    assert "No such tune" in files.message
    assert files.config.music.progression == ""


def test_the_last_good_options_are_written_only_where_they_differ(home):
    kept = home.state / "options.json"
    home.files()
    os.utime(kept, ns=(1, 1))
    home.files()
    assert kept.stat().st_mtime_ns == 1
    home.files(**{"clock.bpm": "141"})
    assert kept.stat().st_mtime_ns != 1


def test_another_process_goes_on_from_what_was_read(home):
    """Nothing is read again until something changes; what a bad file held until then stays."""
    first = home.files(**{"clock.bpm": "141"})
    files = Files.going_on(first.read, home.state)
    keep = pytest.fail  # nobody asks for the library until now
    assert files.changed(keep) is None
    assert (files.config, files.message) == (first.config, "")
    home.write(home.tunes / "mine.yaml", TUNE.replace("G7", "H7"))
    library = files.changed(lambda: first.library)
    assert "mine.yaml:4" in files.message
    assert library.number == files.read.number == 1
    assert library.progressions[library.find("Mine")].chords[1].symbol == "G7"
    assert files.config.clock.bpm == 141
    third = Files.going_on(files.read, home.state)
    assert third.message == files.message
    assert third.changed(keep) is None
    assert third.changed(lambda: library, force=True).number == 2  # as after its file was deleted


def test_what_is_edited_while_it_is_read_is_read_again(home):
    files = home.files()
    home.write(home.tunes / "mine.yaml", TUNE.replace("G7", "Db7"))
    edits = iter([TUNE.replace("G7", "E7")])

    def edit():
        for text in edits:
            home.write(home.tunes / "mine.yaml", text)

    assert files.changed(lambda: files.library, between=edit) is not None
    library = files.changed(lambda: files.library)
    assert library.progressions[library.find("Mine")].chords[1].symbol == "E7"
    assert files.changed(lambda: library) is None


def test_whatever_is_called_a_tune_stops_nobody(home):
    (home.tunes / "gone.yaml").symlink_to(home.tunes / "nowhere")
    (home.tunes / "folder.yaml").mkdir()
    os.mkfifo(home.tunes / "pipe.yaml")
    files = home.files()
    assert files.message == ""
    assert not files.look()
