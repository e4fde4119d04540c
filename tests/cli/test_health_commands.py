"""monitor and check as a musician types them: while it plays, after a stop, after a crash."""

import json
import time

import pytest

from lkjam_box.cli import main
from lkjam_box.health import box_run, health_file
from lkjam_box.health.health_file import Health, ProcessHealth
from lkjam_box.protocol.measures import HISTOGRAMS, Measures
from lkjam_box.protocol.runtime_folder import HEALTH, shared_state_path
from lkjam_box.protocol.shared_state import Mode, SharedState, Snapshot, Sync, WarningId


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    return tmp_path


def play(folder, time_s):
    shared_state = SharedState.create(shared_state_path(folder))
    measures = Measures(shared_state.measures())
    for late_us in [100] * 99 + [900]:
        measures.lateness.add(late_us / 1e6)
    shared_state.write(
        Snapshot(time_s=time_s, mode=Mode.TRADING, sync=Sync.LOCKED, seat=0, answers=4, pid=3)
    )
    health_file.write(
        folder,
        Health(
            time_s=time_s,
            began_s=time_s - 90,
            warning=WarningId.LOW_VOLTAGE,
            throttled=1,
            low_times=1,
            processes={"stage": ProcessHealth(pid=3, rss_mb=20.0, starts=1)},
        ),
    )


def test_the_page(folder, capsys):
    play(folder, time.monotonic())
    assert main(["monitor", "--full", "--once"]) == 0
    out = capsys.readouterr().out
    for words in ("YOU", "LOW VOLTAGE, CHECK PSU  ->", "late notes", "now low voltage", "stage"):
        assert words in out


def test_one_line_warns_of_the_machine_too(folder, capsys):
    play(folder, time.monotonic())
    assert main(["monitor", "--once"]) == 0
    line = capsys.readouterr().out
    assert "LOW VOLTAGE, CHECK PSU" in line
    assert "late p99 0.10 ms" in line


def test_json_has_everything(folder, capsys):
    play(folder, time.monotonic())
    assert main(["monitor", "--once", "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert set(seen["histograms"]) == set(HISTOGRAMS)
    late = seen["histograms"]["lateness"]
    assert set(late) == {"count", "p50_us", "p95_us", "p99_us", "p999_us", "max_us"}
    assert (late["count"], late["max_us"]) == (100, 900)
    assert seen["health"]["processes"]["stage"]["rss_mb"] == 20.0
    assert seen["warnings"] == {"LOW_VOLTAGE": 1}
    assert (seen["answers"], seen["sync"]) == (4, Sync.LOCKED)


@pytest.mark.parametrize(
    ("age_s", "title", "how"),
    [(0, "the box that runs", "it plays"), (60, "the last run", "the box was killed")],
)
def test_check_tells_of_the_run_that_plays_or_was_killed(folder, age_s, title, how, capsys):
    play(folder, time.monotonic() - age_s)
    assert main(["check", "--ports", "virtual"]) == 0
    out = capsys.readouterr().out
    assert f"\n{title}\n" in out
    assert how in out.partition(title)[2]
    assert "late notes" in out


def test_check_tells_of_the_run_that_was_stopped(folder, capsys):
    play(folder, time.monotonic())
    box_run.keep(folder, box_run.left(folder, shared_state_path(folder), "stopped"))
    shared_state_path(folder).unlink()
    (folder / HEALTH).unlink()
    assert main(["monitor", "--once"]) == 2
    assert "lkjam-box check tells of the last run" in capsys.readouterr().err
    assert main(["check", "--ports", "virtual", "--json"]) == 0
    run = json.loads(capsys.readouterr().out)["run"]
    assert run["ended"] == "stopped"
    assert run["ran_s"] == 90
    levels = {finding["what"]: finding["level"] for finding in run["findings"]}
    assert (levels["late notes"], levels["power"]) == ("ok", "worse")


def test_check_where_nothing_ever_ran(folder, capsys):
    assert main(["check", "--ports", "virtual", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"] is None
