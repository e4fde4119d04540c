"""The second layer of the buttons: every control within reach, nothing pressed by mistake."""

import pytest

from lkjam_box.config.options import Brain, Panel
from lkjam_box.panel import fonts
from lkjam_box.panel.actions import ACTIONS
from lkjam_box.panel.contacts import Button, FakePad, Gesture
from lkjam_box.panel.control_page import OPEN_S, SHOWN_S, ControlPage
from lkjam_box.panel.control_words import (
    SHORT_STRATEGY_WORDS,
    big_lines,
    short_strategy,
    value_words,
)
from lkjam_box.panel.face import PanelFace
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.protocol.controls import CHOICES, value_of
from lkjam_box.protocol.engine import ControlValues, Strategy, Style
from lkjam_box.protocol.records import STEERED, Command, CommandId, ControlId, ControlSetting
from lkjam_box.protocol.shared_state import Mode, Snapshot
from lkjam_box.turns.seat_controls import SeatControls


def press(page, button, gesture=Gesture.SHORT, time_s=1.0):
    return page.request(time_s, button, gesture)


def reached(*presses: tuple[Button, Gesture]) -> ControlValues:
    """The controls of a seat after such presses."""
    page, seat_controls = ControlPage(), SeatControls((1,), Brain())
    for button, gesture in presses:
        request = press(page, button, gesture)
        if isinstance(request, ControlSetting):
            seat_controls.ask(ControlSetting(1, request.which, request.value, request.relative))
    return seat_controls.pending(1)


HOLD_TURN = (Button.TURN, Gesture.LONG)
UP, DOWN = (Button.NEXT, Gesture.SHORT), (Button.PREVIOUS, Gesture.SHORT)
OTHER = (Button.KEY, Gesture.SHORT)


@pytest.mark.parametrize("strategy", Strategy)
def test_every_strategy_is_a_few_long_presses_away(strategy):
    presses = [HOLD_TURN] * (strategy or len(Strategy))
    assert reached(*presses).strategy is strategy


@pytest.mark.parametrize("control", CHOICES)
def test_every_control_reaches_both_ends(control):
    others = [OTHER] * list(CHOICES).index(control)
    low, high = CHOICES[control][0], CHOICES[control][-1]
    way = len(CHOICES[control])
    found = {value_of(reached(HOLD_TURN, *others, *[UP] * n), control) for n in range(way)}
    found |= {value_of(reached(HOLD_TURN, *others, *[DOWN] * n), control) for n in range(way)}
    assert {low, 0.0, high} <= {round(value, 6) for value in found}
    if control is not ControlId.HEAT:  # a press goes on two of its choices
        assert found == set(CHOICES[control])


def test_every_style_by_button():
    found = {reached(HOLD_TURN, OTHER, *[UP] * n).style for n in range(len(Style))}
    assert found == set(Style)


def test_a_long_key_sets_a_control_back():
    assert reached(HOLD_TURN, (Button.KEY, Gesture.LONG)) == reached()


def test_the_page_opens_by_turn_and_closes_by_itself_and_by_turn():
    page = ControlPage()
    assert press(page, Button.NEXT) == Command(CommandId.NEXT_PROGRESSION)
    press(page, *HOLD_TURN, time_s=1.0)
    assert isinstance(press(page, Button.NEXT, time_s=1.0 + OPEN_S - 0.1), ControlSetting)
    assert isinstance(press(page, Button.NEXT, time_s=1.0 + 1.9 * OPEN_S), ControlSetting)
    assert isinstance(press(page, Button.NEXT, time_s=99.0), Command)
    press(page, *HOLD_TURN, time_s=100.0)
    assert press(page, Button.TURN, time_s=100.1) is None
    assert press(page, Button.TURN, time_s=100.2) == Command(CommandId.TURN_BARS, 0)


def test_a_press_that_began_on_the_page_belongs_to_it():
    page = ControlPage()
    press(page, *HOLD_TURN, time_s=1.0)
    press(page, Button.NEXT, Gesture.DOWN, time_s=1.0 + OPEN_S - 0.05)
    assert isinstance(press(page, Button.NEXT, time_s=1.0 + OPEN_S + 0.05), ControlSetting)


def test_start_panic_and_the_line_are_what_they_always_are():
    page = ControlPage()
    press(page, *HOLD_TURN)
    assert press(page, Button.START) == Command(CommandId.START_STOP)
    assert press(page, Button.START, Gesture.LONG) == Command(CommandId.PANIC)
    assert press(page, Button.LINE, Gesture.DOWN) == Command(CommandId.LINE_HERE)


def test_no_long_press_on_the_page_begins_the_set_anew_or_hands_over():
    page = ControlPage()
    press(page, *HOLD_TURN)
    for button in (Button.PREVIOUS, Button.NEXT):
        assert press(page, button, Gesture.LONG) is None
        assert ACTIONS[button].long is not None


def test_what_a_controller_turns_stands_large_for_a_moment():
    page = ControlPage()
    page.look(0.0, Snapshot(control=ControlId.HEAT, control_serial=7))  # turned before we looked
    assert page.shown(0.0) is None
    page.look(1.0, Snapshot(control=ControlId.STYLE, control_serial=8))
    assert page.shown(1.0) is ControlId.STYLE
    assert page.shown(1.0 + SHOWN_S - 0.01) is ControlId.STYLE
    assert page.shown(1.0 + SHOWN_S) is None
    assert not page.is_open(1.0)
    page.look(3.0, Snapshot(control=0, control_serial=0))  # a new stage
    assert page.shown(3.0) is None


def test_a_control_of_no_answer_does_not_stand_large():
    page = ControlPage()
    page.look(0.0, Snapshot())
    page.look(1.0, Snapshot(control=ControlId.TEMPERATURE, control_serial=1))
    assert page.shown(1.0) is None


def test_a_held_turn_button_opens_the_page_on_the_screen():
    sent, pad, screen = [], FakePad(), FakeScreen()
    face = PanelFace(Panel(), sent.append, [screen], pad)
    pad.press(1.0, Button.TURN, for_s=1.2)
    for frame in range(150):
        time_s = 1.0 + frame / 30
        face.tend(time_s, Snapshot(time_s=time_s, mode=Mode.TRADING, controls_seat=1))
    assert sent == [ControlSetting(STEERED, ControlId.STRATEGY, 1, relative=True)]
    assert len(screen.images) == 2  # with the page, and once it has closed


def test_the_words_fit():
    for control, choices in CHOICES.items():
        for value in choices:
            assert fonts.fits(value_words(control, value), 124, 2), (control, value)
    assert len(set(SHORT_STRATEGY_WORDS.values())) == len(Strategy)


def test_what_waits_for_the_line_is_told_from_what_counts():
    snapshot = Snapshot(controls_seat=1, next_strategy=Strategy.INVERSION)
    assert short_strategy(snapshot) == "→INVERT"
    assert big_lines(snapshot, ControlId.STRATEGY) == ("next: strategy", "INVERT")
    snapshot.strategy = Strategy.INVERSION
    assert short_strategy(snapshot) == "INVERT"
    assert big_lines(snapshot, ControlId.STRATEGY) == ("strategy", "INVERT")
    assert short_strategy(Snapshot()) == ""  # no box seat plays
