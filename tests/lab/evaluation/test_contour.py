from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import contour
from tests.lab.evaluation.turns import exchange, line


def notes(pitches):
    return line(*((i / 2, pitch) for i, pitch in enumerate(pitches)))


def test_a_line_by_hand():
    found = contour.values(exchange(notes([60, 62, 62, 67, 64])))
    assert found["range"] == [7]
    assert found["register"] == [63]
    assert found["interval"] == [2, 0, 5, -3]
    assert found["steps"] == found["leaps"] == found["repeats"] == [0.25]
    assert found["turns"] == [0.2]  # up, up, down


def test_one_note_has_no_contour():
    assert not any(contour.values(exchange(notes([60]))).values())


@given(st.lists(st.integers(40, 80), min_size=2, max_size=20), st.integers(-12, 12))
def test_contour_is_the_same_upside_down_and_elsewhere(pitches, up):
    turns = contour.direction_changes(notes(pitches))
    assert turns == contour.direction_changes(notes([120 - p for p in pitches]))
    assert turns == contour.direction_changes(notes([p + up for p in pitches]))
    assert turns == contour.direction_changes(notes(pitches[::-1]))
    assert turns <= max(0, len(pitches) - 2)
