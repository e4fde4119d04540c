"""What runs beside a measurement: cyclictest, to compare with, and a load."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

_LARGEST_US = 50_000
_BUSY = "while True: sum(range(10000))"


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of lateness in us; ``p999_us`` of fewer than 1000 values is the largest."""

    n: int
    p50_us: float
    p99_us: float
    p999_us: float
    max_us: float

    @classmethod
    def of(cls, values_us: list[float]) -> Spread:
        """Raises ValueError for no values."""
        if not values_us:
            raise ValueError("nothing was measured")
        ordered, n = sorted(values_us), len(values_us)
        p50, p99, p999 = (ordered[min(int(share * n), n - 1)] for share in (0.5, 0.99, 0.999))
        return cls(n, *(round(value, 1) for value in (p50, p99, p999, ordered[-1])))


class Cyclictest:
    """``cyclictest`` above the stage's priority, a wake-up every millisecond."""

    def __init__(self, seconds: float) -> None:
        """Raises FileNotFoundError when it is not installed (rt-tests)."""
        self._process = subprocess.Popen(
            [
                *("cyclictest", "-q", "-m", "-p", "85", "-i", "1000"),
                *("-D", str(max(int(seconds), 1)), "-h", str(_LARGEST_US)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def spread(self) -> Spread | None:
        """Wait for its end; returns its figures, None where it was not permitted to run."""
        return parse(self._process.communicate(timeout=60)[0])

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def parse(said: str) -> Spread | None:
    """The histogram that ``cyclictest -q -h`` printed, as a Spread; None where there is none."""
    counts = [(int(us), int(n)) for us, n in re.findall(r"^(\d+) (\d+)$", said, re.MULTILINE)]
    largest = re.search(r"# Max Latencies: (\d+)", said)
    total = sum(n for _, n in counts)
    if not total or largest is None:
        return None

    def at(share: float) -> float:
        seen = 0
        for us, n in counts:
            seen += n
            if seen > share * total:
                return float(us)
        return float(largest[1])

    return Spread(total, at(0.5), at(0.99), at(0.999), float(largest[1]))


class Load:
    """A process that keeps ``cores`` busy, with memory and files too where stress-ng is there."""

    def __init__(self, cores: int) -> None:
        self._processes = []
        if not cores:
            self.name = "none"
        elif shutil.which("stress-ng"):
            self.name = f"stress-ng, {cores} cpu, 1 vm"
            words = ["stress-ng", "--quiet", "--cpu", str(cores), "--vm", "1", "--vm-bytes", "64M"]
            self._processes = [subprocess.Popen(words, process_group=0)]
        else:
            self.name = f"{cores} busy processes"
            busy = [sys.executable, "-c", _BUSY]
            self._processes = [subprocess.Popen(busy, process_group=0) for _ in range(cores)]

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, 15)
                process.wait()
