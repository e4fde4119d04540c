"""When a stage is taken to hang, and when systemd is told that the box lives."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.service.stage_progress import (
    AGAIN_S,
    LOOK_S,
    LOOP_S,
    QUIET_S,
    STUCK_S,
    StageProgress,
    WatchdogFeed,
)


def looks(progress, until_s, alive_s, sounds=True):
    """Look when it is due, as the supervisor does: [(when, for how long it stood still)]."""
    seen = []
    while progress.look_s < until_s:
        now = progress.look_s
        seen.append((now, progress.see(now, alive_s(now), sounds)))
    return seen


def test_a_stage_that_turns_ten_times_a_second_never_stands_still_and_is_looked_at_seldom():
    progress = StageProgress(0.0)
    seen = looks(progress, 60.0, lambda now: now - now % 0.1)
    assert max(still for _, still in seen) < QUIET_S
    assert len(seen) <= 60 * 10
    thirty_a_second = StageProgress(0.0)
    assert len(looks(thirty_a_second, 60.0, lambda now: now - now % (1 / 30))) <= 60 * 6


@given(st.floats(0.1, 2.0), st.floats(0.01, 0.1))
def test_a_stage_that_hangs_is_seen_in_time(hangs_s, round_s):
    progress = StageProgress(0.0)
    seen = looks(progress, hangs_s + 3.0, lambda now: min(now, hangs_s) // round_s * round_s)
    last_s = hangs_s // round_s * round_s
    quiet = next(now for now, still in seen if still > QUIET_S)
    stuck = next(now for now, still in seen if still > STUCK_S)
    assert quiet - last_s <= QUIET_S + AGAIN_S + 1e-6
    assert stuck - last_s <= STUCK_S + AGAIN_S + 1e-6
    assert quiet - last_s >= QUIET_S - 1e-6


def test_where_nothing_sounds_a_stage_that_hangs_is_not_looked_at_more_often():
    progress = StageProgress(0.0)
    seen = looks(progress, 10.0, lambda now: min(now, 1.0), sounds=False)
    assert len(seen) <= 55
    assert next(now for now, still in seen if still > STUCK_S) < 1.0 + STUCK_S + LOOK_S + 1e-6


def test_a_computer_that_stood_still_gets_no_stage_killed():
    progress = StageProgress(0.0)
    progress.see(1.0, 0.99)
    assert progress.see(61.0, 0.99) < QUIET_S  # we were not there either
    assert progress.see(61.05, 61.0) < AGAIN_S + 1e-6


def test_one_that_stood_still_before_gets_a_moment_to_come_back():
    progress = StageProgress(0.0)
    looks(progress, 0.3, lambda now: 0.01)
    assert progress.see(progress.look_s + 60.0, 0.01) < STUCK_S


def told(feed, times, moved, starting):
    return [now for now in times if feed.due(now, moved(now), starting(now))]


def test_systemd_hears_of_us_while_the_stage_moves_and_no_longer():
    feed = WatchdogFeed(5.0, 0.0)
    times = [n * 0.05 for n in range(1, 1200)]
    heard = told(feed, times, lambda now: min(now, 21.0), lambda now: False)
    assert [round(now) for now in heard] == [5, 10, 15, 20, 25]  # the last for what moved since
    assert not told(feed, [60.0 + n for n in range(60)], lambda now: 21.0, lambda now: False)


def test_a_stage_that_is_started_again_and_again_is_given_up_in_the_end():
    feed = WatchdogFeed(5.0, 0.0)
    times = [n * 0.05 for n in range(1, 2400)]
    heard = told(feed, times, lambda now: min(now, 10.0), lambda now: now > 10.0)
    assert heard[-1] <= 10.0 + LOOP_S
    assert heard[-1] > 10.0 + LOOP_S - 5.1


def test_systemd_does_not_hear_of_a_stage_that_keeps_failing_though_it_moves_in_between():
    feed = WatchdogFeed(5.0, 0.0)
    assert feed.due(5.0, 4.9, False)
    assert not any(feed.due(now * 1.0, now * 1.0, False, failing=True) for now in range(6, 60))
    assert feed.due(60.0, 60.0, False)


def test_without_systemd_nothing_is_due():
    feed = WatchdogFeed(0.0, 0.0)
    assert not told(feed, [n * 1.0 for n in range(100)], lambda now: now, lambda now: False)
