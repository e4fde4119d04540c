"""``monitor --turn`` reads a control as the options file would."""

import pytest

from lkjam_box.cli.monitor import how, request_of
from lkjam_box.errors import OptionError
from lkjam_box.protocol.engine import Strategy
from lkjam_box.protocol.records import STEERED, Command, CommandId, ControlId, ControlSetting
from lkjam_box.protocol.shared_state import Snapshot
from lkjam_box.turns.grid import line_up_number


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("strategy=inversion", ControlSetting(STEERED, ControlId.STRATEGY, 3.0)),
        ("style=bebop", ControlSetting(STEERED, ControlId.STYLE, 3.0)),
        ("register=-2", ControlSetting(STEERED, ControlId.REGISTER, -2.0)),
        ("heat=0.25", ControlSetting(STEERED, ControlId.HEAT, 0.25)),
        ("offset=-8.5", Command(CommandId.OUTPUT_OFFSET, -8.5)),
        ("line-up=human,A,B", Command(CommandId.LINE_UP, line_up_number((0, 1, 2)))),
    ],
)
def test_a_control_by_name(text, control):
    assert request_of(text) == control


@pytest.mark.parametrize(
    "text",
    ["volume=3", "strategy=loud", "density=9", "heat", "line-up=D", "line-up=", "offset=900"],
)
def test_a_wrong_one_is_told(text):
    with pytest.raises(OptionError):
        request_of(text)


def test_what_waits_has_an_arrow():
    assert how(Snapshot(controls_seat=1, next_strategy=Strategy.CONTRAST)) == "→ contrast"
    assert how(Snapshot(controls_seat=1)) == "free"
    assert how(Snapshot()) == ""
