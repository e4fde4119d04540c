"""Pedals, knob and lights on every kind of header: gpiozero's own mock pins, the kernel's lines
as gpiod tells of them, and the fake."""

import select
import sys

import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Panel
from lkjam_box.panel import header as headers
from lkjam_box.panel.contacts import Button
from lkjam_box.panel.gpio import GpioLevels, GpioPad, NoGpio, SpiPins
from lkjam_box.panel.gpiod_header import GpiodHeader
from lkjam_box.panel.gpiozero_header import GpiozeroHeader
from lkjam_box.panel.header import FakeHeader
from lkjam_box.panel.leds import Lights
from lkjam_box.pinmap import bcm, pins
from tests.panel.fake_gpiod import Board

LABELS = {"gpiochip0": "pinctrl-bcm2835", "gpiochip1": "raspberrypi-exp-gpio"}


class Closed(MockPin):
    """Closed to ground from before the pull-up was switched on."""

    def _set_pull(self, value):
        super()._set_pull(value)
        self.drive_low()


class Gpiozero:
    def __init__(self, rest=(), taken=()):
        self.factory = MockFactory()
        for pin in rest:
            self.factory.pin(pin, pin_class=Closed)
        self.others = [GpiozeroHeader(Panel(), self.factory)]
        self.others[0].outputs(taken)
        self.header = GpiozeroHeader(Panel(), self.factory)

    def move(self, pin, closed):
        (self.factory.pin(pin).drive_low if closed else self.factory.pin(pin).drive_high)()

    def lit(self, pin):
        return bool(self.factory.pin(pin).state)

    def opened(self):
        return set(self.factory.pins)

    def end(self):
        self.others[0].close()
        self.factory.reset()


class Gpiod:
    def __init__(self, folder, patch, rest=(), taken=()):
        for name in LABELS:
            (folder / name).touch()
        labels = {str(folder / name): label for name, label in LABELS.items()}
        self.board = Board(labels, dict.fromkeys(taken, "sound-board"))
        for pin in rest:
            self.board.ground(pin)
        patch.setitem(sys.modules, "gpiod", self.board.module())
        self.header = GpiodHeader(devices=folder)

    def move(self, pin, closed):
        self.board.ground(pin, closed)

    def lit(self, pin):
        return bool(self.board.level(pin))

    def opened(self):
        return set(self.board.users)

    def end(self):
        pass


class Fake:
    def __init__(self, rest=(), taken=()):
        self.header = FakeHeader(rest, taken)

    def move(self, pin, closed):
        self.header.move(0.0, pin, closed)

    def lit(self, pin):
        return pin in self.header.high

    def opened(self):
        return self.header.opened

    def end(self):
        pass


@pytest.fixture(params=["gpiozero", "gpiod", "fake"])
def make(request, tmp_path, monkeypatch):
    """A board: ``make(rest=pins closed to ground, taken=pins another has)``."""
    made = []

    def board(**about):
        if request.param == "gpiod":
            made.append(Gpiod(tmp_path, monkeypatch, **about))
        else:
            made.append({"gpiozero": Gpiozero, "fake": Fake}[request.param](**about))
        return made[-1]

    yield board
    for one in made:
        one.end()


def pressed(pad):
    return [(button, down) for _, button, down in pad.edges()]


def test_pedals_and_knob_stand_for_buttons(make):
    board = make()
    with GpioPad(Panel(), board.header) as pad:
        board.move(bcm("foot_a_tip"), True)
        board.move(bcm("foot_a_tip"), False)
        assert pressed(pad) == [(Button.START, True), (Button.START, False)]
        for name, closed in (("a", True), ("b", True), ("a", False), ("b", False)):
            board.move(bcm(f"encoder_{name}"), closed)
        assert pressed(pad) == [(Button.NEXT, True), (Button.NEXT, False)]
        board.move(bcm("encoder_push"), True)
        assert pressed(pad) == [(Button.TURN, True)]


