import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lkjam_box.brain import features as f
from lkjam_box.lab.evaluation.ngram import LONGEST, NOTHING, ORDERS, Baselines, Ngram, best
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.teacher import HEADS
from lkjam_box.music.note import Note


def rows(symbols):
    """Contexts, nearest first, and targets of one sequence."""
    padded = [NOTHING] * LONGEST + list(symbols)
    contexts = [padded[i : i + LONGEST][::-1] for i in range(len(symbols))]
    return np.array(contexts, np.int64).reshape(-1, LONGEST), np.array(symbols, np.int64)


def by_hand(symbols, context, symbol, kinds, strengths):
    """Interpolated odds after Witten and Bell, written out for one symbol."""
    padded = [NOTHING] * LONGEST + list(symbols)
    odds, out = 1 / kinds, []
    for length, strength in enumerate(strengths):
        wanted = context[:length]
        seen = Counter(
            padded[i] for i in range(LONGEST, len(padded)) if padded[i - length : i][::-1] == wanted
        )
        if seen:
            shorter = strength * len(seen)
            odds = (seen[symbol] + shorter * odds) / (seen.total() + shorter)
        out.append(odds)
    return out


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    st.lists(st.integers(0, 3), min_size=LONGEST, max_size=LONGEST),
    st.lists(st.sampled_from((0.25, 1.0, 4.0)), min_size=ORDERS, max_size=ORDERS),
)
@settings(max_examples=60)
def test_odds_are_those_worked_out_by_hand(symbols, context, strengths):
    ngram = Ngram(4, rows(symbols), strengths)
    odds = ngram.odds(np.array([context], np.int64))
    for symbol in range(4):
        expected = by_hand(symbols, context, symbol, 4, strengths)
        assert [order[0, symbol] for order in odds] == pytest.approx(expected)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_odds_add_up_to_one_and_leave_room_for_everything(symbols):
    ngram = Ngram(6, rows(symbols))
    for odds in ngram.odds(rows([5, 4, 3, 2, 1, 0])[0]):
        assert odds.sum(axis=1) == pytest.approx(1)
        assert (odds > 0).all()


def test_a_golden_value():
    """0 1 0 1 0, order 2 after a 1: 0 both times. Order 1: (3 + 2/4) / 7 of 0."""
    odds = Ngram(4, rows([0, 1, 0, 1, 0])).odds(np.array([[1, NOTHING, NOTHING, NOTHING]]))
    assert odds[0][0, 0] == pytest.approx(3.5 / 7)
    assert odds[1][0, 0] == pytest.approx((2 + 0.5) / 3)


def test_fitting_trusts_long_contexts_where_they_tell_and_not_where_they_do_not():
    told = [0, 1, 2, 3] * 40
    ngram = Ngram(4, rows(told))
    assert ngram.fitted(rows(told[:20]))[1] < 1
    noise = list(np.random.default_rng(1).integers(0, 4, 200))
    ngram = Ngram(4, rows(noise[:100]))
    assert ngram.fitted(rows(noise[100:]))[2] > 1


@pytest.fixture(scope="module")
def solos():
    return [replace(solo, title=f"tune {i}", id=str(i)) for i, solo in enumerate(generate(24, 3))]


@pytest.fixture(scope="module")
def scores(solos):
    return Baselines(solos[:20]).scores(solos[20:])


def test_every_head_has_a_baseline_over_the_notes_that_the_model_is_scored_on(solos, scores):
    notes = sum(len(solo.notes) - 1 for solo in solos[20:])
    assert set(scores) == set(HEADS)
    for head, kinds in scores.items():
        wanted = notes - len(solos[20:]) if head == "time_shift" else notes
        assert {row["n"] for row in kinds.values()} == {wanted}
        for row in kinds.values():
            assert row["ppl"] == pytest.approx(math.exp(row["nll"]))
    assert len(scores["pitch"]) == 3 * ORDERS
    assert len(scores["duration"]) == ORDERS


def test_counting_beats_knowing_nothing_and_long_orders_beat_short_ones(scores):
    assert best(scores)["pitch"]["nll"] < math.log(20)
    assert best(scores)["time_shift"]["nll"] < math.log(20) < math.log(f.TIME_BINS)
    assert scores["pitch"]["interval 3"]["nll"] < scores["pitch"]["interval 1"]["nll"]
    assert best(scores)["pitch"]["nll"] == min(row["nll"] for row in scores["pitch"].values())


def test_the_key_does_not_matter_to_intervals_and_hardly_to_pitch_in_12_keys(solos):
    """Intervals by definition; pitches because the training solos are moved to all keys."""
    moved = [
        replace(s, notes=tuple(structs.replace(n, pitch=n.pitch + 3) for n in s.notes))
        for s in solos[20:]
    ]
    baselines = Baselines(solos[:20])
    here, there = baselines.scores(solos[20:]), baselines.scores(moved)
    nll = here["pitch"]["interval 5"]["nll"]
    # A hair apart: what is left of 0..127 differs.
    assert there["pitch"]["interval 5"]["nll"] == pytest.approx(nll, abs=0.02)
    assert abs(there["pitch"]["pitch 5"]["nll"] - here["pitch"]["pitch 5"]["nll"]) < 0.3


def test_nothing_is_learned_from_what_is_scored(solos):
    baselines = Baselines(solos[:20])
    first = baselines.scores(solos[20:22])
    baselines.scores(solos[22:])
    assert baselines.scores(solos[20:22]) == first


def test_one_tune_is_enough_to_train_on(solos):
    tune = [replace(solos[0], title="one"), replace(solos[1], title="one")]
    low = replace(solos[2], notes=(Note(0.0, 0, 80, 0.5), Note(1.0, 127, 80, 0.5)))
    assert Baselines(tune).scores([low])["pitch"]["mixed 5"]["n"] == 1
