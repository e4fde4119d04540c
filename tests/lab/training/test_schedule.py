from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="torch is in the train extra only")

from lkjam_box.lab.training.schedule import Settings, passes, rate, seed_of

SETTINGS = Settings(basic=1, advanced=6, expert=4, own_share=0.2)


def test_own_events_grow_evenly_after_the_first_third_of_advanced():
    shares = [step.own_share for step in passes(SETTINGS)]
    assert shares[:3] == [0, 0, 0]  # basic, and two of six
    assert shares[3:] == pytest.approx([0.025 * i for i in range(1, 9)])
    assert [step.own_share for step in passes(replace(SETTINGS, stages=("basic",)))] == [0]
    only = passes(replace(SETTINGS, stages=("expert",)))
    assert [step.own_share for step in only] == pytest.approx([0.05, 0.1, 0.15, 0.2])


def test_passes_come_stage_by_stage():
    plan = passes(SETTINGS)
    assert [step.index for step in plan] == list(range(11))
    assert [step.stage for step in plan] == ["basic"] + ["advanced"] * 6 + ["expert"] * 4
    assert [step.last for step in plan] == [True] + [False] * 5 + [True] + [False] * 3 + [True]
    assert [s.index for s in plan if s.checked(SETTINGS)] == [0, 2, 4, 6, 8, 10]


def test_the_rate_warms_up_and_then_falls():
    assert rate(SETTINGS, 0.0, 0) == pytest.approx(2e-3 / 200)
    assert rate(SETTINGS, 0.0, 199) == pytest.approx(2e-3)
    assert rate(SETTINGS, 0.5, 10_000) == pytest.approx(2e-3 * 0.51)
    assert rate(SETTINGS, 1.0, 10_000) == pytest.approx(2e-3 * 0.02)


def test_every_pass_and_process_has_a_seed_of_its_own():
    plan = passes(SETTINGS)
    seeds = {seed_of(replace(SETTINGS, seed=s), p, r) for s in (1, 2) for p in plan for r in (0, 1)}
    assert len(seeds) == 2 * len(plan) * 2
    assert seed_of(SETTINGS, plan[3]) == seed_of(SETTINGS, plan[3])
