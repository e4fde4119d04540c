"""What each button does, in one table. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.controls import BUTTON_STEPS
from ..protocol.records import STEERED, Command, CommandId, ControlId, ControlSetting, Request
from .contacts import Button, Gesture

FOURTH = 5  # semitones that the key button moves: round the circle of fourths


def step(control: ControlId, presses: int) -> ControlSetting:
    """Ask for a control to be moved by so many presses of its button, back if negative."""
    return ControlSetting(STEERED, control, presses * BUTTON_STEPS.get(control, 1), relative=True)


@dataclass(frozen=True, slots=True)
class Action:
    """What a click and a long press ask for; ``words`` is what help says, ``page_words`` what
    a click does while the controls are open (``control_page.py``), ``menu_words`` in the menu."""

    words: str
    click: Request
    long_words: str = ""
    long: Request | None = None
    page_words: str = ""
    menu_words: str = ""
    at_once: bool = False  # acts when pressed, not when let go


ACTIONS: dict[Button, Action] = {
    Button.PREVIOUS: Action(
        "previous progression",
        Command(CommandId.PREVIOUS_PROGRESSION),
        "begin the set anew",
        Command(CommandId.RESET),
        "control down",
        "entry before, value down",
    ),
    Button.NEXT: Action(
        "next progression",
        Command(CommandId.NEXT_PROGRESSION),
        "hand over now",
        Command(CommandId.HAND_OVER),
        "control up",
        "next entry, value up",
    ),
    Button.KEY: Action(
        "key, a fourth up",
        Command(CommandId.KEY, FOURTH),
        "key, a semitone up",
        Command(CommandId.KEY, 1),
        "next control",
        "next group, next entry",
    ),
    Button.TURN: Action(
        "turn length: 1 2 4 8 bars",
        Command(CommandId.TURN_BARS, 0),
        "next strategy, opens the controls; between turns the menu",
        step(ControlId.STRATEGY, 1),
        "close the controls",
        "change the value, done; held: close, reset",
    ),
    Button.START: Action(
        "start or stop playing",
        Command(CommandId.START_STOP),
        "PANIC: all notes off",
        Command(CommandId.PANIC),
    ),
    Button.LINE: Action("the line is here", Command(CommandId.LINE_HERE), at_once=True),
}


def command_for(button: Button, gesture: Gesture) -> Request | None:
    """What a gesture asks of the stage, if anything, while the controls are closed."""
    action = ACTIONS[button]
    if action.at_once:
        return action.click if gesture is Gesture.DOWN else None
    if gesture is Gesture.LONG:
        return action.long
    return action.click if gesture is Gesture.SHORT else None
