import random
from dataclasses import replace
from itertools import pairwise

import pytest
from msgspec import structs

from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.calls import between
from lkjam_box.lab.training.expert import LEAST_NOTES, Shares, exchanges, label_of, paired
from lkjam_box.lab.training.pairs import Pair
from lkjam_box.lab.training.streams import CLEAN_BEATS, density_of
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Role, Strategy

SOLOS = generate(6, seed=3)


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_are_turns_on_a_grid_that_close_before_their_line(seed):
    for solo in SOLOS:
        made, layout = exchanges(solo, random.Random(seed))
        assert layout
        assert [s.role for s in layout] == [Role.HUMAN, Role.BOX] * (len(layout) // 2)
        assert layout[0].first == 0
        assert layout[-1].last == len(made.notes)
        for a, b in pairwise(made.notes):
            assert a.onset_beats < b.onset_beats
            assert a.end_beats <= b.onset_beats + 1e-9
        for call, answer in zip(layout[::2], layout[1::2], strict=True):
            assert call.last == answer.first
            assert call.end_beats == answer.start_beats
            length = answer.end_beats - answer.start_beats
            assert length == call.end_beats - call.start_beats
            assert (call.start_beats - solo.harmony.origin_beats) % 4 == 0
            assert made.notes[call.last - 1].end_beats <= call.end_beats + 1e-9
            assert made.notes[answer.last - 1].end_beats <= answer.end_beats - 0.2


def test_calls_are_the_players_own_notes():
    solo = SOLOS[0]
    made, layout = exchanges(solo, random.Random(1))
    real = {(n.onset_beats, n.pitch) for n in solo.notes}
    for call in layout[::2]:
        for note in made.notes[call.first : call.last]:
            assert (note.onset_beats, note.pitch) in real


def test_human_answers_that_close_are_left_as_they_were():
    kept = changed = 0
    for solo in SOLOS:
        made, layout = exchanges(solo, random.Random(1), Shares(human=1.0))
        for answer in layout[1::2]:
            real = between(solo.notes, answer.start_beats, answer.end_beats)
            closes = len(real) >= LEAST_NOTES and (
                real[-1].end_beats <= answer.end_beats - CLEAN_BEATS
            )
            same = made.notes[answer.first : answer.last] == real
            assert same == closes
            kept, changed = kept + same, changed + (not same)
    assert kept
    assert changed


def test_every_strategy_is_taught():
    seen = set()
    for solo in SOLOS:
        for seed in range(4):
            seen |= {s.strategy for s in exchanges(solo, random.Random(seed))[1]}
    assert seen == set(Strategy)


def _line(*pitches, start=0.0, step=0.5):
    return [Note(start + i * step, p, 80, 0.4) for i, p in enumerate(pitches)]


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (_line(65, 67, 69, 70, 74, 72), Strategy.IMITATION),
        (_line(72, 70, 68, 67, 62, 66, start=9.0), Strategy.INVERSION),
        (_line(66, 63, 71, 69, 80, 60, start=3.0), Strategy.CONTINUATION),
        (_line(80, 77, 85, 83, 94, 74, start=9.0), Strategy.CONTRAST),
        (_line(65, 67), Strategy.FREE),
    ],
)
def test_a_human_answer_is_named_after_what_it_does(answer, label):
    assert label_of(_line(60, 62, 64, 65, 69, 67), answer) == label


def test_density_counts_notes_a_beat():
    assert [density_of(n, 16) for n in (8, 17, 23, 29, 49)] == [1, 2, 3, 4, 5]


def test_an_anticipation_belongs_to_the_turn_that_begins_there():
    notes = [Note(3.9, 60, 80, 0.3), Note(7.5, 62, 80, 2.0), Note(7.9, 64, 80, 0.4)]
    first, last = between(notes[:2], 4.0, 8.0)
    assert (first.pitch, last.end_beats) == (60, 8.0)
    assert [n.pitch for n in between(notes, 8.0, 12.0)] == [64]


def test_pairs_become_a_call_and_the_answer_right_after_it():
    solo = SOLOS[0]
    pairs = [
        Pair(solo.id, "train", (5, 8), (9, 12), "varied", 1, False),
        Pair(solo.id, "train", (10, 12), (13, 15), "varied", 1, False),  # overlaps: left out
        Pair(solo.id, "train", (20, 22), (30, 33), "varied", 2, True),  # not right after
        Pair(solo.id, "train", (40, 44), (45, 49), "varied", 1, True),
    ]
    layout = paired(solo, pairs, random.Random(1))
    edges = [(s.first, s.last) for s in layout]
    assert edges == [(0, 5), (5, 9), (9, 13), (13, 40), (40, 45), (45, 50), (50, len(solo.notes))]
    assert [s.first for s in layout if s.role == Role.BOX] == [9, 45]
    for stretch in layout:
        assert stretch.end_beats >= solo.notes[stretch.last - 1].end_beats
    lines = [s.start_beats for s in layout]
    assert len(set(lines)) == len(lines)  # each a turn of its own


def test_a_call_that_rings_into_its_answer_is_cut():
    solo = SOLOS[0]
    ends = [*(n.onset_beats for n in solo.notes[1:]), 1000.0]
    tied = [
        structs.replace(n, duration_beats=e - n.onset_beats)
        for n, e in zip(solo.notes, ends, strict=True)
    ]
    made, layout = exchanges(replace(solo, notes=tuple(tied)), random.Random(2))
    assert layout
    for a, b in pairwise(made.notes):
        assert a.end_beats <= b.onset_beats + 1e-9
