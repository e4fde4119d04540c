"""What is asked of the kernel, and that lacking it is one clear line."""

import os
import subprocess
import sys

import pytest

from lkjam_box.machine import realtime
from lkjam_box.machine.readings import Machine
from lkjam_box.machine.realtime import Realtime, isolated_cores, wanted_cores


@pytest.mark.parametrize(
    ("text", "cores"), [("2-3,5\n", (2, 3, 5)), ("3", (3,)), ("\n", ()), ("(null)\n", ())]
)
def test_isolated_list(tmp_path, text, cores):
    path = tmp_path / "isolated"
    path.write_text(text)
    assert isolated_cores(path) == cores
    assert wanted_cores(-1, path) == cores[-1:]
    assert wanted_cores(1, path) == (1,)
    assert wanted_cores(-2, path) == ()


def test_no_such_file(tmp_path):
    assert isolated_cores(tmp_path / "none") == ()


def test_refusal_is_one_line_with_the_mending(monkeypatch):
    monkeypatch.setattr(realtime, "fifo", lambda priority: 0)
    monkeypatch.setattr(realtime, "lock", lambda: False)
    for name in ("quiet_gc", "timer_slack"):
        monkeypatch.setattr(realtime, name, lambda: None)
    got = realtime.take(70, True, -2)
    assert got.lacks.count("\n") == 0
    assert "SCHED_FIFO (LimitRTPRIO=" in got.lacks
    assert "LimitMEMLOCK=infinity" in got.lacks
    assert str(got) == "priority normal, memory not locked, core any"


def test_nothing_asked_nothing_lacked(monkeypatch):
    for name in ("quiet_gc", "timer_slack"):
        monkeypatch.setattr(realtime, name, lambda: None)
    assert realtime.take(0, False, -2) == Realtime()


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )


def test_really_taken_and_given_back():
    """In a process of its own; prints what the kernel says."""
    result = run(
        "import gc, os\n"
        "from lkjam_box.machine import realtime\n"
        "got = realtime.take(10, True, 0)\n"
        "print(got.priority == os.sched_getparam(0).sched_priority, gc.isenabled())\n"
        "realtime.normal()\n"
        "print(os.sched_getscheduler(0) == os.SCHED_OTHER, got.cores, os.sched_getaffinity(0))\n"
    )
    assert result.stdout.split("\n")[:2] == ["True False", "True (0,) {0}"], result.stderr


def test_dies_when_the_parent_is_already_gone():
    result = run(
        "from lkjam_box.machine import realtime\n"
        f"realtime.die_with_parent({os.getpid()})\n"
        "print('lives')\n"
        "realtime.die_with_parent(1 << 22)\n"
        "print('never')\n"
    )
    assert result.returncode == 1
    assert "never" not in result.stdout


def machine(tmp_path, timers):
    """One whose timer threads have these priorities."""
    for pid, priority in enumerate(timers, 20):
        thread = tmp_path / f"proc/{pid}"
        thread.mkdir(parents=True)
        (thread / "comm").write_text(f"ktimers/{pid}\n")
        fields = ["0"] * 50
        fields[37] = str(priority)
        (thread / "stat").write_text(f"{pid} (ktimers/{pid}) {' '.join(fields)}\n")
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("timers", "rt", "hangs"),
    [
        ((1, 1), True, True),
        ((90, 1), True, True),  # one core is enough
        ((70, 70), True, True),
        ((90, 90), True, False),
        ((), True, True),  # hidden from us: nobody can say
        ((1, 1), False, False),
    ],
)
def test_fifo_over_the_kernels_timers_is_known(tmp_path, timers, rt, hangs):
    assert realtime.may_hang(70, machine(tmp_path, timers), rt) is hangs


@pytest.mark.parametrize(
    ("version", "word", "rt"),
    [
        ("#1 SMP PREEMPT_RT Debian 7.3.4", "", True),  # has no word
        ("#1 SMP PREEMPT RT", "1", True),
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1", "", False),
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1", "0", False),
    ],
)
def test_a_realtime_kernel_is_known(tmp_path, version, word, rt):
    path = tmp_path / "realtime"
    if word:
        path.write_text(word + "\n")
    assert realtime.preempt_rt(version, path) is rt


@pytest.mark.parametrize("sequencer", [False, True])
def test_below_the_timers_only_where_alsa_ports_are(monkeypatch, sequencer):
    for name in ("quiet_gc", "timer_slack"):
        monkeypatch.setattr(realtime, name, lambda: None)
    monkeypatch.setattr(realtime, "may_hang", lambda priority: True)
    monkeypatch.setattr(realtime, "fifo", lambda priority: priority)
    monkeypatch.setattr(realtime, "round_robin", lambda: 1)
    got = realtime.take(70, False, -2, sequencer)
    if sequencer:
        assert str(got).startswith("priority RR 1,")
        assert "start lkjam-box-tune" in got.lacks
        assert got.lacks.count("\n") == 0
    else:
        assert (got.priority, got.policy, got.lacks) == (70, "FIFO", "")


def test_a_stage_that_fails_is_not_realtime_when_its_ports_go(monkeypatch):
    from lkjam_box.service import stage_process

    seen = []

    class Process:
        def __init__(self, setup):
            pass

        def run(self):
            raise ValueError("wrong")

    monkeypatch.setattr(stage_process, "StageProcess", Process)
    monkeypatch.setattr(realtime, "normal", lambda: seen.append("normal"))
    with pytest.raises(ValueError, match="wrong"):
        stage_process.main(None)
    assert seen == ["normal"]
