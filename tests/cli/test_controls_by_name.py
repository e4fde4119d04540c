"""``monitor --control`` reads a control as the options file would."""

import time

import pytest

from lkjam_box.cli import main
from lkjam_box.cli.monitor import how, request_of
from lkjam_box.errors import OptionError
from lkjam_box.protocol.engine import Strategy
from lkjam_box.protocol.records import (
    STEERED,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    Setting,
    SettingId,
)
from lkjam_box.protocol.runtime_folder import shared_state_path
from lkjam_box.protocol.shared_state import SharedState, Snapshot
from lkjam_box.service.command_socket import CommandSocket
from lkjam_box.turns.grid import line_up_number


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("strategy=inversion", ControlSetting(STEERED, ControlId.STRATEGY, 3.0)),
        ("style=bebop", ControlSetting(STEERED, ControlId.STYLE, 3.0)),
        ("register=-2", ControlSetting(STEERED, ControlId.REGISTER, -2.0)),
        ("heat=0.25", ControlSetting(STEERED, ControlId.HEAT, 0.25)),
        ("offset=-8.5", Command(CommandId.OUTPUT_OFFSET, -8.5)),
        ("count-in=2", Setting(SettingId.COUNT_IN, 2.0)),
        ("click=always", Setting(SettingId.CLICK, 2.0)),
        ("thru-back=yes", Setting(SettingId.THRU_BACK, 1.0)),
        ("heat-cc=74", Setting(SettingId.HEAT_CC, 74.0)),
        ("heat-cc=off", Setting(SettingId.HEAT_CC, -1.0)),
        ("line-up=human,A,B", Command(CommandId.LINE_UP, line_up_number((0, 1, 2)))),
    ],
)
def test_a_control_by_name(text, control):
    assert request_of(text) == control


@pytest.mark.parametrize(
    "text",
    [
        "volume=3",
        "strategy=loud",
        "density=9",
        "heat",
        "line-up=D",
        "line-up=",
        "offset=900",
        "count-in=9",
        "listen-low=C",
    ],
)
def test_a_wrong_one_is_told(text):
    with pytest.raises(OptionError):
        request_of(text)


@pytest.mark.parametrize("flag", ["--control", "--turn"])
def test_it_reaches_the_box_by_either_name(flag, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    SharedState.create(shared_state_path(tmp_path)).write(Snapshot(time_s=time.monotonic()))
    box = CommandSocket(tmp_path)
    assert main(["monitor", "--once", flag, "heat=0.25", "--control", "offset=-8"]) == 0
    assert box.drain() == [
        ControlSetting(STEERED, ControlId.HEAT, 0.25),
        Command(CommandId.OUTPUT_OFFSET, -8.0),
    ]
    box.close()
    capsys.readouterr()
    assert main(["monitor", "--once", flag, "volume=3"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("lkjam-box monitor: --control: found 'volume=3', allowed: strategy=")
    assert error.count("\n") == 1


def test_help_tells_of_one_name(capsys):
    with pytest.raises(SystemExit):
        main(["monitor", "--help"])
    said = capsys.readouterr().out
    assert "--control CONTROL=VALUE" in said
    assert "--turn" not in said


def test_what_waits_has_an_arrow():
    assert how(Snapshot(controls_seat=1, next_strategy=Strategy.CONTRAST)) == "→ contrast"
    assert how(Snapshot(controls_seat=1)) == "free"
    assert how(Snapshot()) == ""
