"""Box and click stay outside of what an MPE keyboard has taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import (
    PITCH_BEND,
    PRESSURE,
    control_change,
    note_off,
    note_on,
    voice,
)
from lkjam_box.stage.box_channels import BoxChannels
from lkjam_box.stage.mpe import Zones

ALL = frozenset(range(16))


def configuration(master, members):
    """The MPE configuration message."""
    return [control_change(master, n, v) for n, v in ((101, 0), (100, 6), (6, members))]


def told(*zones):
    heard = Zones()
    for master, members in zones:
        for message in configuration(master, members):
            heard.take(message)
    return heard


@pytest.mark.parametrize(
    ("zones", "taken"),
    [
        ([(0, 7)], range(8)),
        ([(15, 7)], range(8, 16)),
        ([(0, 15)], range(16)),
        ([(0, 14)], range(15)),
        ([(0, 3), (15, 3)], [0, 1, 2, 3, 12, 13, 14, 15]),
        ([(15, 7), (0, 10)], range(16)),  # the newer zone takes what it needs
        ([(15, 7), (0, 15)], range(16)),
        ([(0, 7), (0, 0)], []),
        ([(5, 7)], []),  # no master
    ],
)
def test_a_zone_is_its_master_and_its_members(zones, taken):
    assert told(*zones).taken == frozenset(taken)


def test_other_parameters_are_no_zone():
    zones = Zones()
    for number, value in (
        (101, 0),
        (100, 0),
        (6, 12),
        (101, 0),
        (100, 6),
        (99, 1),
        (98, 1),
        (6, 7),
    ):
        zones.take(control_change(0, number, value))
    assert not zones.taken


@given(
    st.lists(st.tuples(st.sampled_from([0, 15]), st.integers(0, 15)), max_size=4),
    st.integers(1, 16),
    st.integers(1, 16),
)
def test_box_and_click_are_outside_while_there_is_an_outside(zones, box, click):
    heard = told(*zones)
    channels = BoxChannels(box, click, heard)
    places = [channels.of_seat(seat) for seat in (1, 2, 3)] + [channels.of_click()]
    if heard.taken == ALL:
        assert set(places) <= {0, 15}
        return
    assert not set(places) & heard.taken
    wanted = [(box - 1) % 16, box % 16, (box + 1) % 16, click - 1]
    for place, want in zip(places, wanted, strict=True):
        assert place == want or want in heard.taken
    if len(heard.taken) <= 10 and click not in (box, box % 16 + 1, (box + 1) % 16 + 1):
        assert len(set(places)) == 4


def play(zones, channels, shape=True, device="Seaboard", hold=True):
    for pitch, channel in enumerate(channels, 60):
        if shape:
            zones.take(voice(PITCH_BEND, channel, 0, 70), device)
            zones.take(voice(PRESSURE, channel, 30), device)
        zones.take(note_on(channel, pitch, 90), device)
        if not hold:
            zones.take(note_off(channel, pitch), device)


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize(
    ("channels", "master"), [([1, 2, 3, 4], 0), ([14, 13, 12], 15), (list(range(1, 16)), 0)]
)
def test_a_note_a_channel_shows_a_zone(channels, master, hold):
    zones = Zones()
    play(zones, channels, hold=hold)
    assert zones.taken == {master, *channels}
    assert zones.master == master
    click = BoxChannels(1, 10, zones).of_click()
    assert click == master if zones.taken == ALL else click not in zones.taken
    zones.forget_shown()
    assert not zones.taken


@pytest.mark.parametrize(
    "channels", [[0, 1, 2, 3, 4, 5], [10, 11, 12, 13, 14, 15], [1, 2], [1, 1, 2, 3]]
)
def test_a_guitar_or_a_few_channels_are_no_zone(channels):
    zones = Zones()
    play(zones, channels)
    assert not zones.taken


def test_a_guitar_on_its_lower_strings_is_no_zone():
    zones = Zones()
    play(zones, [14, 14, 13, 13, 12, 11], hold=False)
    assert not zones.taken


def test_layers_two_keyboards_and_a_split_without_shapes_are_no_zone():
    zones = Zones()
    play(zones, [1, 2, 3, 4], shape=False)
    for number, channel in enumerate((1, 2, 3)):
        play(zones, [channel], device=f"keys {number}")
    for pitch in (60, 64, 67):
        for channel in (1, 2, 3, 4):
            zones.take(voice(PITCH_BEND, channel, 0, 70), "layers")
            zones.take(note_on(channel, pitch, 90), "layers")
        for channel in (1, 2, 3, 4):
            zones.take(note_off(channel, pitch), "layers")
    assert not zones.taken


def test_a_zone_that_is_told_after_it_was_shown_counts():
    zones = Zones()
    play(zones, [1, 2, 3])
    for message in configuration(0, 5):
        zones.take(message, "Seaboard")
    assert zones.taken == frozenset(range(6))
