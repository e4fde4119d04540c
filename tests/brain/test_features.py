from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain import features as f
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import NO_CHORD


@given(st.floats(0, 40))
def test_a_time_shift_lies_in_its_bin(beats):
    low, high = f.time_span(f.time_bin(beats))
    assert low <= beats < high or beats >= 24


@given(st.floats(0, 7.99))
def test_a_duration_lies_in_its_bin(beats):
    low, high = f.duration_span(f.duration_bin(beats))
    assert low <= beats < high or beats >= 4


def test_bins_tile_without_gaps_and_narrow_where_music_is_dense():
    spans = [f.time_span(i) for i in range(f.TIME_BINS)]
    assert spans[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert spans[0][1] == 1 / 32
    assert f.time_span(f.time_bin(3.9)) == (3.875, 4.0)
    assert f.time_bin(-0.01) == 0
    assert f.time_bin(1e9) == f.TIME_BINS - 1


def test_output_slices_tile_the_output():
    pairs = [*f.INTERVAL, *f.DEGREE, *f.DURATION, *f.RATIO, *f.TIME]
    singles = [f.POSITION, f.VELOCITY, f.REGISTER, f.GUESS_PITCH, f.GUESS_TIME]
    slices = [*singles, *pairs]
    covered = sorted(i for s in slices for i in range(s.start, s.stop))
    assert covered == list(range(f.OUTPUTS))


def test_chord_floats_are_seen_from_root_and_from_pitch():
    now, after = parse_chord("G7b9"), parse_chord("Cmaj7")
    row = f.chord_floats(now, after)[5]  # from F, the seventh of G7
    assert np.flatnonzero(row[:12]).tolist() == [0, 4, 7, 10]
    assert np.flatnonzero(row[12:24]).tolist() == [1]
    assert np.flatnonzero(row[24:36]).tolist() == [0, 4, 7, 11]
    assert np.flatnonzero(row[48:60]).tolist() == [0, 2, 6, 9]  # F G B D over F
    assert np.flatnonzero(row[60:72]).tolist() == [3]  # Ab
    assert np.flatnonzero(row[72:]).tolist() == [2, 6, 7, 11]  # G B C E
    none = f.chord_floats(now, after)[-1]
    assert (none[:48] == row[:48]).all()
    assert not none[48:].any()
    assert not f.chord_floats(NO_CHORD, NO_CHORD).any()


@pytest.mark.parametrize(("semitones", "index"), [(-60, 0), (-25, 0), (0, 25), (7, 32), (60, 50)])
def test_far_intervals_share_the_ends(semitones, index):
    assert f.interval_index(semitones) == index


def test_ratio_is_duration_over_time_shift():
    assert f.RATIO_OF[f.time_bin(1.0), f.duration_bin(0.55)] == 10
    assert f.RATIO_OF[f.time_bin(0.5), f.duration_bin(3.0)] == f.RATIO_BINS - 1
