"""Every gesture asks for what the table says."""

from lkjam_box.panel.actions import ACTIONS, command_for
from lkjam_box.panel.contacts import Button, Gesture
from lkjam_box.panel.terminal import keys_help, press_of
from lkjam_box.protocol.records import Command, CommandId


def test_start_held_long_is_panic():
    assert command_for(Button.START, Gesture.SHORT) == Command(CommandId.START_STOP)
    assert command_for(Button.START, Gesture.LONG) == Command(CommandId.PANIC)
    assert command_for(Button.START, Gesture.DOWN) is None


def test_the_line_button_acts_on_the_way_down():
    assert command_for(Button.LINE, Gesture.DOWN) == Command(CommandId.LINE_HERE)
    assert command_for(Button.LINE, Gesture.SHORT) is None


def test_every_button_has_an_action_and_a_key_of_its_own():
    assert set(ACTIONS) == set(Button)
    for button in Button:
        click = Gesture.DOWN if ACTIONS[button].at_once else Gesture.SHORT
        assert press_of(button.value) == (button, click)
        assert command_for(button, click) == ACTIONS[button].click
        if button.value.isalpha():
            assert press_of(button.value.upper()) == (button, Gesture.LONG)
    assert press_of("0") == (Button.START, Gesture.LONG)
    assert press_of("x") is None


def test_the_terminals_help_names_every_press():
    words = keys_help()
    for action in ACTIONS.values():
        assert action.words in words
        assert action.long_words in words
        assert action.page_words in words
