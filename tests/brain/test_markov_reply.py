"""What a strategy makes of a motif, worked out by hand."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain.markov_reply import Motif, centre_of, pace_of, said_again
from lkjam_box.protocol.engine import DENSITIES, Strategy

MOTIF = Motif(((2, 6, 0.9), (3, 12, 0.9), (-7, 6, 0.9)), 60, 1.5)  # 60 62 65 58


def test_a_motif_knows_its_notes_and_length():
    assert MOTIF.offsets == (0, 2, 5, -2)
    assert MOTIF.twelfths == 24


def test_the_inversion_lies_between_the_same_notes():
    upside_down = MOTIF.inverted()
    assert upside_down.pitch == 63
    assert [upside_down.pitch + offset for offset in upside_down.offsets] == [63, 61, 58, 65]
    assert upside_down.place_beats == MOTIF.place_beats
    assert upside_down.inverted() == MOTIF


def test_it_begins_where_all_of_it_fits():
    assert MOTIF.first_pitch(48, 84, 60) == 60
    assert MOTIF.first_pitch(60, 84, 60) == 72  # an octave up: 58 would be too low
    assert MOTIF.first_pitch(60, 70, 60) == 62  # no octave fits: its edge
    assert MOTIF.first_pitch(60, 64, 60) == 60  # it cannot: about the middle


@given(
    st.lists(st.integers(-12, 12), min_size=1, max_size=9),
    st.integers(0, 127),
    st.integers(0, 60),
    st.integers(12, 60),
)
def test_whatever_fits_is_inside_the_window(intervals, pitch, low, span):
    motif = Motif(tuple((interval, 6, 1.0) for interval in intervals), pitch)
    first = motif.first_pitch(low, low + span, pitch)
    if max(motif.offsets) - min(motif.offsets) <= span:
        assert low <= first + min(motif.offsets)
        assert first + max(motif.offsets) <= low + span


def test_only_imitation_and_inversion_say_it_again():
    assert said_again(Strategy.IMITATION, MOTIF) == MOTIF
    assert said_again(Strategy.INVERSION, MOTIF) == MOTIF.inverted()
    for strategy in (Strategy.FREE, Strategy.CONTINUATION, Strategy.CONTRAST):
        assert said_again(strategy, MOTIF) == Motif()
    assert said_again(Strategy.INVERSION, Motif()).steps == ()


def test_a_contrast_is_busy_where_the_call_is_not_unless_told_how_dense():
    quick, slow = ((1, 6, 0.9),) * 4, ((1, 12, 0.9),) * 4
    assert pace_of(Strategy.CONTRAST, 0, quick) == pace_of(Strategy.FREE, 1, quick)
    assert pace_of(Strategy.CONTRAST, 0, slow) == pace_of(Strategy.FREE, DENSITIES, slow)
    assert pace_of(Strategy.CONTRAST, 2, slow) == pace_of(Strategy.FREE, 2, slow)
    assert pace_of(Strategy.CONTRAST, 0, ()) == pace_of(Strategy.FREE, 0, ())


def test_a_contrast_hovers_at_the_other_end():
    assert centre_of(Strategy.FREE, 50.0, 48, 84) == 50.0
    assert centre_of(Strategy.CONTRAST, 50.0, 48, 84) == 78.0
    assert centre_of(Strategy.CONTRAST, 80.0, 48, 84) == 54.0
