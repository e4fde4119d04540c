"""Both ends of the cable to a computer: the kernel's dummy controller is the computer.

What a player does is done here: plug in, see an instrument and a drive, write a progression on
the drive, eject it; then the box must have it.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAYER = Path("/var/lib/lkjam-box/player")
GOOD = "name: From the laptop\nkey: C\nturn_bars: 2\nbars:\n  - C | G7\n"
BAD = "name: Broken\nkey: H\nbars:\n  - C\n"
WAIT_S = 90.0
REPORT = "WHAT THE BOX SAYS.txt"


def prove() -> dict[str, object]:
    run("modprobe", "dummy_hcd")
    run("systemctl", "restart", "lkjam-box-gadget.service")
    drive = wait(find_drive)
    if drive is None:
        return {"drive": "", "said": run("journalctl", "-b", "-n", "12", "-u", "lkjam-box-gadget")}
    device = Path("/dev", drive.name)
    model = (drive / "device/model").read_text().strip()
    where = Path("/run/laptop")
    where.mkdir(exist_ok=True)
    mounted = run("mount", "-t", "vfat", device, where)
    there = sorted(str(p.relative_to(where)) for p in where.rglob("*") if p.is_file())
    (where / "progressions/laptop.yaml").write_text(GOOD)
    (where / "progressions/broken.yaml").write_text(BAD)
    run("umount", where)
    run("/opt/lkjam-box/bin/python", Path(__file__).with_name("eject.py"), device)
    taken = wait(lambda: (PLAYER / "progressions/laptop.yaml").exists() or None)
    wait(lambda: "broken.yaml" in run("journalctl", "-b", "-u", "lkjam-box-gadget") or None)
    time.sleep(1)  # it tells on the drive now
    instruments = [
        line.split("]: ")[1]
        for line in Path("/proc/asound/cards").read_text().splitlines()
        if "]: " in line
    ]
    run("systemctl", "restart", "lkjam-box-gadget.service")  # as a cable out and in
    again = wait(find_drive)
    run("mount", "-t", "vfat", "-o", "ro", Path("/dev", again.name if again else "none"), where)
    report = (where / REPORT).read_text() if (where / REPORT).exists() else ""
    run("umount", where)
    clients = Path("/proc/asound/seq/clients")
    return {
        "drive": model,
        "mounted": mounted,
        "there": there,
        "taken": bool(taken),
        "in_the_box": sorted(p.name for p in (PLAYER / "progressions").iterdir()),
        "instruments": instruments,
        "ports": [
            line.strip() for line in clients.read_text().splitlines() if line.startswith("Client")
        ],
        "report": report,
    }


def find_drive() -> Path | None:
    """One that has its medium, as the computer sees it."""
    found = (p for p in Path("/sys/block").glob("sd?") if int((p / "size").read_text()))
    return next(found, None)


def run(*words: object) -> str:
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=120)
    return "" if not done.returncode and words[0] != "journalctl" else done.stdout + done.stderr


def wait(find: Callable[[], Any], limit_s: float = WAIT_S) -> Any:
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        try:
            if (found := find()) is not None:
                time.sleep(0.5)  # udev makes its file
                return found
        except OSError:
            pass
        time.sleep(0.5)
    return None
