"""A mode message touches what its own keyboard holds, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import PITCH_BEND, control_change, note_off, note_on, voice
from lkjam_box.stage.keyboards import Keyboards

MODES = st.integers(120, 127)


@pytest.mark.parametrize("mode", [120, 122, 123, 124, 125, 126, 127])
def test_a_mode_message_lifts_its_own_keys_on_its_channel(mode):
    keyboards = Keyboards()
    for device, channel, pitch in (("A", 0, 60), ("A", 0, 64), ("A", 1, 67), ("B", 0, 72)):
        assert keyboards.plain(note_on(channel, pitch, 90), device)
    assert keyboards.plain(control_change(0, mode, 0), "A") == [note_off(0, 60), note_off(0, 64)]
    assert keyboards.plain(control_change(0, mode, 0), "A") == []
    assert keyboards.plain(control_change(0, mode, 0), "B") == [note_off(0, 72)]


def test_all_notes_off_leaves_the_pedal_and_all_sound_off_ends_what_it_holds():
    keyboards = Keyboards()
    keyboards.plain(control_change(0, 64, 100), "A")
    assert keyboards.plain(control_change(0, 123, 0), "A") == []
    both = [control_change(0, 64, 0), control_change(0, 64, 100)]
    assert keyboards.plain(control_change(0, 120, 0), "A") == both
    assert keyboards.plain(control_change(0, 120, 0), "B") == []


def test_reset_all_controllers_resets_its_own_but_not_the_volume():
    keyboards = Keyboards()
    for message in (
        voice(PITCH_BEND, 0, 0, 100),
        control_change(0, 1, 90),
        control_change(0, 7, 0),
        control_change(0, 11, 30),
        control_change(1, 1, 90),
    ):
        assert keyboards.plain(message, "A") == [message]
    assert keyboards.plain(control_change(0, 121, 0), "B") == []
    neutral = [control_change(0, 1, 0), control_change(0, 11, 127), voice(PITCH_BEND, 0, 0, 64)]
    assert keyboards.plain(control_change(0, 121, 0), "A") == neutral
    assert keyboards.plain(control_change(0, 121, 0), "A") == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B"]),
            st.one_of(
                st.builds(lambda c, p: note_on(c, p, 90), st.integers(0, 1), st.integers(60, 61)),
                st.builds(note_off, st.integers(0, 1), st.integers(60, 61)),
                st.builds(control_change, st.integers(0, 1), MODES, st.just(0)),
            ),
        ),
        max_size=40,
    )
)
def test_no_mode_message_is_left_and_no_other_keyboard_is_touched(events):
    keyboards, down = Keyboards(), {"A": set(), "B": set()}
    for device, message in events:
        for plain in keyboards.plain(message, device):
            assert plain[0] < 0xB0
            key = plain.channel, plain.pitch
            (down[device].add if plain[0] >= 0x90 else down[device].discard)(key)
        if message[0] >= 0xB0 and message.number != 121:
            assert all(channel != message.channel for channel, _ in down[device])
