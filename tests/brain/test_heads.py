import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain import features as f
from lkjam_box.brain.call_targets import NONE
from lkjam_box.brain.encoder import Encoder
from lkjam_box.brain.heads import duration_logits, pitch_logits, time_logits

OUT = np.arange(f.OUTPUTS, dtype=np.float32)  # every output tells its place


class Told(Encoder):
    """Says what a head asks of an encoder."""

    def __init__(self, last=-1, root=-1, guesses=(NONE, NONE, NONE), times=(-1, -1)):
        super().__init__()
        self.last_pitch, self.root = last, root
        self.guesses, self.guess_times = guesses, times


guess = st.sampled_from([NONE, -60, -25, -3, 0, 1, 12, 60])


@given(
    st.booleans(),
    st.integers(-1, 127),
    st.integers(-1, 11),
    st.tuples(guess, guess, guess),
    st.integers(0, 127),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.85]),
)
def test_a_pitch_is_the_sum_of_its_views_and_guesses(
    closing, last, root, guesses, low, count, follow
):
    count = min(count, 128 - low)
    logits = pitch_logits(OUT, closing, Told(last, root, guesses), low, count, follow)
    assert len(logits) == count
    weights = OUT[f.GUESS_PITCH] + np.array([follow, 0, 0, 0, 0], np.float32)
    call_target, short, long = guesses
    guessed = ((call_target, 0), (call_target, 1), (call_target, -1), (short, 0), (long, 0))
    for pitch, seen in enumerate(logits.tolist(), low):
        leap = f.interval_index(pitch - (last if last >= 0 else 62))
        meant = f.REGISTER.start + pitch + f.INTERVAL[closing].start + leap
        if root >= 0:
            meant += f.DEGREE[closing].start + (pitch - root) % 12
        if last >= 0:
            for weight, (semitones, beside) in zip(weights, guessed, strict=True):
                if semitones != NONE and last + semitones + beside == pitch:
                    meant += float(weight)
        assert seen == pytest.approx(meant, rel=1e-5)


@pytest.mark.parametrize("call_target", [-1, 0, 5, f.TIME_BINS - 1])
@pytest.mark.parametrize("echo", [-1, 5, f.TIME_BINS - 1])
@pytest.mark.parametrize("closing", [False, True])
def test_a_time_shift_is_its_table_and_its_guesses(call_target, echo, closing):
    logits = time_logits(OUT, closing, Told(times=(call_target, echo)))
    here, later, sooner, again = OUT[f.GUESS_TIME]
    for shift, seen in enumerate(logits.tolist()):
        meant = f.TIME[closing].start + shift
        if call_target >= 0:
            meant += here * (shift == call_target) + later * (shift == call_target + 1)
            meant += sooner * (shift == call_target - 1)
        assert seen == pytest.approx(meant + again * (shift == echo >= 0))


@pytest.mark.parametrize("closing", [False, True])
def test_a_duration_is_its_table_and_its_ratio_to_the_time_shift(closing):
    for shift in (1, 16, f.TIME_BINS - 1):
        for length, seen in enumerate(duration_logits(OUT, closing, shift).tolist()):
            ratio = f.RATIO[closing].start + f.RATIO_OF[shift, length]
            assert seen == f.DURATION[closing].start + length + ratio
