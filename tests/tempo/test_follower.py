"""The follower on model clocks, in virtual time: goals, with margins, on fixed seeds."""

from __future__ import annotations

from random import Random
from statistics import fmean, median

import pytest

from lkjam_box.lab.bench.clock import P99_GOALS_MS, STEPS, p99_ms, ramp_ms, relock_beats, stall_ms
from lkjam_box.play.clock_jitter import MODELS, arrive, doubled, stall, steady, ticks_at, without
from lkjam_box.tempo.follower import Follower

SEEDS = (11, 12, 13)


def errors_ms(
    follower: Follower, due_s: list[float], arrived_s: list[float], late_s: float
) -> list[float]:
    """Next-beat errors, tick by tick, of a clock that loses none."""
    found = []
    for now_s, later_s in zip(arrived_s, due_s[24:], strict=False):
        follower.tick(now_s)
        found.append((follower.predict(24) - later_s - late_s) * 1000)
    return found


@pytest.mark.parametrize("model", MODELS)
def test_next_beat_error_meets_its_goal(model: str) -> None:
    assert median(p99_ms(Follower, model, s) for s in SEEDS) < P99_GOALS_MS[model]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("step", STEPS)
def test_relocks_within_a_beat(model: str, step: tuple[float, float]) -> None:
    assert median(relock_beats(Follower, model, s, *step) for s in SEEDS) <= 1.0


@pytest.mark.parametrize(
    "step", [(120, 60), (60, 120), (120, 240), (40, 300), (300, 40), (120, 121)]
)
@pytest.mark.parametrize("model", ["DIN", "USB"])
def test_any_step_is_followed(model: str, step: tuple[int, int]) -> None:
    assert relock_beats(Follower, model, 5, *step) <= 2.0


@pytest.mark.parametrize(("model", "most_ms"), [("DIN", 6), ("USB", 8), ("laptop", 12)])
def test_ramps_are_followed(model: str, most_ms: float) -> None:
    assert max(ramp_ms(Follower, model, s)[1] for s in SEEDS) < most_ms


@pytest.mark.parametrize(("model", "most_ms"), [("DIN", 1), ("USB", 8), ("laptop", 8)])
def test_stalls_and_bursts_hurt_nothing(model: str, most_ms: float) -> None:
    assert max(stall_ms(Follower, model, s)[1] for s in SEEDS) < most_ms


@pytest.mark.parametrize("bpm", [40, 75, 180, 300])
@pytest.mark.parametrize("model", ["DIN", "USB"])
def test_locks_from_the_third_tick_at_any_tempo(model: str, bpm: float) -> None:
    due_s = ticks_at(steady(bpm, 240))
    arrived_s = arrive(due_s, MODELS[model], Random(bpm))
    late_s = fmean(a - d for a, d in zip(arrived_s, due_s, strict=True))
    found = errors_ms(Follower(), due_s, arrived_s, late_s)
    assert max(map(abs, found[24:])) < 5
    assert median(map(abs, found[3:24])) < 5


def test_one_percent_of_late_pulses() -> None:
    rng = Random(3)
    due_s = ticks_at(steady(120, 3000))
    late = [t + (rng.uniform(0.005, 0.012) if rng.random() < 0.01 else 0) for t in due_s]
    arrived_s = arrive(late, MODELS["DIN"], rng)
    assert max(map(abs, errors_ms(Follower(), due_s, arrived_s, 0.00024)[240:])) < 1


@pytest.mark.parametrize("model", ["DIN", "USB"])
def test_lost_ticks_are_counted_once_those_after_them_tell(model: str) -> None:
    rng = Random(8)
    arrived_s = arrive(ticks_at(steady(120, 3000)), MODELS[model], rng)
    lost = [n for n in range(200, 2900) if rng.random() < 0.01]
    follower = Follower()
    found = sum(follower.tick(t) for t in without(arrived_s, lost))
    assert len(lost) > 20
    assert found == len(lost)
    assert follower.count == len(arrived_s)


def test_a_beat_pulled_out_of_the_cable_is_counted() -> None:
    arrived_s = arrive(ticks_at(steady(120, 600)), MODELS["USB"], Random(1))
    follower = Follower()
    for t in without(arrived_s, range(300, 324)):
        follower.tick(t)
    assert follower.count == len(arrived_s)


def test_ticks_sent_twice_are_taken_back() -> None:
    arrived_s = arrive(ticks_at(steady(120, 2000)), MODELS["DIN"], Random(2))
    follower = Follower()
    for t in doubled(arrived_s, range(300, 1900, 97)):
        follower.tick(t)
    assert follower.count == len(arrived_s)


@pytest.mark.parametrize("step", [(120, 60), (60, 120), (240, 80)])
@pytest.mark.parametrize("model", MODELS)
def test_a_step_of_tempo_is_not_taken_for_lost_ticks(model: str, step: tuple[int, int]) -> None:
    for seed in SEEDS:
        due_s = ticks_at(steady(step[0], 500) + steady(step[1], 500))
        follower = Follower()
        for t in arrive(due_s, MODELS[model], Random(seed)):
            follower.tick(t)
        assert follower.count == len(due_s)


