import gzip
import json
import math
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training import corpus
from lkjam_box.lab.training import similarity as s
from lkjam_box.music.note import Note

FOLDER = corpus.data_folder() / "wjazzd"
needs_data = pytest.mark.skipif(not FOLDER.exists(), reason="the shared data is not beside us")

sequences = st.lists(st.integers(-3, 3), max_size=12)


def line(pitches, onsets=None):
    onsets = onsets or [i / 2 for i in range(len(pitches))]
    return [Note(o, p, 80, 0.25) for o, p in zip(onsets, pitches, strict=True)]


def test_what_a_line_is_made_of():
    notes = line([60, 64, 64, 59], [0.0, 1.0, 1.6, 1.75])
    assert s.intervals(notes) == [4, 0, -5]
    assert s.contour(notes) == [1, 0, -1]
    assert s.rhythm(notes) == [0, -1, -3]  # .6 beat is an eighth, .15 a thirty-second
    assert s.rhythm(line([60, 61], [1.0, 1.0])) == [-6]


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("ab", "", 2), ("kitten", "sitting", 3), ("abc", "bcd", 2), ("ab", "ba", 2)],
)
def test_edit_distance_by_hand(a, b, distance):
    assert s.edit_distance([ord(c) for c in a], [ord(c) for c in b]) == distance


@given(sequences, sequences, sequences)
def test_edit_distance_is_a_distance(a, b, c):
    assert (s.edit_distance(a, b) == 0) == (a == b)
    assert s.edit_distance(a, b) == s.edit_distance(b, a)
    assert s.edit_distance(a, c) <= s.edit_distance(a, b) + s.edit_distance(b, c)
    assert abs(len(a) - len(b)) <= s.edit_distance(a, b) <= max(len(a), len(b))


def test_similarity_is_a_share_of_the_longer_one():
    assert s.edit_similarity([1, 2, 3, 4], [1, 2]) == 0.5
    assert s.edit_similarity([1], []) == 0.0
    assert math.isnan(s.edit_similarity([], []))


@given(st.lists(st.integers(40, 80), min_size=2, max_size=12), st.integers(-9, 9))
def test_a_transposed_call_is_the_call_and_its_mirror_is_not(pitches, up):
    call, moved = line(pitches), line([p + up for p in pitches])
    assert s.interval_similarity(call, moved) == 1.0
    assert s.contour_similarity(call, moved) == 1.0
    assert s.rhythm_similarity(call, moved) == 1.0
    mirror = line([120 - p for p in pitches])
    turned = [a for a in s.contour(call) if a]
    if turned == s.contour(call):
        assert s.contour_similarity(call, mirror) < 1.0
    if len(set(s._curve(call).round(6))) > 1:
        assert s.contour_correlation(call, moved) == pytest.approx(1.0)
        assert s.contour_correlation(call, mirror) == pytest.approx(-1.0)


def test_the_correlation_stretches_the_shorter_curve():
    """A rise of three notes is a straight line, one of five is the same line."""
    assert s.contour_correlation(line([60, 62, 64]), line([50, 53, 56, 59, 62])) == pytest.approx(1)
    up_down = s.contour_correlation(line([60, 62, 64]), line([60, 64, 60]))
    assert abs(up_down) < 1e-9
    assert math.isnan(s.contour_correlation(line([60, 60, 60]), line([60, 62, 64])))
    assert math.isnan(s.contour_correlation(line([60]), line([60, 62])))


@needs_data
def test_the_figures_of_the_shared_data_come_out():
    """Its README, end of section 6: similarity of response and call, random call in brackets."""
    with gzip.open(FOLDER / "wjazzd.jsonl.gz", "rt") as lines:
        records = [json.loads(text) for text in lines]
    notes = {r["id"]: [Note(row[0], row[1], 80, row[2]) for row in r["notes"]] for r in records}
    with gzip.open(FOLDER / "variation_pairs.jsonl.gz", "rt") as lines:
        pairs = [json.loads(text) for text in lines]

    def part(pair, which):
        first, last = pair[which]
        return notes[pair["solo"]][first : last + 1]

    rng = random.Random(0)
    published = {
        s.interval_similarity: ((0.30, 0.34, 0.34), 0.13),
        s.contour_similarity: ((0.51, 0.62, 0.61), 0.36),
        s.rhythm_similarity: ((0.42, 0.51, 0.49), 0.25),
    }
    for measure, (figures, chance) in published.items():
        for kind, figure in zip(("varied", "varied-higher", "varied-lower"), figures, strict=True):
            mine = [p for p in pairs if p["kind"] == kind]
            said = fmean(measure(part(p, "call"), part(p, "response")) for p in mine)
            assert said == pytest.approx(figure, abs=0.006)
        by_chance = fmean(
            measure(part(rng.choice(pairs), "call"), part(p, "response")) for p in pairs
        )
        assert by_chance == pytest.approx(chance, abs=0.015)
