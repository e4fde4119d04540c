import json

import pytest

from lkjam_box.lab.evaluation import dimensions
from lkjam_box.lab.evaluation.dimensions import DIMENSIONS, against, figures, values
from tests.lab.evaluation.turns import exchange, harmony, line

OVER = harmony("D-7", "G7", "Cj7", "Cj7")
CALL = line((0, 62), (0.6, 64), (1, 65), (1.6, 69), (2, 72))
ANSWER = line((0, 69), (0.6, 70), (1, 71), (1.6, 74), (4, 77), (4.5, 76), (5, 74))
GIVEN = [exchange(ANSWER, CALL, over=OVER), exchange(CALL, ANSWER, over=OVER, id="t:0")]


def test_every_measure_has_values_words_and_rising_bins():
    found = values(GIVEN)
    assert set(found) == set(DIMENSIONS) == set(dimensions.TITLES)
    for name, listed in DIMENSIONS.items():
        assert set(found[name]) == {measure.key for measure in listed}
        for measure in listed:
            assert measure.words
            assert measure.unit
            assert list(measure.bins) == sorted(set(measure.bins))


def test_figures_by_hand():
    said = figures(GIVEN)
    assert said["rhythm"]["density"]["mean"] == pytest.approx((7 / 4 + 5 / 4) / 2)
    assert said["contour"]["range"] == pytest.approx(
        {"mean": 9, "p5": 8.1, "p50": 9, "p95": 9.9, "n": 2}
    )
    assert set(said["tables"]) == {"similarity", "chord_tones", "ornaments", "swing"}
    assert said["tables"]["swing"][0]["from_bpm"] == 100


@pytest.mark.parametrize("given", [GIVEN, GIVEN[:1], [exchange(())], []])
def test_all_of_it_is_json_whatever_is_given(given):
    json.dumps(figures(given), allow_nan=False)
    json.dumps(against(GIVEN, given), allow_nan=False)


def test_the_human_is_nearest_to_the_human():
    same, apart = against(GIVEN, GIVEN), against(GIVEN, [exchange(line((9, 100)), CALL)])
    assert same["contour"]["range"] == {"kl": 0, "overlap": 1, "n_human": 2, "n_other": 2}
    assert apart["rhythm"]["density"]["overlap"] == 0
    assert apart["rhythm"]["density"]["kl"] > 0
    assert apart["contour"]["range"]["overlap"] is None
