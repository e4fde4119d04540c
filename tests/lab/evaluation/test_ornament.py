import pytest

from lkjam_box.lab.evaluation import ornament
from lkjam_box.lab.evaluation.adherence import tones
from tests.lab.evaluation.turns import exchange, harmony, line

C, HERE = 60, harmony("Cj7")  # chord tones C E G B


def found(*steps):
    notes = line(*((i / 2, C + step) for i, step in enumerate(steps)))
    return dict(ornament.found(notes, tones(notes, HERE)))


@pytest.mark.parametrize(
    ("steps", "kinds"),
    [
        ((0, 2, 4), {"passing": 1}),
        ((7, 6, 4), {"passing": 1}),  # G F# E
        ((4, 5, 4), {"neighbour": 1}),
        ((0, 3, 4), {"approach": 1}),  # leapt into
        ((7, 8, 7, 3, 4), {"neighbour": 1, "approach": 1}),
        ((0, 5, 3, 4), {"enclosure": 1}),
        ((0, 2, 5, 4), {"enclosure": 1}),
        ((0, 6, 2, 4), {}),  # a step above and below, but no half step
        ((7, 6, 5, 2, 3, 4), {"double_enclosure": 1}),
        ((7, 2, 3, 6, 5, 4), {"double_enclosure": 1}),
        ((7, 5, 3, 6, 3, 4), {"double_enclosure": 1}),
        ((0, 9, 4), {}),  # a leap to a chord tone
        ((5, 3, 2), {}),  # no chord tone to lead to
        ((0, 4, 7, 11), {}),
    ],
)
def test_figures_by_hand(steps, kinds):
    assert found(*steps) == kinds


def test_a_rest_breaks_a_figure():
    apart = line((0, 60), (0.5, 62), (4, 64))
    assert ornament.values(exchange(apart))["passing"] == [0]
    together = line((0, 60), (0.5, 62), (1, 64), (1.5, 67))
    assert ornament.values(exchange(together))["passing"] == [25]


def test_the_table_counts_all_notes_alike():
    few, many = line((0, 60), (0.5, 62), (1, 64)), line(*((i, 60) for i in range(7)))
    said = ornament.ornament_table([exchange(few), exchange(many)])
    assert said["passing"] == 10
    assert said["n"] == 10
    assert ornament.values(exchange(()))["approach"] == []
    assert ornament.ornament_table([]) == {"n": 0}


def test_over_no_chord_nothing_ornaments():
    notes = line((0, 60), (0.5, 62), (1, 64))
    assert not ornament.found(notes, tones(notes, harmony("NC")))
