import random
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training.placing import lag_beats, off_beat_beats, played, swung
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Feel


@pytest.mark.parametrize(
    ("bpm", "place", "lag_ms"),
    [(90, 0.51, 26), (120, 0.54, 27), (160, 0.58, 23), (200, 0.59, 17), (240, 0.55, 6)],
)
def test_time_lies_where_humans_put_it(bpm, place, lag_ms):
    assert off_beat_beats(bpm) == place
    assert lag_beats(bpm) * 60_000 / bpm == pytest.approx(lag_ms)
    eighths = [Note(0.5 * i, 60, 80, 0.5) for i in range(2000)]
    onsets = [note.onset_beats for note in played(eighths, bpm, Feel.SWING, random.Random(1))]
    on = statistics.median(onset - i for i, onset in enumerate(onsets[::2]))
    off = statistics.median(onset - i for i, onset in enumerate(onsets[1::2]))
    assert on * 60_000 / bpm == pytest.approx(lag_ms, abs=1.5)
    assert off - on == pytest.approx(place, abs=0.01)


def test_even_is_on_the_grid():
    eighths = [Note(0.5 * i, 60, 80, 0.5) for i in range(200)]
    notes = played(eighths, 120, Feel.EVEN, random.Random(1))
    assert all(abs(n.onset_beats - 0.5 * i) < 0.02 for i, n in enumerate(notes))


def test_what_swings():
    assert [swung(b, 0.6) for b in (2.0, 2.5, 2.25, 2.75)] == pytest.approx([2, 2.6, 2.3, 2.8])
    assert swung(2 + 2 / 3, 0.6) == 2 + 2 / 3


@given(
    st.lists(st.tuples(st.integers(0, 200), st.floats(0.1, 3.0)), min_size=1, max_size=40),
    st.floats(60, 300),
    st.integers(0, 99),
)
def test_order_stays_and_nothing_overlaps(rows, bpm, seed):
    written = [Note(place / 12, 60, 80, length) for place, length in sorted(rows)]
    notes = played(written, bpm, Feel.SWING, random.Random(seed))
    assert len(notes) == len(written)
    assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(notes))
    assert all(n.onset_beats >= 0 and n.duration_beats > 0 for n in notes)
