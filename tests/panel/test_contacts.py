"""Pedals of every make, mono plugs, a knob: as gpiozero's own mock pins see them."""

import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Panel
from lkjam_box.panel.actions import Button
from lkjam_box.panel.contacts import Contact, Gesture
from lkjam_box.panel.foot import Foot
from lkjam_box.panel.gpio import GpioPad
from lkjam_box.panel.knob import Knob
from lkjam_box.pinmap import bcm


def clicks(edges):
    """What the panel makes of them."""
    contact, found = Contact(0.008, 1.0), []
    for time_s, down in edges:
        found += contact.edge(time_s, down)
    return found + list(contact.poll(99.0))


def stepped(foot, *edges):
    return [edge for time_s, closed in edges for edge in foot.edge(time_s, closed)]


def test_a_tip_acts_at_once_and_may_be_held():
    assert stepped(Foot(False, False), (1.0, True)) == [(1.0, True)]


def test_a_pedal_that_rests_closed_acts_when_it_opens():
    assert stepped(Foot(True, False), (1.0, False), (1.2, True)) == [(1.0, True), (1.2, False)]


def test_a_mono_plug_from_the_start_never_acts_on_the_ring():
    assert stepped(Foot(True, True)) == []


def test_a_mono_plug_that_comes_later_never_acts_on_the_ring():
    assert stepped(Foot(False, True), (1.0, True), (60.0, False)) == []


def test_a_step_on_the_second_pedal_is_one_click():
    bouncing = [(1.0, True), (1.001, False), (1.002, True), (1.3, False), (1.301, True)]
    edges = stepped(Foot(False, True), *bouncing, (1.302, False))
    assert clicks(edges) == [Gesture.DOWN, Gesture.SHORT]


RIGHT = [(True, True), (False, True), (True, False), (False, False)]
LEFT = [(False, True), (True, True), (False, False), (True, False)]


def turned(edges):
    knob = Knob()
    return [step for is_a, closed in edges if (step := knob.edge(is_a, closed))]


def test_a_knob_tells_the_way():
    assert turned(RIGHT * 3) == [1, 1, 1]
    assert turned(LEFT * 2) == [-1, -1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=6))
def test_bounces_of_a_knob_add_nothing(bounces):
    edges = list(RIGHT)
    for place, times in bounces:
        is_a, closed = RIGHT[place]
        at = edges.index((is_a, closed)) + 1
        edges[at:at] = [(is_a, not closed), (is_a, closed)] * times
    assert turned(edges) == [1]


def test_half_a_turn_and_back_is_no_step():
    assert turned([RIGHT[0], RIGHT[1], (False, False), (True, False)]) == []


@pytest.fixture
def pins():
    factory = MockFactory()
    yield factory
    factory.reset()


def pressed(pad):
    return [(button, down) for _, button, down in pad.edges()]


def test_pedals_and_knob_stand_for_buttons(pins):
    pad = GpioPad(Panel(), pins)
    pins.pin(bcm("foot_a_tip")).drive_low()
    pins.pin(bcm("foot_a_tip")).drive_high()
    assert pressed(pad) == [(Button.START, True), (Button.START, False)]
    for name, low in (("a", 1), ("b", 1), ("a", 0), ("b", 0)):
        pin = pins.pin(bcm(f"encoder_{name}"))
        (pin.drive_low if low else pin.drive_high)()
    assert pressed(pad) == [(Button.NEXT, True), (Button.NEXT, False)]
    pins.pin(bcm("encoder_push")).drive_low()
    assert pressed(pad) == [(Button.TURN, True)]
    pad.close()


class Closed(MockPin):
    """Closed to ground from before the pull-up was switched on."""

    def _set_pull(self, value):
        super()._set_pull(value)
        self.drive_low()


def test_a_pedal_that_rests_closed_does_nothing_at_power_on(pins):
    pins.pin(bcm("foot_b_tip"), pin_class=Closed)
    pad = GpioPad(Panel(), pins)
    assert pressed(pad) == []
    pins.pin(bcm("foot_b_tip")).drive_high()
    assert pressed(pad) == [(Button.LINE, True)]
    pad.close()


def test_buttons_work_where_another_board_has_the_pedals_pins(pins):
    import gpiozero

    other = gpiozero.LED(bcm("foot_b_ring"), pin_factory=pins)
    pad = GpioPad(Panel(), pins)
    assert "no footswitches" in pad.lacks
    pins.pin(bcm("next")).drive_low()
    assert pressed(pad) == [(Button.NEXT, True)]
    pad.close()
    other.close()


def test_what_is_switched_off_leaves_its_pins_alone(pins):
    pad = GpioPad(Panel(feet=False, encoder=False), pins)
    assert not {bcm("foot_a_tip"), bcm("encoder_a")} & set(pins.pins)
    pad.close()
