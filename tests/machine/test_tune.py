"""Tuning on a machine of files: what is found, what is asked for, what a refusal does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.cli import main
from lkjam_box.machine import tune
from lkjam_box.machine.realtime import cores_in
from lkjam_box.machine.tune import Load, Raise, Write

PI = {
    "sys/devices/system/cpu/isolated": "3",
    "sys/devices/system/cpu/online": "0-3",
    "sys/devices/system/cpu/cpufreq/policy0/scaling_governor": "ondemand",
    "sys/devices/system/cpu/cpufreq/policy0/scaling_available_governors": "powersave performance",
    "proc/irq/default_smp_affinity": "f",
    "proc/irq/9/smp_affinity_list": "0-3",
    "proc/irq/10/smp_affinity_list": "0",
    "proc/irq/11/smp_affinity_list": "3",
    "proc/20/comm": "ktimers/0",
    "proc/20/stat": "20 (ktimers/0) " + " ".join(["S", *["0"] * 36, "1", *["0"] * 10]),
    "proc/21/comm": "ktimers/1",
    "proc/21/stat": "21 (ktimers/1) " + " ".join(["S", *["0"] * 36, "95", *["0"] * 10]),
    "proc/30/comm": "ksoftirqd/0",
    "proc/sys/kernel/sched_rt_runtime_us": "950000",
    "sys/bus/usb/devices/1-1/power/control": "auto",
    "sys/bus/usb/devices/usb1/power/control": "on",
    "sys/module/usbcore/parameters/autosuspend": "2",
    "sys/module/snd_seq/refcnt": "1",
}


def machine(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


class Fake:
    """Does what can be done to files, remembers the rest, refuses what it is told to."""

    def __init__(self, root, refuses=()):
        self.kernel, self.refuses, self.done = tune.Kernel(root), refuses, []

    def do(self, action):
        if any(word in str(action) for word in self.refuses):
            raise OSError(5, "Input/output error")
        self.done.append(action)
        if isinstance(action, Write):
            self.kernel.do(action)


def test_a_pi_is_made_fit(tmp_path):
    root = machine(tmp_path, PI)
    doer = Fake(root)
    lines = list(tune.apply(tune.plan(root), doer))
    assert {str(action) for action in doer.done} == {
        "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor = performance",
        "/proc/irq/default_smp_affinity = 7",
        "/proc/irq/9/smp_affinity_list = 0,1,2",
        "/proc/irq/11/smp_affinity_list = 0,1,2",
        "modprobe snd-hrtimer",
        "modprobe i2c-dev",
        "chrt -f -p 90 20",
        "/sys/module/usbcore/parameters/autosuspend = -1",
        "/sys/bus/usb/devices/1-1/power/control = on",
    }
    assert "snd-seq: loaded" in lines
    assert "timers: 2 threads at 1 or above; done" in lines
    assert lines[-1] == "throttle: realtime may take 950000 us of every second; left so"
    assert (root / "proc/sys/kernel/sched_rt_runtime_us").read_text() == "950000\n"


def test_a_second_time_there_is_less_to_do(tmp_path):
    root = machine(tmp_path, PI)
    list(tune.apply(tune.plan(root), Fake(root)))
    again = [action for step in tune.plan(root) for action in step.actions]
    assert {type(action) for action in again} == {Write, Load, Raise}  # what files do not show
    assert [str(a) for a in again if isinstance(a, Write)] == ["/proc/irq/default_smp_affinity = 7"]


def test_what_refuses_is_said_and_the_rest_goes_on(tmp_path):
    root = machine(tmp_path, PI)
    doer = Fake(root, refuses=("irq/9/", "snd-hrtimer", "chrt"))
    lines = {line.partition(":")[0]: line for line in tune.apply(tune.plan(root), doer)}
    assert lines["interrupts"].endswith("2 done, 1 stay as they are")
    assert lines["snd-hrtimer"].endswith("refused: modprobe snd-hrtimer: Input/output error")
    assert "0 of 1 done, refused: chrt -f -p 90 20: Input" in lines["timers"]
    assert lines["usb"].endswith("done")
    assert all("\n" not in line for line in lines.values())


def test_a_machine_that_has_nothing(tmp_path):
    steps = tune.plan(tmp_path)
    actions = [action for step in steps for action in step.actions]
    assert [str(action) for action in actions] == [f"modprobe {name}" for name in tune.MODULES]
    assert len(list(tune.apply(steps, Fake(tmp_path, refuses=("modprobe",))))) == len(steps)


def test_every_core_isolated_moves_nothing(tmp_path):
    root = machine(tmp_path, PI | {"sys/devices/system/cpu/isolated": "0-3"})
    step = next(step for step in tune.plan(root) if step.what == "interrupts")
    assert step.actions == ()


def test_above_every_priority_the_stage_may_have():
    from lkjam_box.config.table import OPTIONS

    assert OPTIONS["service"]["priority"].meta.le < tune.TIMERS_PRIORITY


@given(st.sets(st.integers(0, 200), min_size=1))
def test_a_mask_has_the_bits_of_its_cores(cores):
    text = tune.mask(sorted(cores))
    groups = text.split(",")
    assert all(len(group) == 8 for group in groups[1:])
    bits = int("".join([groups[0], *groups[1:]]), 16)
    assert {core for core in range(201) if bits >> core & 1} == cores


@given(st.sets(st.integers(0, 100)))
def test_a_list_of_cores_is_read_back(cores):
    assert set(cores_in(",".join(map(str, sorted(cores))))) == cores


def test_a_dry_run_changes_nothing_and_needs_no_right(monkeypatch, capsys):
    monkeypatch.setattr(tune.Kernel, "do", lambda *_: pytest.fail("done"))
    assert main(["tune", "--dry-run"]) == 0
    assert "governor: " in capsys.readouterr().out
