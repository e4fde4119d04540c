import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import overlap as o

BINS = o.edges(-0.5, 1.5, 2)
samples = st.lists(st.floats(-3, 9), min_size=1, max_size=40)


def test_edges_are_equal_or_in_equal_ratio():
    assert o.edges(0, 2, 4) == (0, 0.5, 1.0, 1.5, 2.0)
    assert o.log_edges(1, 8, 3) == pytest.approx((1, 2, 4, 8))


def test_two_small_samples_by_hand():
    human, other = [0, 0, 1, 1], [0, 1, 1, 1]
    assert o.overlap(human, other, BINS) == 0.75
    # Smoothed by a half: .5 .5 against .3 .7.
    assert o.kl(human, other, BINS) == pytest.approx(
        0.5 * math.log(0.5 / 0.3) + 0.5 * math.log(0.5 / 0.7)
    )


def test_outliers_count_in_the_outer_bins_and_nan_nowhere():
    assert list(o.histogram([-7.0, 0.0, 99.0, math.nan], BINS)) == [2, 1]


def test_nothing_known_is_nan_and_nothing_shared_is_apart():
    assert math.isnan(o.kl([], [1.0], BINS))
    assert math.isnan(o.overlap([1.0], [math.nan], BINS))
    assert o.overlap([0.0], [1.0], BINS) == 0.0
    assert math.isfinite(o.kl([0.0], [1.0], BINS))


@given(samples, samples)
def test_the_same_is_the_nearest(a, b):
    bins = o.edges(-2, 8, 10)
    assert o.overlap(a, a, bins) == pytest.approx(1.0)
    assert o.kl(a, a, bins) == 0.0
    assert 0.0 <= o.overlap(a, b, bins) <= 1.0 + 1e-9
    assert o.overlap(a, b, bins) == pytest.approx(o.overlap(b, a, bins))
    assert o.kl(a, b, bins) >= -1e-12
