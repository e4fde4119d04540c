"""A lost process is started at once, one that keeps failing ever more seldom, whatever it lives."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.service.restarts import FAILING, FORGIVEN_S, STARTS_A_MINUTE, WAITS_S, Restarts

LIVES = st.lists(st.floats(0.0, 3 * FORGIVEN_S), min_size=1, max_size=60)


def lived(restarts, lives_s, now_s=100.0):
    """When each start was, and whether it kept failing then."""
    starts, failing = [now_s], [False]
    for life_s in lives_s:
        now_s = restarts.lost(now_s + life_s, life_s)
        starts.append(now_s)
        failing.append(restarts.failing(0.0))
    return starts, failing


def test_at_once_then_ever_later_and_never_given_up():
    starts, _ = lived(Restarts(), [0.0] * 10)
    waits = [later - one for one, later in pairwise(starts)]
    assert waits == [*WAITS_S, WAITS_S[-1], WAITS_S[-1]]


def test_the_first_loss_of_an_evening_costs_no_wait():
    assert Restarts().lost(5000.0, 4990.0) == 5000.0


@given(LIVES)
def test_starts_a_minute_are_bounded_however_long_it_lives(lives_s):
    starts, _ = lived(Restarts(), lives_s)
    for first in starts:
        assert sum(first <= start < first + 60.0 for start in starts) <= STARTS_A_MINUTE


@given(st.floats(0.0, 20.0))
def test_one_that_dies_again_and_again_is_known_and_waits_longest_in_the_end(life_s):
    starts, failing = lived(Restarts(), [life_s] * 40)
    assert failing.index(True) <= 2 * FAILING
    assert all(failing[failing.index(True) :])
    assert starts[-1] - starts[-2] == pytest.approx(WAITS_S[-1] + life_s)


@given(LIVES)
def test_a_life_that_is_long_enough_is_a_new_beginning(lives_s):
    restarts = Restarts()
    lived(restarts, lives_s)
    long_s = FORGIVEN_S * min(len(lives_s), len(WAITS_S))
    assert not restarts.failing(long_s)
    assert restarts.lost(1e6, long_s) == 1e6


@given(LIVES)
def test_losses_a_minute_apart_are_never_one_that_keeps_failing(lives_s):
    _, failing = lived(Restarts(), [FORGIVEN_S + life_s for life_s in lives_s])
    assert not any(failing)
