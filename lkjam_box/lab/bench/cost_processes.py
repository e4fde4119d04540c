"""What the processes of a box spent so far, by the kernel's own count (``/proc``)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUPERVISOR, STANDBY = "supervisor", "standby"


@dataclass(frozen=True, slots=True)
class Spent:
    """Since their starts: nanoseconds of processor time and wake-ups, by process; and the time."""

    at_s: float
    ns: Counter[str]
    wakes: Counter[str]
    busy_ns: int  # of all tasks of the machine, the kernel's own included, without us

    def rates(self, before: Spent) -> tuple[dict[str, float], dict[str, float], float]:
        """Nanoseconds and wake-ups a second by process, and the machine's nanoseconds."""
        took_s = self.at_s - before.at_s
        return (
            {name: (self.ns[name] - before.ns[name]) / took_s for name in sorted(self.ns)},
            {name: (self.wakes[name] - before.wakes[name]) / took_s for name in sorted(self.wakes)},
            (self.busy_ns - before.busy_ns) / took_s,
        )


def spent(supervisor: int) -> Spent:
    """Of the box whose supervisor that is, and all that descend from it."""
    names = {supervisor: SUPERVISOR, **dict(_descendants(supervisor))}
    ns, wakes = Counter[str](), Counter[str]()
    for pid, name in names.items():
        for task in Path(f"/proc/{pid}/task").glob("*"):
            try:
                ns[name] += int((task / "schedstat").read_text().split()[0])
                wakes[name] += _voluntary((task / "status").read_text())
            except OSError:
                continue  # it has just ended
    cores = (line.split() for line in Path("/proc/schedstat").read_text().splitlines())
    busy_ns = sum(int(words[7]) for words in cores if words[0].startswith("cpu"))
    return Spent(time.monotonic(), ns, wakes, busy_ns - time.process_time_ns())


def _descendants(parent: int) -> Iterator[tuple[int, str]]:
    for path in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            pids = [int(word) for word in path.read_text().split()]
        except OSError:
            continue
        for pid in pids:
            try:
                comm = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue
            yield pid, comm.removeprefix("lkjam-") if comm.startswith("lkjam-") else STANDBY
            yield from _descendants(pid)


def _voluntary(status: str) -> int:
    line = next(one for one in status.splitlines() if one.startswith("voluntary"))
    return int(line.split()[1])
