"""What comes back is told from what is played, whatever sends it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import control_change, note_off, note_on, parse, routed
from lkjam_box.ports.echo import ECHO_S, Echoes
from lkjam_box.ports.storm import StormWatch

SYNTH, MERGE, KEYS = "synth", "merge", "keys"
GOT = frozenset({SYNTH})
NOTE = note_on(0, 60, 90)


def spoken(*devices: str) -> Echoes:
    """Devices that have played something before."""
    echoes = Echoes()
    for device in devices:
        assert not echoes.comes_back(0.0, device, note_on(0, 30, 64))
    return echoes


@pytest.mark.parametrize("late_s", [0.001, 0.02, 0.06])
@pytest.mark.parametrize("message", [NOTE, control_change(3, 64, 127), parse(b"\xe0\x11\x40")])
def test_what_was_sent_to_a_device_comes_back_once(late_s, message):
    echoes = spoken(SYNTH, KEYS)
    echoes.sent(1.0, message, GOT)
    assert echoes.comes_back(1.0 + late_s, SYNTH, message)
    assert not echoes.comes_back(1.0 + late_s, SYNTH, message)  # a second one was played


def test_the_release_belongs_to_the_echo_and_then_to_the_hand():
    echoes = Echoes()
    echoes.sent(1.0, NOTE, GOT)
    assert echoes.comes_back(1.01, SYNTH, NOTE)
    assert echoes.comes_back(1.3, SYNTH, note_off(0, 60))
    assert not echoes.comes_back(1.4, SYNTH, note_off(0, 60))


def test_an_echo_whose_release_never_came_takes_none_of_the_hands():
    """The device stopped returning in the middle of a note; later the key is played on it."""
    echoes = spoken(SYNTH)
    echoes.sent(1.0, NOTE, GOT)
    assert echoes.comes_back(1.01, SYNTH, NOTE)
    assert not echoes.comes_back(9.0, SYNTH, NOTE)
    assert not echoes.comes_back(9.3, SYNTH, note_off(0, 60))


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (KEYS, NOTE),  # another device, which plays
        (SYNTH, note_on(1, 60, 90)),  # another channel
        (SYNTH, note_on(0, 72, 90)),  # another key
        (SYNTH, note_on(0, 60, 77)),  # doubled by hand on the device that plays it
    ],
)
def test_who_doubles_the_box_is_heard(device, message):
    echoes = spoken(SYNTH, KEYS)
    echoes.sent(1.0, NOTE, GOT)
    assert not echoes.comes_back(1.01, device, message)


@pytest.mark.parametrize("a_second", [6, 10, 14])
def test_a_key_repeated_on_a_keyboard_without_velocity_is_heard_through_a_jack(a_second):
    """Keyboard and synth at one jack: what is played there goes out there."""
    echoes = spoken("DIN")
    for number in range(40):
        time_s = 1.0 + number / a_second
        assert not echoes.comes_back(time_s, "DIN", note_on(0, 60, 64))
        echoes.sent(time_s, routed(note_on(0, 60, 64), "DIN"), frozenset({"DIN"}))


def test_what_is_unplugged_begins_anew():
    echoes = spoken(MERGE)
    echoes.forget(MERGE)
    echoes.sent(1.0, NOTE, GOT)
    assert echoes.comes_back(1.01, MERGE, NOTE)  # it never spoke


def test_a_device_that_never_spoke_returns_what_another_got():
    echoes = Echoes()
    echoes.sent(1.0, NOTE, GOT)
    assert echoes.comes_back(1.02, MERGE, NOTE)
    assert not echoes.comes_back(1.0 + 2 * ECHO_S, MERGE, NOTE)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 127)), min_size=1, max_size=40))
def test_no_echo_is_lost_in_a_crowd(notes):
    """Each note sent is known when it comes back, in any order of a fifth of a second."""
    echoes = spoken(SYNTH)
    for number, (channel, pitch) in enumerate(notes):
        echoes.sent(1.0 + number / 1000, note_on(channel, pitch, 80), GOT)
    for number, (channel, pitch) in enumerate(notes):
        assert echoes.comes_back(1.03 + number / 1000, SYNTH, note_on(channel, pitch, 80))


@pytest.mark.parametrize(("a_second", "ours", "is_storm"), [(12, True, False), (16, True, True)])
def test_hands_are_no_storm(a_second, ours, is_storm):
    watch = StormWatch()
    struck = [watch.struck(number / a_second, 60, ours) for number in range(3 * a_second)]
    assert any(struck) is is_storm


def test_a_roll_of_two_sticks_is_no_storm_and_a_machine_gun_is():
    roll, gun = StormWatch(), StormWatch()
    assert not any(roll.struck(number / 20, 38, False) for number in range(60))
    assert any(gun.struck(number / 40, 38, False) for number in range(60))