def test_the_wire_may_get_worse() -> None:
    due_s = ticks_at(steady(120, 2000))
    rng = Random(4)
    arrived_s = arrive(due_s[:1000], MODELS["DIN"], rng) + arrive(
        due_s[1000:], MODELS["laptop"], rng
    )
    found = errors_ms(Follower(), due_s, arrived_s, 0.00296)
    assert max(map(abs, found[1200:])) < 5


def test_before_two_ticks_it_guesses_120_bpm() -> None:
    follower = Follower()
    follower.tick(7.0)
    assert follower.predict(24) == pytest.approx(7.5)
    assert not follower.settled


def test_exact_ticks_are_foretold_exactly() -> None:
    follower = Follower()
    for n in range(200):
        follower.tick(100 + n * 0.02)
    assert follower.predict(24) == pytest.approx(100 + 223 * 0.02, abs=1e-9)
    assert follower.settled


def test_garbage_leaves_a_sane_tempo() -> None:
    rng, now_s, follower = Random(9), 0.0, Follower()
    for _ in range(3000):
        now_s += rng.choice([0.0, 0.0001, rng.expovariate(30), rng.uniform(0, 5)])
        follower.tick(now_s)
        assert 20 <= 60 / 24 / follower.period_s <= 310.001
    for n in range(96):
        follower.tick(now_s + (n + 1) / 48)
    assert follower.predict(24) == pytest.approx(now_s + 120 / 48, abs=0.002)


@pytest.mark.parametrize("block_s", [0.00267, 0.00533, 0.01067, 0.02133])
@pytest.mark.parametrize("bpm", [97, 128])
def test_ticks_in_blocks_of_a_sound_card_lose_nothing(block_s: float, bpm: float) -> None:
    due_s = ticks_at(steady(bpm, 3000), 0.3)
    arrived_s = [-(-t // block_s) * block_s for t in due_s]
    found = errors_ms(Follower(), due_s, arrived_s, block_s / 2)
    follower = Follower()
    found_lost = sum(follower.tick(t) for t in arrived_s)
    assert (found_lost, follower.count) == (0, len(due_s))
    assert max(map(abs, found[720:])) < 3


@pytest.mark.parametrize("slip_ms", [12.0, 17.9, 18.3, 35.7])
def test_a_sound_card_that_stumbles_by_about_a_tick_has_lost_none(slip_ms: float) -> None:
    """JACK at 64 frames and 48 kHz, 140 BPM; a late driver moves all that follows."""
    block_s = 64 / 48000
    due_s = ticks_at(steady(140, 600))
    moved_s = [t + (slip_ms / 1000 if n >= 300 else 0.0) for n, t in enumerate(due_s)]
    follower = Follower()
    assert sum(follower.tick(-(-t // block_s) * block_s) for t in moved_s) == 0
    assert follower.settled


@pytest.mark.parametrize("model", ["DIN", "USB"])
@pytest.mark.parametrize(("before", "after"), [(200, 60), (60, 200), (120, 97), (120, 75)])
def test_two_ticks_after_a_start_tell_another_tempo(model: str, before: float, after: float):
    follower, random = Follower(), Random(before)
    for time_s in arrive(ticks_at(steady(before, 200)), MODELS[model], random):
        follower.tick(time_s)
    start_s = 60 / before / 24 * 200 + 0.4
    first, second, *later = arrive(ticks_at(steady(after, 48), start_s), MODELS[model], random)
    follower.tick(first, fresh=True)
    follower.tick(second)
    assert 60 / 24 / follower.period_s == pytest.approx(after, rel=0.15)  # one tick's own jitter
    for time_s in later[:12]:
        follower.tick(time_s)
    assert 60 / 24 / follower.period_s == pytest.approx(after, rel=0.01)


def test_a_late_second_tick_is_no_other_tempo_for_long() -> None:
    follower, due_s = Follower(), ticks_at(steady(120, 240))
    for number, time_s in enumerate(due_s):
        late_s = 0.012 if number == 201 else 0.0
        follower.tick(time_s + late_s, fresh=number == 200)
        if number >= 204:
            assert 60 / 24 / follower.period_s == pytest.approx(120, rel=0.01)
    assert follower.count == len(due_s)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("gone", [6, 24, 47])
def test_time_tells_how_many_ticks_a_gap_swallowed(model: str, gone: int) -> None:
    follower, due_s = Follower(), ticks_at(steady(120, 400))
    arrived_s = arrive(due_s, MODELS[model], Random(gone))
    found = sum(follower.tick(t) for t in without(arrived_s, range(200, 200 + gone)))
    assert found == gone
    assert follower.count == len(due_s)


def test_ticks_held_back_are_not_counted_twice() -> None:
    follower, due_s = Follower(), ticks_at(steady(120, 400))
    for time_s in stall(due_s, 200, 0.5, 0.0003):
        follower.tick(time_s)
    assert follower.count == len(due_s)
    assert follower.next_s == pytest.approx(due_s[-1] + 60 / 120 / 24, abs=0.001)
