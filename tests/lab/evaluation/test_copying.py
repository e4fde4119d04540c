import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation.copying import Automaton, Copying
from lkjam_box.music.note import Note

SEQUENCES = st.lists(st.lists(st.integers(0, 2), max_size=14), max_size=5)


def line(pitches, step=0.5):
    return [Note(i * step, pitch, 80, step) for i, pitch in enumerate(pitches)]


@given(SEQUENCES, st.lists(st.integers(0, 2), max_size=14))
def test_the_longest_run_is_the_one_found_by_looking_everywhere(sequences, query):
    known = {
        tuple(s[i:j]) for s in sequences for i in range(len(s)) for j in range(i + 1, len(s) + 1)
    }
    runs = [
        j - i
        for i in range(len(query))
        for j in range(i + 1, len(query) + 1)
        if tuple(query[i:j]) in known
    ]
    assert Automaton(sequences).longest(query) == max(runs, default=0)


@given(st.lists(st.integers(40, 80), min_size=2, max_size=30), st.integers(-12, 12))
def test_a_copy_in_another_key_is_found_whole(pitches, key):
    moved = line([pitch + key for pitch in pitches])
    assert Copying([line(pitches)]).longest_runs(moved) == (len(pitches), len(pitches))


def test_runs_are_counted_in_notes():
    """C D E F then G A: five intervals of which C D E F has three, G A another run of one."""
    copying = Copying([line([60, 62, 64, 65]), line([40, 50, 60])])
    assert copying.longest_runs(line([67, 69, 71, 72, 60])) == (4, 4)
    assert copying.longest_runs(line([60, 61, 60])) == (2, 2)
    assert copying.longest_runs(line([60, 65])) == (0, 0)
    assert copying.longest_runs(line([60])) == (0, 0)


def test_another_rhythm_is_no_copy_where_rhythm_counts():
    copying = Copying([line([60, 62, 64, 65], 0.5)])
    assert copying.longest_runs(line([60, 62, 64, 65], 0.45)) == (4, 4)  # the same eighths
    assert copying.longest_runs(line([60, 62, 64, 65], 0.25)) == (4, 0)


def test_no_run_goes_from_one_training_solo_into_the_next():
    copying = Copying([line([60, 62, 64]), line([64, 65, 67])])
    assert copying.longest_runs(line([60, 62, 64, 65, 67]))[0] == 3


def test_percentiles_are_runs_that_occur():
    copying = Copying([line([60, 62, 64, 65, 67])])
    answers = [line([60, 62])] * 18 + [line([60, 62, 64])] + [line([60, 62, 64, 65, 67])]
    found = copying.figures(answers)["intervals"]
    assert found == {"p50": 2, "p95": 3, "max": 5, "n": 20}
    assert copying.figures([])["intervals"] == {"p50": 0, "p95": 0, "max": 0, "n": 0}


@pytest.mark.parametrize("pitches", [[60] * 9, [60, 61] * 8])
def test_a_repeated_figure_longer_than_the_training_one_is_cut(pitches):
    known = line(pitches[:6])
    assert Copying([known]).longest_runs(line(pitches))[0] == 6
