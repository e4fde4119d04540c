"""A knob turned on purpose is learnt; what every instrument sends while it is played is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import control_change, note_off, note_on
from lkjam_box.protocol.records import ControlId, Setting, SettingId
from lkjam_box.stage.learner import PATIENCE_S, Learner


def turned(learner, number, values, begin_s=1.0, step_s=0.02, channel=0, device="knobs"):
    """What is learnt while a controller goes through ``values``."""
    for index, value in enumerate(values):
        message = control_change(channel, number, value)
        learnt = learner.hear(begin_s + index * step_s, message, device)
        if learnt is not None:
            return learnt
    return None


def learning(control=ControlId.DENSITY, time_s=1.0):
    learner = Learner()
    learner.begin(time_s, control)
    return learner


@pytest.mark.parametrize("number", [3, 16, 19, 21, 74, 102, 119, 33 + 16])
def test_a_knob_is_learnt_and_then_no_other(number):
    learner = learning()
    assert turned(learner, number, range(40, 90, 3)) == Setting(SettingId.DENSITY_CC, number)
    assert not learner.control(1.2)
    assert turned(learner, 30, range(128)) is None


@pytest.mark.parametrize(
    "number", [0, 1, 2, 6, 7, 11, 32, 33, 34, 38, 39, 43, *range(64, 70), 88, 98, 99, 100, 101]
)
def test_what_every_instrument_sends_is_not(number):
    assert turned(learning(), number, range(128)) is None


@pytest.mark.parametrize(
    ("values", "step_s"),
    [
        ([0, 127] * 20, 0.05),  # a switch
        ([64, 66, 63, 65, 62, 68] * 20, 0.02),  # a pedal that trembles
        ([1, 127, 1, 1, 1], 0.02),  # an endless knob that sends steps
        (range(0, 128), 0.2),  # drifts
    ],
)
def test_what_is_no_turn_of_a_knob_is_not(values, step_s):
    assert turned(learning(), 74, values, step_s=step_s) is None


def test_nothing_is_learnt_unasked_or_long_after():
    assert turned(Learner(), 74, range(128)) is None
    assert turned(learning(), 74, range(128), begin_s=1.0 + PATIENCE_S) is None
    learner = learning()
    learner.begin(2.0, 0)
    assert turned(learner, 74, range(128), begin_s=2.0) is None


def test_a_finger_that_slides_on_its_key_is_no_knob():
    learner = learning()
    learner.hear(1.0, note_on(3, 60, 80), "keys")
    assert turned(learner, 74, range(128), channel=3, device="keys") is None
    assert turned(learner, 21, range(60), channel=0) == Setting(SettingId.DENSITY_CC, 21)
    learner = learning()
    learner.hear(1.0, note_on(3, 60, 80), "keys")
    learner.hear(1.1, note_off(3, 60), "keys")
    assert turned(learner, 74, range(128), 1.2, channel=3, device="keys")


def test_of_a_knob_with_fourteen_bits_the_upper_seven_are_learnt():
    learner = learning()
    for step in range(0, 900, 37):
        for number, value in ((16, step >> 7), (48, step & 127)):
            learnt = learner.hear(1.0 + step / 3000, control_change(0, number, value), "knobs")
            assert learnt is None  # 7 of 128 places so far
    for step in range(900, 6000, 300):
        learnt = learner.hear(1.5 + step / 60000, control_change(0, 16, step >> 7), "knobs")
        if learnt is not None:
            break
    assert learnt == Setting(SettingId.DENSITY_CC, 16)


def test_asked_again_for_the_same_it_learns_on():
    learner = learning()
    assert turned(learner, 74, range(0, 15)) is None
    learner.begin(1.3, ControlId.DENSITY)
    assert turned(learner, 74, range(15, 20), 1.31) == Setting(SettingId.DENSITY_CC, 74)
    learner.begin(2.0, ControlId.HEAT)
    assert learner.control(2.0) is ControlId.HEAT


@given(st.floats())
def test_no_number_spoils_it(value):
    learner = Learner()
    learner.begin(1.0, value)
    learner.hear(1.0, control_change(0, 74, 5), "")


@given(
    st.lists(
        st.tuples(st.floats(0, 0.4), st.integers(0, 15), st.integers(0, 127), st.integers(0, 127)),
        max_size=60,
    )
)
def test_what_is_learnt_went_its_way_within_a_second(moves):
    learner, now_s, sent = learning(), 1.0, []
    for wait_s, channel, number, value in moves:
        now_s += wait_s
        sent.append((now_s, channel, number, value))
        learnt = learner.hear(now_s, control_change(channel, number, value), "")
        if learnt is not None:
            near = [v for t, c, n, v in sent if (c, n) == (channel, number) and t > now_s - 1.0]
            assert max(near) - min(near) >= 16
            assert learnt.value == number
            assert len(set(near)) >= 4
            break
