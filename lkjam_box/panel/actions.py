"""What each button does, in one table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..stage.records import Command, CommandId
from .debounce import Gesture

FOURTH = 5  # semitones: the key button walks the circle of fourths


class Button(Enum):
    """The buttons, with the key of a laptop that stands for each."""

    PREVIOUS = "p"
    NEXT = "n"
    KEY = "k"
    TURN = "t"
    START = " "
    LINE = "l"


@dataclass(frozen=True, slots=True)
class Action:
    """A command for a click and for a long press; ``words`` is what help says."""

    words: str
    click: Command
    long_words: str = ""
    long: Command | None = None
    at_once: bool = False  # on the way down, not when let go


ACTIONS: dict[Button, Action] = {
    Button.PREVIOUS: Action(
        "previous progression",
        Command(CommandId.PREVIOUS_PROGRESSION),
        "begin the set anew",
        Command(CommandId.RESET),
    ),
    Button.NEXT: Action(
        "next progression",
        Command(CommandId.NEXT_PROGRESSION),
        "hand over now",
        Command(CommandId.HAND_OVER),
    ),
    Button.KEY: Action(
        "key, a fourth up",
        Command(CommandId.KEY, FOURTH),
        "key, a semitone up",
        Command(CommandId.KEY, 1),
    ),
    Button.TURN: Action(
        "turn length: 1 2 4 8 bars",
        Command(CommandId.TURN_BARS, 0),
        "four bars",
        Command(CommandId.TURN_BARS, 4),
    ),
    Button.START: Action(
        "start or stop playing",
        Command(CommandId.START_STOP),
        "PANIC: all notes off",
        Command(CommandId.PANIC),
    ),
    Button.LINE: Action("the line is here", Command(CommandId.LINE_HERE), at_once=True),
}


def command_for(button: Button, gesture: Gesture) -> Command | None:
    """What a gesture asks of the stage, if anything."""
    action = ACTIONS[button]
    if action.at_once:
        return action.click if gesture is Gesture.DOWN else None
    if gesture is Gesture.LONG:
        return action.long
    return action.click if gesture is Gesture.SHORT else None
