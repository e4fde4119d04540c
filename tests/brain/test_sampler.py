import numpy as np
import pytest

from lkjam_box.brain.sampler import MASKED, Pair, Sampler

LOGITS = np.array([2.0, 1.5, 1.5, 0.0, -1.0, 0.5, MASKED], np.float32)


def _nucleus(logits, temperature, top_p):
    odds = np.exp((logits - logits.max()) / temperature)
    odds /= odds.sum()
    keep = np.array([odds[odds > o].sum() < top_p for o in odds])
    odds = np.where(keep, odds, 0)
    return odds / odds.sum()


def _pair(sampler, first, second):
    pair = Pair(sampler, len(first), len(second))
    pair.first[:], pair.second[:] = first, second
    return pair


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (1.0, 0.8), (0.5, 0.9), (2.0, 0.6)])
def test_draws_follow_the_nucleus(temperature, top_p):
    sampler = Sampler(3, temperature, top_p)
    expected = _nucleus(LOGITS.astype(float), temperature, top_p)
    draws = 6000
    scaled = LOGITS * np.float32(sampler.inverse_temperature)
    pair = _pair(sampler, scaled[::-1], scaled[:5])
    pairs = [pair.draw() for _ in range(draws)]
    five = _nucleus(LOGITS[:5].astype(float), temperature, top_p)
    for drawn, meant in (
        ([sampler.draw(scaled) for _ in range(draws)], expected),
        ([first for first, _ in pairs], expected[::-1]),
        ([second for _, second in pairs], five),
    ):
        seen = np.bincount(drawn, minlength=len(meant)) / draws
        assert 0.5 * np.abs(seen - meant).sum() < 0.03
        assert seen[meant == 0].sum() == 0


@pytest.mark.parametrize("temperature", [0.01, 1000.0])
def test_no_temperature_is_too_low_or_too_high(temperature):
    sampler = Sampler(2, temperature, 0.9)
    logits = np.array([0.0, 1.0, -1.0, 1.0], np.float32) * np.float32(1 / temperature)
    for _ in range(200):
        assert sampler.draw(logits) in ((1, 3) if temperature < 1 else range(4))
        pair = _pair(sampler, logits[:2], logits[2:])
        assert set(pair.draw()) <= ({1} if temperature < 1 else {0, 1})


def test_the_same_seed_draws_the_same():
    a, b = Sampler(5, 1.0, 0.9), Sampler(5, 1.0, 0.9)
    assert [a.draw(LOGITS) for _ in range(50)] == [b.draw(LOGITS) for _ in range(50)]


def test_a_tiny_nucleus_is_the_likeliest():
    sampler = Sampler(1, 1.0, 1e-6)
    assert {sampler.draw(LOGITS) for _ in range(50)} == {0}