def test_whoever_waits_is_woken_by_every_change_and_not_again(make):
    board = make()

    def rings():
        return bool(select.select(pad.fds(), (), (), 0)[0])

    with GpioPad(Panel(), board.header) as pad:
        assert not rings()
        for closed in (True, False):
            board.move(bcm("next"), closed)
            board.move(bcm("foot_a_tip"), closed)
            assert rings()
            assert len(pad.edges()) == 2
            assert not rings()


def test_a_pedal_that_rests_closed_does_nothing_at_power_on(make):
    board = make(rest=[bcm("foot_b_tip")])
    with GpioPad(Panel(), board.header) as pad:
        assert pressed(pad) == []
        board.move(bcm("foot_b_tip"), False)
        assert pressed(pad) == [(Button.LINE, True)]


def test_buttons_work_where_another_board_has_the_pedals_pins(make):
    board = make(taken=[bcm("foot_b_ring")])
    with GpioPad(Panel(), board.header) as pad:
        assert "no footswitches" in pad.lacks
        board.move(bcm("next"), True)
        assert pressed(pad) == [(Button.NEXT, True)]
        board.move(bcm("encoder_push"), True)
        assert pressed(pad) == [(Button.TURN, True)]


@pytest.mark.parametrize("wire", ["next", "led_box"])
def test_without_its_buttons_and_lights_there_is_no_pad(make, wire):
    board = make(taken=[bcm(wire)])
    before = board.opened()
    with pytest.raises(NoGpio):
        GpioPad(Panel(), board.header)
    if not isinstance(board, Gpiozero):  # its factory remembers every pin it ever made
        assert board.opened() <= before  # all let go again


def test_what_is_switched_off_leaves_its_pins_alone(make):
    board = make()
    with GpioPad(Panel(feet=False, encoder=False), board.header):
        assert not {bcm("foot_a_tip"), bcm("encoder_a")} & board.opened()


def test_lights_are_dark_at_first_and_at_the_end(make):
    board = make()
    lights = [bcm(name) for name in ("led_human", "led_box", "led_beat")]
    with GpioPad(Panel(), board.header) as pad:
        assert [board.lit(pin) for pin in lights] == [False] * 3
        pad.light(Lights(box=True, beat=True))
        assert [board.lit(pin) for pin in lights] == [False, True, True]
        pad.light(Lights(human=True))
        assert [board.lit(pin) for pin in lights] == [True, False, False]
    assert not any(board.lit(pin) for pin in lights)


def test_the_builder_is_told_which_contacts_are_closed(make):
    board = make(rest=[bcm("key")])
    with GpioLevels(Panel(), [pins()["next"], pins()["key"]], board.header) as levels:
        assert levels.closed() == {"key"}
        board.move(bcm("next"), True)
        assert levels.closed() == {"key", "next"}
        board.move(bcm("key"), False)
        assert levels.closed() == {"next"}


def test_the_screens_pins_are_driven(make):
    board = make()
    pin = Panel().pin("spi_data")
    wires = SpiPins(Panel(), board.header)
    wires.setup(pin, SpiPins.OUT)
    wires.setup(pin, SpiPins.OUT)  # luma asks again
    wires.output(pin, SpiPins.HIGH)
    assert board.lit(pin)
    wires.output(pin, SpiPins.LOW)
    assert not board.lit(pin)
    wires.cleanup()


# --- the kernel's lines alone


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    return lambda **about: Gpiod(tmp_path, monkeypatch, **about)


def test_the_header_is_found_by_its_name_whatever_its_number(tmp_path, monkeypatch):
    for label in ("pinctrl-bcm2711", "pinctrl-rp1"):
        labels = {"gpiochip0": "gpio-brcmstb@107d508500", "gpiochip4": label}
        board = Board({str(tmp_path / name): one for name, one in labels.items()})
        for name in labels:
            (tmp_path / name).touch()
        monkeypatch.setitem(sys.modules, "gpiod", board.module())
        with GpiodHeader(devices=tmp_path) as header:
            assert str(header._chip._path).endswith("gpiochip4")


