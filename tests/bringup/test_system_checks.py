"""What check finds of the machine, on machines made of files."""

import os
import subprocess
from pathlib import Path

import pytest

from lkjam_box.bringup import system_checks
from lkjam_box.config.load import override
from lkjam_box.config.options import Config, Panel
from lkjam_box.health import health_file
from lkjam_box.health.health_file import Health
from lkjam_box.machine.readings import Machine


def timers(root, *priorities):
    for number, priority in enumerate(priorities):
        folder = root / "proc" / str(20 + number)
        folder.mkdir(parents=True)
        (folder / "comm").write_text(f"ktimers/{number}\n")
        (folder / "stat").write_text(
            f"{20 + number} (ktimers/{number}) S 2 " + "0 " * 35 + f"{priority} 1\n"
        )
    return Machine(root)


@pytest.mark.parametrize(
    ("priorities", "level"),
    [((), None), ((90, 90), "ok"), ((90, 1), "worse"), ((70, 90), "worse")],
)
def test_timers_stand_above_the_stage(tmp_path, priorities, level):
    found = list(system_checks._timers(Config(), timers(tmp_path, *priorities)))
    assert [finding.level for finding in found] == ([level] if level else [])


@pytest.mark.parametrize(("seconds", "level"), [(10.0, "ok"), (0.0, "worse")])
def test_the_watchdog_of_the_box_that_runs(tmp_path, seconds, level):
    health_file.write(tmp_path, Health(watchdog_s=seconds))
    (finding,) = system_checks._watchdog(tmp_path)
    assert finding.level == level


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("10s", 10), ("1min 30s", 90), ("500ms", 0.5), ("0", 0), ("infinity", 0), ("", 0)],
)
def test_the_watchdog_of_the_unit(monkeypatch, said, seconds):
    def run(words, **_):
        return subprocess.CompletedProcess(words, 0, said + "\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    assert system_checks._unit_watchdog_s() == seconds


def test_no_systemctl_is_no_watchdog(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert system_checks._unit_watchdog_s() == 0


def test_room_for_recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/lkjam-box:/other")
    asked = []
    monkeypatch.setattr(Machine, "free_mb", lambda self, folder: asked.append(folder) or 30.0)
    (finding,) = system_checks._state(Machine(tmp_path))
    assert (finding.level, str(asked[0])) == ("worse", "/var/lib/lkjam-box")


def dinned(path):
    return list(system_checks._din(override(Config(), {"ports.din": str(path)})))


def test_the_line_of_the_din_jacks(tmp_path, monkeypatch):
    ours, theirs = os.openpty()
    (good,) = dinned(os.ttyname(theirs))
    assert (good.level, "31250" in good.found) == ("ok", True)
    monkeypatch.setattr(system_checks, "free", lambda path: False)
    (taken,) = dinned(os.ttyname(theirs))
    assert (taken.level, "console has it" in taken.found) == ("worse", True)
    (missing,) = dinned(tmp_path / "ttyAMA0")
    assert (missing.level, "not there" in missing.found) == ("worse", True)
    assert dinned("off") == []
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("library", "buttons", "chips", "said"),
    [
        ("lgpio", "auto", 1, [("ok", "by lgpio")]),
        ("gpiod", "gpio", 0, [("ok", "by gpiod")]),
        ("", "auto", 1, [("worse", "neither lgpio nor gpiod is installed: no buttons, no lights")]),
        ("", "auto", 0, []),
        ("", "keys", 1, []),
    ],
)
def test_what_reaches_the_pins_is_told_where_pins_are(monkeypatch, library, buttons, chips, said):
    monkeypatch.setattr(system_checks, "library", lambda: library)
    monkeypatch.setattr(
        system_checks, "_gpio_chips", lambda: iter([Path("/dev/gpiochip0")][:chips])
    )
    found = list(system_checks._pins(Config(panel=Panel(buttons=buttons))))
    assert [(one.level, one.found) for one in found] == said
    assert all(one.mend for one in found if one.level != "ok")
