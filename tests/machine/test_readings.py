"""A machine made of files."""

import os
from pathlib import Path

import pytest

from lkjam_box.machine.readings import Machine


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root)


def test_a_machine_that_tells_nothing(tmp_path):
    machine = Machine(tmp_path)
    assert machine.throttled() is None
    assert machine.celsius() is None
    assert machine.rss_mb(1) is None
    assert machine.pss_mb(1) is None
    assert machine.open_files(1) is None
    assert machine.free_mb(Path("no/root/to/look/from")) is None
    assert machine.realtime_priorities("ktimers/") == []


@pytest.mark.parametrize("text", ["", "rubbish\n", "0xzz"])
def test_a_firmware_that_says_rubbish_says_nothing(tmp_path, text):
    machine = tree(tmp_path, {"sys/devices/platform/soc/soc:firmware/get_throttled": text})
    assert machine.throttled() is None


def test_other_kernels(tmp_path):
    machine = tree(tmp_path, {"sys/devices/platform/soc:firmware/get_throttled": "0x50000\n"})
    assert machine.throttled() == 0x50000


@pytest.mark.parametrize("alarm", [0, 1])
def test_only_a_sensor_with_an_alarm(tmp_path, alarm):
    machine = tree(
        tmp_path,
        {
            "sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
            "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
            "sys/class/hwmon/hwmon1/in0_lcrit_alarm": f"{alarm}\n",
        },
    )
    assert machine.throttled() == alarm


def test_the_hottest_zone(tmp_path):
    machine = tree(
        tmp_path,
        {
            "sys/class/thermal/thermal_zone0/temp": "48850\n",
            "sys/class/thermal/thermal_zone1/temp": "61000\n",
            "sys/class/thermal/thermal_zone2/temp": "\n",
            "sys/class/thermal/cooling_device0/temp": "99000\n",
        },
    )
    assert machine.celsius() == 61.0


def test_memory_and_timers(tmp_path):
    stat = "7 (ktimers/0) S 2 " + " ".join("0" * 35) + " 91 1 0"
    machine = tree(
        tmp_path,
        {
            "proc/5/statm": "9000 2560 900 1 0 800 0\n",
            "proc/5/smaps_rollup": "5581 [rollup]\nRss:  10240 kB\nPss:   7168 kB\n",
            "proc/7/comm": "ktimers/0\n",
            "proc/7/stat": stat,
            "proc/8/comm": "ksoftirqd/0\n",
        },
    )
    page_mb = os.sysconf("SC_PAGE_SIZE") / 2**20
    assert machine.rss_mb(5) == pytest.approx(2560 * page_mb)
    assert machine.pss_mb(5) == 7.0
    assert machine.realtime_priorities("ktimers/") == [91]


def test_ourselves():
    machine = Machine()
    assert 1 < machine.pss_mb(os.getpid()) <= machine.rss_mb(os.getpid()) + 1
    with open(os.devnull):
        assert machine.open_files(os.getpid()) >= 4
    assert machine.free_mb(Path.cwd()) > 0
    assert machine.free_mb(Path.cwd() / "made" / "later") > 0
