import numpy as np
import pytest

from lkjam_box.brain.sampler import MASKED, Sampler

LOGITS = np.array([2.0, 1.5, 1.5, 0.0, -1.0, 0.5, MASKED], np.float32)


def nucleus(logits, temperature, top_p):
    odds = np.exp((logits - logits.max()) / temperature)
    odds /= odds.sum()
    keep = np.array([odds[odds > o].sum() < top_p for o in odds])
    odds = np.where(keep, odds, 0)
    return odds / odds.sum()


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("temperature", "top_p"), [(1.0, 1.0), (1.0, 0.8), (0.5, 0.9), (2.0, 0.6), (1.0, 0.3)]
)
def test_draws_follow_the_nucleus(temperature, top_p, backwards):
    sampler = Sampler(3, temperature, top_p)
    logits = LOGITS[::-1] if backwards else LOGITS
    expected = nucleus(logits.astype(float), temperature, top_p)
    scaled = logits * np.float32(sampler.inverse_temperature)
    drawn = [sampler.draw(scaled) for _ in range(6000)]
    seen = np.bincount(drawn, minlength=len(expected)) / len(drawn)
    assert 0.5 * np.abs(seen - expected).sum() < 0.03
    assert seen[expected == 0].sum() == 0


@pytest.mark.parametrize("temperature", [0.01, 1000.0])
def test_no_temperature_is_too_low_or_too_high(temperature):
    sampler = Sampler(2, temperature, 0.9)
    logits = np.array([0.0, 1.0, -1.0, 1.0], np.float32) * np.float32(1 / temperature)
    for _ in range(200):
        assert sampler.draw(logits) in ((1, 3) if temperature < 1 else range(4))


def test_the_same_seed_draws_the_same():
    a, b = Sampler(5, 1.0, 0.9), Sampler(5, 1.0, 0.9)
    assert [a.draw(LOGITS) for _ in range(50)] == [b.draw(LOGITS) for _ in range(50)]


def test_a_tiny_nucleus_is_the_likeliest():
    sampler = Sampler(1, 1.0, 1e-6)
    assert {sampler.draw(LOGITS) for _ in range(50)} == {0}


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0 - 1e-12])
def test_any_noise_gives_a_choice_that_is_not_masked(noise):
    assert Sampler(1, 1.0, 1.0).kept(LOGITS[::-1], noise) != 0
