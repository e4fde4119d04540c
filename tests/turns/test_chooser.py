"""What the buttons step through."""

import pytest

from lkjam_box.config.options import Turns
from lkjam_box.errors import ProgressionError
from lkjam_box.music.library import Library
from lkjam_box.turns.chooser import Chooser
from tests.play.world import small_library


def chooser(name="", **options):
    return Chooser(small_library(), Turns(**options), name)


def test_steps_wrap_around():
    chosen = chooser()
    chosen.step(-1)
    assert chosen.tune.progression.name == "Seven"
    chosen.step(1)
    assert chosen.tune.progression.name == "Blues"


def test_a_new_progression_comes_in_its_own_key():
    chosen = chooser()
    chosen.move_key(3)
    assert chosen.tune.transpose == 3
    chosen.step(1)
    assert chosen.tune.transpose == 0


def test_keys_go_round_in_twelve():
    chosen = chooser()
    for _ in range(12):
        chosen.move_key(1)
    assert chosen.tune.transpose == 0


def test_turn_lengths_cycle_from_the_progressions_own():
    chosen = chooser()
    lengths = [chosen.turn_bars]
    for _ in range(4):
        chosen.set_turn_bars(0)
        lengths.append(chosen.turn_bars)
    assert lengths == [2, 4, 8, 1, 2]
    chosen.set_turn_bars(99)
    assert chosen.turn_bars == 16


def test_a_new_library_keeps_the_progression_by_name():
    chosen = chooser("Six")
    shorter = Library(1, small_library().progressions[1:])
    assert chosen.replace(shorter)
    assert (chosen.tune.progression.name, chosen.tune.index, chosen.tune.library) == ("Six", 1, 1)
    assert not chosen.replace(Library(2, small_library().progressions[:1]))
    assert chosen.tune.progression.name == "Blues"


def test_an_unknown_name_is_told():
    with pytest.raises(ProgressionError, match="Nothing"):
        chooser("Nothing like it")
