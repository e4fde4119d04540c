"""The real processes: what a box that was stopped, or killed as a whole, leaves to be read."""

import os
import signal
import subprocess
import time

from lkjam_box.cli import main
from lkjam_box.health import box_run as gig
from lkjam_box.health import health_file as report
from lkjam_box.protocol.runtime_folder import board_path
from lkjam_box.protocol.shared_state import Mode, Warning
from tests.service.test_supervisor import PATIENCE_S, Rig


def wait(what, ready):
    until_s = time.monotonic() + 3 * PATIENCE_S
    while not ready():
        assert time.monotonic() < until_s, what
        time.sleep(0.02)


def test_a_run_is_measured_and_kept(tmp_path, monkeypatch, capsys):
    machine = tmp_path / "machine"
    firmware = machine / "sys/devices/platform/soc/soc:firmware/get_throttled"
    firmware.parent.mkdir(parents=True)
    firmware.write_text("0\n")
    (machine / "proc").symlink_to("/proc")
    monkeypatch.setenv("LKJAM_MACHINE", str(machine))
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    rig = Rig(tmp_path)
    try:
        rig.until("ready", lambda now: now.keyboard and now.engine)
        rig.roll()
        rig.until("an answer", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
        os.kill(rig.child("stage"), signal.SIGKILL)
        rig.until("its end", lambda now: "stage killed" in rig.said())
        rig.until("the next one", lambda now: rig.said().count("stage: priority") == 2)
        rig.until("more answers", lambda now: now.pid != 0 and now.answers >= 1)
        firmware.write_text("50005\n")  # a Pi whose supply sags
        wait("low voltage", lambda: report.read(tmp_path).warning == Warning.LOW_VOLTAGE)
        assert main(["monitor", "--full", "--once"]) == 0
        assert "LOW VOLTAGE, CHECK PSU  ->" in capsys.readouterr().out
        health = report.read(tmp_path)
        assert set(health.lanes) >= {"supervisor", "brain", "stage"}
        assert health.lanes["stage"].rss_mb > 1
    finally:
        code = rig.close()
    assert code == 0
    run = gig.last(tmp_path)
    assert run.how == "stopped"
    assert run.health.lanes["stage"].ends == {"killed by signal 9": 1}
    assert all(lane.pss_mb > 1 for lane in run.health.lanes.values())
    assert run.count("answers") >= 2  # by both stages
    for name in ("lateness", "jitter", "brain_first", "brain_whole", "lag"):
        assert run.figures(name).total > 0, name
    assert run.figures("lateness").total >= run.count("notes_out") > 0
    assert run.sync_s["LOCKED"] > 0
    assert run.warnings["LOW_VOLTAGE"] == 1
    assert not board_path(tmp_path).exists()


def test_a_box_killed_as_a_whole_is_told_of_by_the_next(tmp_path):
    rig = Rig(tmp_path)
    try:
        rig.until("ready", lambda now: now.keyboard and now.engine)
        wait("health", lambda: report.read(tmp_path))
        rig.box.kill()
        rig.box.wait()
        assert gig.latest(tmp_path, board_path(tmp_path), time.monotonic() + 60).how == "killed"
        second = subprocess.Popen(rig.box.args, env=dict(os.environ, LKJAM_RUNTIME=str(tmp_path)))
        try:
            wait("the last run", lambda: gig.last(tmp_path))
            assert gig.last(tmp_path).how == "killed"
            wait("a stage", lambda: gig.left(tmp_path, board_path(tmp_path), ""))
        finally:
            second.terminate()
            second.wait(10)
        assert gig.last(tmp_path).how == "stopped"
    finally:
        rig.close()
