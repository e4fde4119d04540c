"""Pedals and knob as gpiozero's own mock pins see them."""

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from lkjam_box.config.options import Panel
from lkjam_box.panel.contacts import Button
from lkjam_box.panel.gpio import GpioPad
from lkjam_box.pinmap import bcm


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
