import math

import pytest

from lkjam_box.lab.evaluation import motif
from lkjam_box.protocol.engine import Strategy
from tests.lab.evaluation.turns import exchange, line

CALL = line((0, 60), (0.5, 62), (1, 64), (1.5, 60))
HIGHER = line((4, 65), (4.5, 67), (5, 69), (5.5, 65))
OTHER = line((0, 70), (2, 63), (2.25, 63), (2.5, 74))


def test_an_echo_is_wholly_alike():
    assert motif.values(exchange(HIGHER, CALL)) == {
        "interval": [1.0],
        "contour": [1.0],
        "rhythm": [1.0],
        "correlation": [pytest.approx(1.0)],
    }


def test_what_is_undefined_is_left_out():
    one = line((0, 60))
    assert motif.values(exchange(one, one)) == {key: [] for key in motif.LIKENESSES}


def test_a_random_call_is_of_another_solo():
    calls = {
        f"{solo}:{bar}": line((bar, pitch))
        for solo, pitch in (("a", 60), ("b", 70), ("c", 80))
        for bar in (0, 4)
    }
    exchanges = [exchange(CALL, call, id=id) for id, call in calls.items()]
    for seed in range(5):
        for mine, theirs in zip(exchanges, motif.random_calls(exchanges, seed), strict=True):
            assert theirs[0].pitch != mine.call[0].pitch
    assert motif.random_calls(exchanges, 1) == motif.random_calls(exchanges, 1)
    assert motif.random_calls(exchanges[:2]) == [None, None]


def test_the_table_keeps_strategies_and_strangers_apart():
    said = motif.similarity_table(
        [
            exchange(HIGHER, CALL, id="a:0", strategy=Strategy.IMITATION),
            exchange(HIGHER, OTHER, id="b:0"),
            exchange(HIGHER, OTHER, id="b:4", seen=False),
        ]
    )
    assert set(said) == {"imitation", "free", "unheard"}
    # Intervals 2 2 -4 against -7 0 11, the stranger's.
    assert said["imitation"]["interval"] == {"call": 1.0, "random": 0.0, "n": 1}
    assert said["free"]["interval"] == {"call": 0.0, "random": 1.0, "n": 1}
    alone = motif.similarity_table([exchange(HIGHER, CALL)])
    assert math.isnan(alone["free"]["rhythm"]["random"])
