import random
from dataclasses import replace

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.mix import LAYOUTS, STAGES, Mix
from lkjam_box.lab.training.pairs import Pair
from lkjam_box.lab.training.streams import OwnEvents, encode, transpose, whole
from lkjam_box.protocol.engine import Feel, Role, Strategy, Style

SOLOS = [
    replace(solo, split="valid" if i > 5 else "train", style=Style.BEBOP, feel=Feel.SWING)
    for i, solo in enumerate(generate(8, seed=4))
]
PAIRS = [Pair(solo.id, solo.split, (5, 8), (9, 12), "varied", 1, False) for solo in SOLOS]


class Fixed:
    """A network that always says the same."""

    name, hidden, blind = "fixed", 4, ()

    def __init__(self):
        self.out = np.zeros((1, f.OUTPUTS + 4), np.float32)
        self.out[0, f.REGISTER.start + 61] = 50.0

    def step(self, ids, x):
        return self.out


def _column(stream, table):
    return stream.ids[:, f.COLUMN[table]] - f.OFFSET[table]


@pytest.fixture(scope="module")
def mix():
    return Mix(SOLOS, PAIRS)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_gives_whole_streams_again_and_again(mix, stage):
    one = mix.epoch(stage, 0, random.Random(1), None)
    again = mix.epoch(stage, 0, random.Random(1), None)
    other = mix.epoch(stage, 1, random.Random(2), None)
    assert [s.targets.tolist() for s in one] == [s.targets.tolist() for s in again]
    assert [s.targets.tolist() for s in one] != [s.targets.tolist() for s in other]
    for stream in one:
        assert len(stream) == len(stream.floats) == len(stream.targets)
        assert stream.ids.max() < f.ROWS


def test_the_expert_stage_has_roles_and_strategies(mix):
    streams = [s for i in range(6) for s in mix.epoch("expert", i, random.Random(i), None)]
    strategies = {int(x) for s in streams for x in _column(s, "target") // f.TARGETS}
    roles = {int(x) for s in streams for x in _column(s, "role")}
    assert strategies == {int(s) for s in Strategy}
    assert roles == {Role.HUMAN, Role.BOX}
    styles = {int(x) for s in streams for x in _column(s, "style")}
    assert styles == {Style.ANY, Style.BEBOP}


def test_valid_layouts_are_those_of_the_valid_solos(mix):
    notes = sum(len(s.notes) for s in SOLOS if s.split == "valid")
    assert tuple(mix.valid) == LAYOUTS
    for layout in ("whole", "turns", "pairs"):
        assert sum(map(len, mix.valid[layout])) == notes
    assert all(len(stream) for stream in mix.valid["exchanges"])


def test_own_events_are_fed_but_never_taught():
    solo = SOLOS[0]
    plain = encode(solo, whole(solo))
    fed = encode(solo, whole(solo), own=OwnEvents(Fixed(), 1.0, 1))
    assert (fed.targets == plain.targets).all()
    assert (fed.last[1:] == 61).all()
    none = encode(solo, whole(solo), own=OwnEvents(Fixed(), 0.0, 1))
    assert (none.ids == plain.ids).all()
    some = encode(solo, whole(solo), own=OwnEvents(Fixed(), 0.25, 1))
    assert 0.1 < (some.last[1:] != plain.last[1:]).mean() < 0.4
    calls = encode(solo, whole(solo, Role.HUMAN), own=OwnEvents(Fixed(), 1.0, 1))
    assert (calls.last == plain.last).all()  # what the human plays is always true
    moved = transpose(replace(some, low=0, high=127), 3)
    assert (moved.last[1:] == some.last[1:] + 3).all()


def test_a_blind_mix_hides_what_it_must():
    streams = Mix(SOLOS, PAIRS, blind=("harmony", "role")).epoch(
        "expert", 0, random.Random(1), None
    )
    for stream in streams:
        assert (stream.root == -1).all()
        assert not stream.floats[:, : f.CHORD_FLOATS].any()
        assert len(set(_column(stream, "role").tolist())) == 1
