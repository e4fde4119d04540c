"""The real processes: what a box that was stopped, or killed as a whole, leaves to be read."""

import os
import signal
import subprocess
import time

from lkjam_box.cli import main
from lkjam_box.health import box_run, health_file
from lkjam_box.protocol.runtime_folder import shared_state_path
from lkjam_box.protocol.shared_state import Mode, WarningId
from tests.service.test_supervisor import PATIENCE_S, LiveBox


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
    live = LiveBox(tmp_path)
    try:
        live.until("ready", lambda now: now.keyboard and now.engine)
        live.roll()
        live.until("an answer", lambda now: now.mode == Mode.TRADING and now.answers >= 1)
        os.kill(live.child("stage"), signal.SIGKILL)
        live.until("its end", lambda now: "stage killed" in live.said())
        live.until("the next one", lambda now: live.said().count("stage: priority") == 2)
        live.until("more answers", lambda now: now.pid != 0 and now.answers >= 1)
        firmware.write_text("50005\n")  # a Pi whose supply sags
        wait("low voltage", lambda: health_file.read(tmp_path).warning == WarningId.LOW_VOLTAGE)
        assert main(["monitor", "--full", "--once"]) == 0
        assert "LOW VOLTAGE, CHECK PSU  ->" in capsys.readouterr().out
        health = health_file.read(tmp_path)
        assert set(health.processes) >= {"supervisor", "brain", "stage"}
        assert health.processes["stage"].rss_mb > 1
    finally:
        code = live.close()
    assert code == 0
    run = box_run.last(tmp_path)
    assert run.how == "stopped"
    assert run.health.processes["stage"].ends == {"killed by signal 9": 1}
    assert all(process.pss_mb > 1 for process in run.health.processes.values())
    assert run.count("answers") >= 2  # by both stages
    for name in ("lateness", "jitter", "brain_first", "brain_whole", "lag"):
        assert run.figures(name).total > 0, name
    assert run.figures("lateness").total >= run.count("notes_out") > 0
    assert run.sync_s["LOCKED"] > 0
    assert run.warnings["LOW_VOLTAGE"] == 1
    assert not shared_state_path(tmp_path).exists()


def test_a_box_killed_as_a_whole_is_told_of_by_the_next(tmp_path):
    live = LiveBox(tmp_path)
    try:
        live.until("ready", lambda now: now.keyboard and now.engine)
        wait("health", lambda: health_file.read(tmp_path))
        live.box.kill()
        live.box.wait()
        left = box_run.latest(tmp_path, shared_state_path(tmp_path), time.monotonic() + 60)
        assert left.how == "killed"
        second = subprocess.Popen(live.box.args, env=dict(os.environ, LKJAM_RUNTIME=str(tmp_path)))
        try:
            wait("the last run", lambda: box_run.last(tmp_path))
            assert box_run.last(tmp_path).how == "killed"
            wait("a stage", lambda: box_run.left(tmp_path, shared_state_path(tmp_path), ""))
        finally:
            second.terminate()
            second.wait(10)
        assert box_run.last(tmp_path).how == "stopped"
    finally:
        live.close()
