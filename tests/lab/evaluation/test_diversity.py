import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import diversity as d
from lkjam_box.music.note import Note

PITCHES = st.lists(st.integers(50, 70), max_size=20)


def line(pitches):
    return [Note(i / 2, pitch, 80, 0.5) for i, pitch in enumerate(pitches)]


def test_a_figure_said_twice_is_half_new():
    """C D E F G three times on end: runs of four tones up at 0, 5, 10; ten runs in all."""
    notes = line([60, 62, 64, 66, 68] * 3)
    runs = d.ngrams(notes, 4)
    assert len(runs) == 11
    assert d.repeated_within(notes) == pytest.approx(1 - 5 / 11)
    assert d.repeated_within(line([60, 62, 64, 66])) is None  # three intervals


def test_what_others_say_too_counts_across():
    one, other = line([60, 62, 64, 65, 67]), line([62, 64, 66, 67, 69])
    assert d.repeated_across([one, other]) == 1.0  # the same intervals in another key
    assert d.repeated_across([one, line([60, 59, 58, 57, 56])]) == 0.0
    assert d.repeated_across([]) == 0.0


def test_distinct_counts_kinds_over_occurrences_up_to_a_limit():
    answers = [line([60, 62, 64, 65])]  # 2 2 1
    assert d.distinct(answers, 1) == pytest.approx(2 / 3)
    assert d.distinct(answers, 1, limit=2) == pytest.approx(1 / 2)
    assert d.distinct(answers, 3) == 1.0
    assert d.distinct(answers, 4) == 0.0


@given(st.lists(PITCHES, max_size=6))
def test_shares_are_shares(answers):
    found = d.figures([line(pitches) for pitches in answers])
    shares = [value for key, value in found.items() if key not in ("answers", "notes")]
    assert all(0 <= share <= 1 for share in shares)
    assert found["answers"] == len(answers)


@given(st.lists(PITCHES, max_size=6))
def test_counts_are_those_of_the_ngrams(answers):
    notes = [line(pitches) for pitches in answers]
    assert d.counts(notes) == [
        sum(len(d.ngrams(one, n)) for one in notes) for n in range(1, d.LONGEST + 1)
    ]


def test_seeds_that_change_nothing_show():
    same, other = line([60, 62, 64, 65, 67, 69]), line([60, 59, 57, 60, 64, 62])
    assert d.across_seeds([[same, same]]) == {"shared": 1.0, "identical": 1.0, "pairs": 1}
    assert d.across_seeds([[same, other]]) == {"shared": 0.0, "identical": 0.0, "pairs": 1}
    assert d.across_seeds([[same, same, other]])["identical"] == pytest.approx(1 / 3)
    assert d.across_seeds([]) == {"shared": 0.0, "identical": 0.0, "pairs": 0}
