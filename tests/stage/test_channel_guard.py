"""On a channel that both play on, the box's notes are neutral and the human loses nothing."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.controllers import Controllers
from lkjam_box.midi.messages import (
    PITCH_BEND,
    PRESSURE,
    control_change,
    note_off,
    note_on,
    routed,
    voice,
)
from lkjam_box.stage.channel_guard import ChannelGuard

MOVES = st.one_of(
    st.builds(
        control_change,
        st.integers(0, 2),
        st.sampled_from([1, 2, 7, 11, 33, 64, 66, 67, 69]),
        st.integers(0, 127),
    ),
    st.builds(lambda c, v: voice(PRESSURE, c, v), st.integers(0, 2), st.integers(0, 127)),
    st.builds(lambda c, v: voice(PITCH_BEND, c, 0, v), st.integers(0, 2), st.integers(0, 127)),
    st.builds(lambda p: note_on(0, p, 90), st.integers(60, 62)),
    st.builds(lambda p: note_off(0, p), st.integers(60, 62)),
)
GUARDS = st.sets(st.integers(0, 2))


@given(st.lists(st.one_of(MOVES, GUARDS), max_size=40))
def test_guarded_is_neutral_and_free_is_as_the_human_has_it(events):
    guard, synth, human, guarded = ChannelGuard(), Controllers(), {}, set()
    for event in events:
        if isinstance(event, set):
            guarded, sent = event, guard.guard(event)
        else:
            sent = guard.pass_on(event)
            meant = Controllers()
            meant.take(event)
            human.update(meant.values)
        for message in sent:
            synth.take(message)
        for control, value in synth.values.items():
            if control.channel not in guarded:
                assert value == human[control]
            elif control.number not in (2, 7):
                assert value == synth.neutral(control)
            else:
                assert value >= 16
        assert {c for c in human if c.channel not in guarded} <= set(synth.values)


def test_what_is_kept_back_comes_when_the_box_is_done():
    guard = ChannelGuard()
    bend, pedal = voice(PITCH_BEND, 0, 0, 100), control_change(0, 64, 127)
    assert guard.pass_on(bend) == [bend]
    assert guard.guard({0}) == [voice(PITCH_BEND, 0, 0, 64)]
    assert guard.pass_on(pedal) == []
    assert guard.pass_on(control_change(1, 64, 127)) == [control_change(1, 64, 127)]
    assert guard.pass_on(control_change(0, 74, 9)) == [control_change(0, 74, 9)]
    assert guard.guard({0}) == []
    assert guard.guard(()) == [pedal, bend]
    assert guard.guard(()) == []


def test_nothing_is_touched_where_the_human_moved_nothing():
    guard = ChannelGuard()
    guard.pass_on(note_on(0, 60, 90))
    guard.pass_on(voice(PITCH_BEND, 1, 0, 100))
    assert guard.guard({0, 2}) == []
    assert guard.guard(()) == []


def test_reset_forgets_what_was_kept_back():
    guard = ChannelGuard()
    guard.pass_on(voice(PITCH_BEND, 0, 0, 100))
    guard.pass_on(control_change(0, 1, 0))
    guard.guard({0})
    guard.pass_on(control_change(0, 64, 127))
    assert guard.reset() == []  # neutral already
    assert guard.guard(()) == []
    every = {control_change(0, 1, 0), control_change(0, 64, 0), voice(PITCH_BEND, 0, 0, 64)}
    assert set(guard.reset(every=True)) == every


def test_a_piano_that_plays_itself_is_put_right_and_only_that():
    guard = ChannelGuard()
    guard.guard({0})
    (back,) = guard.pass_on(routed(control_change(0, 64, 127), "Stage piano"))
    assert (back, back.only) == (control_change(0, 64, 0), "Stage piano")
    (given,) = guard.guard(())
    assert (given, given.only, given.origin) == (control_change(0, 64, 127), "", "")
