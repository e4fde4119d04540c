"""Writes are few: nothing while nothing changes, one once a change has settled."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.state.save_timer import APART_S, LATEST_S, SETTLED_S, SaveTimer


def play(changes, until_s, works=True):
    """Times of the writes; ``changes`` are times at which the value goes up by one."""
    pace, saved, writes, step = SaveTimer(), 0, [], 0.25
    for tick in range(int(until_s / step)):
        now = tick * step
        value = sum(at <= now for at in changes)
        if pace.due(now, value, saved):
            writes.append(now)
            saved = value if works else saved
            pace.done(now)
    return writes, saved


def test_nothing_changed_nothing_written():
    assert play([], 3600)[0] == []


def test_a_change_is_written_once_it_has_settled():
    assert play([10], 100)[0] == [10 + SETTLED_S]
    assert play([10, 10.5, 11], 100)[0] == [11 + SETTLED_S]


def test_a_knob_that_is_always_turned_is_saved_now_and_then():
    writes, _ = play([tick / 4 for tick in range(4 * 120)], 120)
    assert len(writes) <= 60 * 2 / LATEST_S + 1


def test_a_disk_that_refuses_is_not_asked_all_the_time():
    writes, _ = play([1], 60, works=False)
    assert len(writes) <= 60 / APART_S + 1


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), max_size=60))
def test_at_last_all_is_written_and_never_too_often(changes):
    writes, saved = play(changes, 140)
    assert saved == len(changes)
    assert all(later - earlier >= APART_S for earlier, later in pairwise(writes))
