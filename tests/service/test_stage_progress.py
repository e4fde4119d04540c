"""When a stage is taken to hang, and when systemd is told that the box lives."""

from lkjam_box.service.stage_progress import LOOP_S, QUIET_S, STUCK_S, StageProgress, WatchdogFeed


def test_a_stage_that_turns_ten_times_a_second_never_stands_still():
    progress = StageProgress(0.0)
    for tick in range(1, 400):
        now = tick * 0.05
        assert progress.see(now, alive_s=now - now % 0.1) < QUIET_S
    assert progress.moved_s > 19.8


def test_a_stage_that_hangs_is_seen_in_time():
    progress = StageProgress(0.0)
    progress.see(0.05, 0.04)
    still = [progress.see(0.05 + n * 0.05, 0.04) for n in range(1, 40)]
    quiet = next(n for n, s in enumerate(still, 1) if s > QUIET_S)
    stuck = next(n for n, s in enumerate(still, 1) if s > STUCK_S)
    assert quiet * 0.05 <= QUIET_S + 0.05 + 1e-9
    assert stuck * 0.05 <= STUCK_S + 0.05 + 1e-9
    assert progress.moved_s == 0.05


def test_a_computer_that_stood_still_gets_no_stage_killed():
    progress = StageProgress(0.0)
    progress.see(1.0, 0.99)
    assert progress.see(61.0, 0.99) < QUIET_S  # we were not there either
    assert progress.see(61.05, 61.0) == 0.0


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


def test_without_systemd_nothing_is_due():
    feed = WatchdogFeed(0.0, 0.0)
    assert not told(feed, [n * 1.0 for n in range(100)], lambda now: now, lambda now: False)
