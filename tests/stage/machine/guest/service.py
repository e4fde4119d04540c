"""Checks of the service as systemd and the kernel see it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import box
from harness import Found, Stage

EXPOSURE_MOST = 2.5  # of 10, by systemd-analyze
PROCESSES = Path("/sys/fs/cgroup/system.slice", box.UNIT, "cgroup.procs")
MEMORY_MOST_MB = 150.0  # all processes, shared pages counted once


def security(stage: Stage) -> Found:
    """What the unit leaves open."""
    command = ["systemd-analyze", "security", "--no-pager", box.UNIT]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    found = re.search(r"exposure level for \S+: ([\d.]+)", said)
    if found is None:
        return Found(wrong=["systemd-analyze told no exposure level"])
    exposure = float(found[1])
    result = Found({"exposure": exposure})
    result.expect(exposure <= EXPOSURE_MOST, f"exposure {exposure}, allowed {EXPOSURE_MOST}")
    return result


def memory(stage: Stage) -> Found:
    """Proportional set size of every process of the service."""
    sizes = {}
    names = {str(pid): name for name, pid in box.pids().items()}
    for pid in PROCESSES.read_text().split():
        name = names.get(pid, "fork server")
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        (kib,) = re.findall(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        sizes[name] = round(int(kib) / 1024, 1)
    total = round(sum(sizes.values()), 1)
    found = Found({"pss_mb": total, **sizes})
    found.expect(total < MEMORY_MOST_MB, f"{total} MB, allowed {MEMORY_MOST_MB}")
    return found
