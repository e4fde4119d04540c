"""The shown tempo and the model clocks."""

from __future__ import annotations

from random import Random
from statistics import fmean, pstdev

import pytest

from lkjam_box.midi.messages import TICK, real_time
from lkjam_box.play.clock_jitter import (
    MODELS,
    arrive,
    doubled,
    intervals,
    ramp,
    stall,
    steady,
    ticks_at,
    without,
)
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.follower import Follower
from lkjam_box.tempo.sticky import StickyBpm

TICKED = real_time(TICK)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("bpm", [120.0, 120.05, 97.3])
def test_the_shown_tempo_stands_still(model: str, bpm: float) -> None:
    clock, shown = ExternalClock(), set()
    for n, t in enumerate(arrive(ticks_at(steady(bpm, 4000)), MODELS[model], Random(7))):
        clock.message(t, TICKED)
        if n > 192:
            shown.add(clock.display_bpm)
    assert len(shown) == 1
    assert shown.pop() == pytest.approx(bpm, abs=0.3 if model == "laptop" else 0.1)


def test_the_shown_tempo_moves_when_the_tempo_does() -> None:
    clock = ExternalClock()
    due_s = ticks_at(steady(120, 400) + steady(126, 400))
    for t in arrive(due_s, MODELS["USB"], Random(7)):
        clock.message(t, TICKED)
    assert clock.display_bpm == 126.0


def swung(bpm: float, swing: float, unit: int, ticks: int) -> list[float]:
    """When ticks of a clock fall of which every second ``unit`` of ticks is late."""
    period_s, due_s = 60 / bpm / 24, []
    for tick in range(ticks):
        pair, inside = divmod(tick, 2 * unit)
        late = 2 * unit * swing + 2 * (inside - unit) * (1 - swing)
        due_s.append((pair * 2 * unit + (2 * inside * swing if inside < unit else late)) * period_s)
    return due_s


@pytest.mark.parametrize("unit", [6, 12])
@pytest.mark.parametrize("swing", [0.52, 0.54, 0.58, 0.66, 0.75])
@pytest.mark.parametrize("bpm", [60.0, 90.0, 133.3, 174.0])
@pytest.mark.parametrize("model", ["DIN", "USB"])
def test_the_shown_tempo_stands_still_under_a_clock_that_swings(
    model: str, bpm: float, swing: float, unit: int
) -> None:
    clock, rng, shown = ExternalClock(), Random(5), set()
    for n, t in enumerate(arrive(swung(bpm, swing, unit, 24 * 60), MODELS[model], rng)):
        clock.message(t, TICKED)
        if n > 192:
            shown.add(clock.display_bpm)
    assert max(abs(one - bpm) for one in shown) <= 0.5


@pytest.mark.parametrize(("swing", "beats"), [(0.5, 2.5), (0.62, 5.0)])
def test_the_shown_tempo_follows_within_a_few_beats(swing: float, beats: float) -> None:
    clock = ExternalClock()
    first = swung(100.0, swing, 6, 24 * 40)
    then = [first[-1] + 60 / 130 / 24 + t for t in swung(130.0, swing, 6, 24 * 40)]
    for t in first:
        clock.message(t, TICKED)
    assert clock.display_bpm == pytest.approx(100.0, abs=0.1)
    for t in then[: round(beats * 24)]:
        clock.message(t, TICKED)
    assert clock.display_bpm == pytest.approx(130.0, abs=1.0)
    for t in then[round(beats * 24) :]:
        clock.message(t, TICKED)
    assert clock.display_bpm == pytest.approx(130.0, abs=0.1)


def test_sticky_shows_nothing_it_does_not_know() -> None:
    sticky = StickyBpm()
    assert sticky.see(131.0, 30.0) == 0.0
    assert sticky.see(119.96, 0.5) == 120.0
    assert sticky.see(120.07, 0.001) == 120.0
    assert sticky.see(121.0, 0.4) == 120.0  # not sure
    assert sticky.see(121.0, 0.01) == 121.0


@pytest.mark.parametrize(
    ("model", "mean_ms", "sd_ms"), [("DIN", 0.24, 0.18), ("USB", 0.70, 0.63), ("laptop", 3.0, 2.09)]
)
def test_model_clocks_have_the_spread_measured_in_the_field(
    model: str, mean_ms: float, sd_ms: float
) -> None:
    rng = Random(1)
    late_ms = [MODELS[model](rng.uniform(0, 1000), rng) * 1000 for _ in range(40000)]
    assert fmean(late_ms) == pytest.approx(mean_ms, rel=0.05)
    assert pstdev(late_ms) == pytest.approx(sd_ms, rel=0.06)
    assert min(late_ms) >= 0


def test_arrivals_keep_their_order() -> None:
    due_s = ticks_at(steady(300, 2000))
    assert min(intervals(arrive(due_s, MODELS["laptop"], Random(3)))) >= 0


def test_what_can_happen_to_ticks() -> None:
    due_s = ticks_at(steady(60, 10))
    assert len(due_s) == 11
    assert due_s[10] == pytest.approx(10 / 24)
    assert without(due_s, [3]) == [*due_s[:3], *due_s[4:]]
    assert doubled(due_s, [3])[3:5] == [due_s[3], due_s[3] + 0.001]
    held = stall(due_s, 2, 0.1, 0.001)
    assert held[:3] == due_s[:3]
    assert held[3:5] == [pytest.approx(due_s[2] + 0.1), pytest.approx(due_s[2] + 0.101)]
    assert held[6:] == due_s[6:]
    assert ramp(120, 132, 4) == [120, 123, 126, 129]


def test_a_follower_starts_cold() -> None:
    follower = Follower()
    follower.skip(10)
    assert follower.tick(1.0) == 0
    follower.tick(6.0)  # too slow to be music: counted as the first
    follower.tick(6.02)
    assert follower.predict(1) == pytest.approx(6.04)
