import pytest

from lkjam_box.lab.evaluation import phrase
from tests.lab.evaluation.turns import exchange, line

# At 120 BPM .75 beat of silence closes a phrase.
TWO = line((0.5, 60, 0.5), (1.0, 62, 1.0), (3.0, 64, 0.5), (4.0, 65, 2.5))


def test_a_turn_of_two_phrases_by_hand():
    found = phrase.values(exchange(TWO, bars=2))
    assert found["phrases"] == [2]
    assert found["phrase_notes"] == [2, 2]
    assert found["phrase_beats"] == [1.5, 3.5]
    assert found["rest_beats"] == [1.0]
    assert found["symmetry"] == [pytest.approx(1.5 / 3.5)]
    assert found["silence"] == [pytest.approx(1 - 4.5 / 8)]
    assert found["entry_beats"] == [0.5]
    assert found["exit_beats"] == [4.0]
    assert found["closes"] == [1.0]


def test_tempo_decides_what_a_rest_is():
    assert len(phrase.phrases(TWO, 120.0)) == 2
    assert len(phrase.phrases(TWO, 300.0)) == 1  # there it takes 1.07 beats


def test_an_anticipation_enters_on_the_line_and_sounds_only_behind_it():
    found = phrase.values(exchange(line((-0.1, 60, 1.1)), bars=1))
    assert found["entry_beats"] == [0.0]
    assert found["silence"] == [pytest.approx(0.75)]


def test_who_was_cut_off_or_said_nothing_did_not_close():
    assert phrase.values(exchange(TWO, closed=False))["closes"] == [0.0]
    nothing = phrase.values(exchange(()))
    assert nothing["closes"] == [0.0]
    assert nothing["silence"] == [1.0]
    assert nothing["phrases"] == nothing["entry_beats"] == nothing["exit_beats"] == []
