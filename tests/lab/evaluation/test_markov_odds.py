import math
from dataclasses import replace

import pytest

from lkjam_box.lab.evaluation.markov_odds import FLOOR, players_key, scores
from lkjam_box.lab.training.basics import generate
from lkjam_box.music.note import Note


def test_keys_of_the_corpus_become_the_box_s():
    written = ["Eb-maj", "F-min", "D-dor", "F#-chrom", "Bb-blues", "C"]
    assert [players_key(key) for key in written] == ["Eb", "Fm", "Dm", "F#", "Bb", "C"]


def test_every_note_after_the_first_counts():
    solos = generate(3, 2)
    found = scores([], solos)
    assert set(found) == {"on stage"}
    assert found["on stage"]["n"] == sum(len(solo.notes) - 1 for solo in solos)
    assert found["on stage"]["ppl"] == pytest.approx(math.exp(found["on stage"]["nll"]))


def figure(times):
    """One phrase: a rising and falling figure, ``times`` on end, in eighths."""
    (solo,) = generate(1, 5)
    pitches = [60, 63, 67, 70, 67, 63] * times
    notes = tuple(Note(i * 0.5, pitch, 80, 0.45) for i, pitch in enumerate(pitches))
    return replace(solo, notes=notes)


def test_what_the_player_says_again_is_expected():
    once, often = scores([], [figure(1)]), scores([], [figure(12)])
    assert often["on stage"]["nll"] < once["on stage"]["nll"] - 0.5
    assert often["on stage"]["acc"] > 0.6


def test_what_was_learned_before_is_expected_from_the_first_note():
    found = scores([figure(12)], [figure(1)])
    assert found["trained"]["nll"] < found["on stage"]["nll"]


def test_a_leap_that_the_engine_never_plays_costs_the_floor():
    (solo,) = generate(1, 5)
    leap = replace(solo, notes=(Note(0.0, 40, 80, 0.5), Note(0.5, 99, 80, 0.5)))
    assert scores([], [leap])["on stage"]["nll"] == pytest.approx(-math.log(FLOOR / 128))
