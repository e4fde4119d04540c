"""What the benchmarks of the running box make of what they see; the runs are made by hand."""

import pytest

from lkjam_box.lab.bench.footprint import pss_mb
from lkjam_box.lab.bench.yardstick import Load, Spread, parse

SAID = """# Histogram
000000 000000
000007 000990
000008 000008
000030 000001
# Total: 000000999
# Min Latencies: 00007
# Avg Latencies: 00007
# Max Latencies: 50123
# Histogram Overflows: 00001
"""


def test_spread():
    spread = Spread.of([float(n) for n in range(1000)])
    assert spread == Spread(1000, 500.0, 990.0, 999.0, 999.0)
    assert Spread.of([5.0]) == Spread(1, 5.0, 5.0, 5.0, 5.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_cyclictest_is_read():
    spread = parse(SAID)
    assert (spread.n, spread.p50_us, spread.p99_us, spread.max_us) == (999, 7.0, 7.0, 50123.0)
    assert spread.p999_us == 30.0
    assert parse("FATAL: unable to change scheduling policy") is None


def test_memory_of_all_processes():
    import subprocess
    import sys

    words = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        found = pss_mb(child.pid)
        child.kill()
    assert list(found) == ["main"]
    assert 1 < found["main"] < 200


def test_no_load_is_none():
    load = Load(0)
    assert load.name == "none"
    load.stop()
