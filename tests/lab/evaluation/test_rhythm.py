import gzip
import json
import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import rhythm
from lkjam_box.lab.training import corpus
from lkjam_box.protocol.engine import Feel
from tests.lab.evaluation.turns import exchange, harmony, line

HERE = harmony("Cj7")
DATA = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"


def beats(*onsets):
    return [rhythm.beat_of(onset, HERE) for onset in onsets]


def test_a_note_in_its_usual_lag_is_at_its_place():
    for twelfth in rhythm.PLACES:
        assert rhythm.place(5 + twelfth / 12 + rhythm.LAG_BEATS, HERE) == 60 + twelfth


@pytest.mark.parametrize(
    ("onset", "twelfth"), [(-0.04, 0), (-0.05, -2), (0.12, 0), (0.13, 2), (0.6, 6), (0.65, 8)]
)
def test_early_and_late_notes_by_hand(onset, twelfth):
    assert rhythm.place(onset, HERE) == twelfth


@given(st.floats(-50, 50), st.floats(-8, 8))
def test_a_place_is_near_and_counts_from_the_form(onset, origin):
    moved = harmony("Cj7", origin=origin)
    at = rhythm.place(onset, moved)
    assert at % 12 in rhythm.PLACES
    assert abs(at / 12 - (onset - origin - rhythm.LAG_BEATS)) <= 1 / 12 + 1e-9
    beat, inside = rhythm.beat_of(onset, moved)
    assert beat + inside == pytest.approx(onset - origin)
    assert -0.125 - 1e-9 <= inside <= 0.875 + 1e-9


def test_a_note_off_the_beat_with_none_on_the_next_is_syncopated():
    # The one in beat 0 leads into 1, the one in 2 into 3; those in 1 and at the end do not.
    assert rhythm.syncopated(beats(0.0, 0.5, 1.0, 1.6, 2.5, 3.0, 3.25, 3.5)) == 2
    assert rhythm.syncopated(beats(0.0, 0.5, 1.1)) == 0  # late, but on the beat
    assert rhythm.syncopated(beats(0.0, 0.5, 1.3)) == 2
    assert rhythm.syncopated(beats(0.0, 1.0, 2.0)) == 0


def test_off_beats_are_those_of_pairs():
    assert rhythm.offbeats(beats(0.0, 0.6, 1.0, 2.65)) == [pytest.approx(0.6)]
    assert rhythm.offbeats(beats(0.0, 0.33, 0.67)) == []  # a triplet


def test_lag_is_told_in_milliseconds():
    assert rhythm.lags_ms(beats(0.05, 0.5, 0.95), 120.0) == pytest.approx([25, -25])


def test_a_turn_by_hand():
    answer = line((0.0, 60, 0.3), (0.6, 62, 0.4), (1.0, 64, 1.0), (3.0, 65, 0.5))
    found = rhythm.values(exchange(answer, bars=2, feel=Feel.SWING))
    assert found["density"] == [2]
    assert found["ioi_beats"] == pytest.approx([0.6, 0.4])  # not over the rest
    assert found["held"] == pytest.approx([0.5, 1.0])
    assert found["syncopation"] == [0]
    assert found["offbeat"] == [0.25]
    assert found["swing_place"] == pytest.approx([0.6])
    assert found["lag_ms"] == pytest.approx([0, 0, 0])
    straight = rhythm.values(exchange(answer, bars=2, feel=Feel.LATIN))
    assert straight["swing_place"] == []
    assert rhythm.values(exchange(()))["density"] == [0]


def test_the_table_has_a_row_for_each_tempo_that_swings():
    answer = line((0.02, 60), (0.6, 62), (1.02, 60), (1.6, 62))
    said = rhythm.swing_table(
        [
            exchange(answer, bpm=120.0, feel=Feel.SWING),
            exchange(answer, bpm=250.0),
            exchange(answer, bpm=160.0, feel=Feel.FUNK),
        ]
    )
    assert [(row["from_bpm"], row["to_bpm"]) for row in said] == [(100, 140), (220, math.inf)]
    assert said[0]["place"] == pytest.approx(0.6)
    assert said[0]["ratio"] == pytest.approx(1.5)
    assert said[0]["lag_ms"] == pytest.approx(10)
    assert (said[0]["n"], said[0]["n_lag"]) == (2, 2)


def raw_solos():
    with gzip.open(DATA, "rt") as lines:
        return [record for record in map(json.loads, lines) if corpus.usable(record)]


def annotated(solo, record):
    """The annotated places of a record, as :func:`rhythm.beat_of` tells them."""
    out = []
    for row in record["notes"]:
        at = row[5] - solo.harmony.origin_beats
        beat = math.floor(at + 1e-3)
        on = at - beat < 1e-3
        out.append((beat, 0.0 if on else 0.5))
    return out


@pytest.mark.skipif(not DATA.exists(), reason="the shared data is not beside us")
def test_the_figures_that_the_module_tells_come_out():
    hits = said = meant = notes = 0
    off, cut = [0, 0], [0, 0]  # ours, by annotation
    lags = {low: [] for low, _ in rhythm.TEMPO_BANDS}
    for record in raw_solos():
        solo = corpus.solo_of(record)
        ours = [rhythm.beat_of(note.onset_beats, solo.harmony) for note in solo.notes]
        if solo.feel == Feel.SWING:
            band = max(low for low in lags if low <= solo.bpm)
            lags[band] += rhythm.lags_ms(ours, solo.bpm)
        if solo.split != "train":
            continue
        theirs = annotated(solo, record)
        notes += len(theirs)
        for i, beats in enumerate((ours, theirs)):
            off[i] += sum(at >= rhythm.ON_BEAT[1] for _, at in beats)
            cut[i] += rhythm.syncopated(beats)
        for note, (beat, at) in zip(solo.notes, theirs, strict=True):
            strong = rhythm.place(note.onset_beats, solo.harmony) % 24 == 0
            truly = beat % 2 == 0 and at == 0.0
            hits += strong and truly
            said += strong
            meant += truly
    assert hits / said == pytest.approx(0.96, abs=0.006)
    assert hits / meant == pytest.approx(0.62, abs=0.006)
    assert [x / notes for x in off] == pytest.approx([0.627, 0.670], abs=0.001)
    assert [x / notes for x in cut] == pytest.approx([0.154, 0.162], abs=0.001)
    readme = (26, 27, 23, 17, 6)  # section 6
    for found, published in zip(lags.values(), readme, strict=True):
        assert median(found) == pytest.approx(published, abs=3)