def test_what_is_no_header_is_told_with_what_is_there(tmp_path, monkeypatch):
    (tmp_path / "gpiochip0").touch()
    board = Board({str(tmp_path / "gpiochip0"): "INT34C5:00"})
    monkeypatch.setitem(sys.modules, "gpiod", board.module())
    with pytest.raises(OSError, match=r"gpiochip0 \(INT34C5:00\).*panel\.gpio_chip"):
        GpiodHeader(devices=tmp_path)
    board.refused.add(str(tmp_path / "gpiochip0"))
    with pytest.raises(PermissionError, match="be in the group gpio"):
        GpiodHeader(devices=tmp_path)


def test_a_chip_may_be_named_by_its_number(tmp_path, monkeypatch):
    board = Board({str(tmp_path / "gpiochip3"): "expander"})
    monkeypatch.setitem(sys.modules, "gpiod", board.module())
    with GpiodHeader(3, tmp_path) as header, GpioPad(Panel(), header):
        assert bcm("next") in board.users
    assert not board.users


def test_who_has_the_pin_is_told(kernel):
    header = kernel(taken=[bcm("next")]).header
    with pytest.raises(NoGpio, match=f"GPIO {bcm('next')} is taken by sound-board"):
        GpioPad(Panel(), header)


def test_a_press_has_the_time_at_which_the_kernel_saw_it(kernel):
    board = kernel()
    with GpioPad(Panel(), board.header) as pad:
        board.board.ground(bcm("next"), True, 12.5)
        board.board.ground(bcm("start"), True, 12.25)
        board.board.ground(bcm("next"), False, 12.75)
        assert pad.edges() == [
            (12.25, Button.START, True),
            (12.5, Button.NEXT, True),
            (12.75, Button.NEXT, False),
        ]


@given(st.lists(st.tuples(st.sampled_from(["next", "encoder_push"]), st.booleans())))
def test_nothing_is_lost_or_moved_between_two_looks(moves):
    """Presses of two groups of pins, in time's order."""
    with pytest.MonkeyPatch.context() as patch:
        board = Board({"/dev/gpiochip0": "pinctrl-bcm2835"})
        patch.setitem(sys.modules, "gpiod", board.module())
        expected, state = [], {}
        with GpiodHeader(0) as header, GpioPad(Panel(), header) as pad:
            for time_s, (name, closed) in enumerate(moves):
                if state.get(name, False) is not closed:
                    button = Button.NEXT if name == "next" else Button.TURN
                    expected.append((float(time_s), button, closed))
                state[name] = closed
                board.ground(bcm(name), closed, float(time_s))
            assert pad.edges() == expected


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("lgpio", "gpiod"), GpiozeroHeader),
        (("gpiod",), GpiodHeader),
        ((), GpiozeroHeader),
    ],
)
def test_lgpio_comes_first_then_the_kernels_lines(there, taken, monkeypatch):
    monkeypatch.setattr(headers, "find_spec", lambda name: name if name in there else None)
    if taken is GpiodHeader:
        board = Board({"/dev/gpiochip0": "x"})
        monkeypatch.setitem(sys.modules, "gpiod", board.module())
    else:
        monkeypatch.setattr("lkjam_box.panel.gpiozero_header.factory_for", lambda panel: None)
    chip = 0 if taken is GpiodHeader else -1
    with headers.open_header(Panel(gpio_chip=chip)) as header:
        assert type(header) is taken


def test_the_stand_in_is_as_the_library_is():
    """Where gpiod is installed: the names that our side uses are there."""
    gpiod = pytest.importorskip("gpiod", reason="gpiod is not installed")
    stand_in = Board({}).module()
    gpiod.LineSettings(
        direction=gpiod.line.Direction.INPUT,
        edge_detection=gpiod.line.Edge.BOTH,
        bias=gpiod.line.Bias.PULL_UP,
        active_low=True,
        event_clock=gpiod.line.Clock.MONOTONIC,
        output_value=gpiod.line.Value.INACTIVE,
    )
    for name in ("Value", "Direction", "Bias", "Edge", "Clock"):
        known = {one.name for one in getattr(gpiod.line, name)}
        assert {one.name for one in getattr(stand_in.line, name)} <= known
    assert {one.name for one in gpiod.EdgeEvent.Type} == {"RISING_EDGE", "FALLING_EDGE"}
    with pytest.raises(OSError, match="No such file"):
        gpiod.Chip("/dev/gpiochip99")
