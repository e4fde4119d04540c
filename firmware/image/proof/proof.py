"""Runs in the proved copy of the image: says on the second serial port what it is like.

A line `PROOF {...}` of JSON for each group of facts; judging them is the host's part
(firmware/image/judge.py). Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
import cable
import wire

WORDS = Path("/dev/ttyS1")
BOX = "/opt/lkjam-box/bin/lkjam-box"
STATE = Path("/var/lib/lkjam-box")
LISTENING = "0A"


def ask(*words: str, limit_s: float = 120.0) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=limit_s)
    return done.stdout.strip() or done.stderr.strip()


def kernel() -> dict[str, object]:
    name = os.uname()
    return {
        "release": name.release,
        "version": name.version,
        "model": Path("/proc/device-tree/model").read_text().strip("\0"),
        "cores": os.cpu_count(),
        "isolated": Path("/sys/devices/system/cpu/isolated").read_text().strip(),
        "command_line": Path("/proc/cmdline").read_text().strip(),
    }


def mounts() -> dict[str, object]:
    rows = [line.split()[:4] for line in Path("/proc/mounts").read_text().splitlines()]
    try:
        probe = Path("/usr/lib/lkjam-box/written")
        probe.write_text("x")
        refused = ""
        probe.unlink()
    except OSError as error:
        refused = os.strerror(error.errno or 0)
    source = next(row[0] for row in rows if row[1] == "/")
    block = Path(f"/sys/class/block/{Path(source).name}/ro")
    return {
        "root": next(row for row in rows if row[1] == "/"),
        "root_device_read_only": block.read_text().strip() == "1" if block.exists() else None,
        "write_refused": refused,
        "state": next((row for row in rows if row[1] == str(STATE)), []),
        "writable": sorted(
            row[1]
            for row in rows
            if "rw" in row[3].split(",") and row[2] in ("ext4", "tmpfs", "vfat")
        ),
        "swap": Path("/proc/swaps").read_text().splitlines()[1:],
    }


def units() -> dict[str, object]:
    wanted = "Id,ActiveState,SubState,NRestarts,Result,ActiveEnterTimestampMonotonic"
    names = [f"lkjam-box{name}.service" for name in ("", "-tune", "-state", "-drive")]
    found = {}
    for block in ask("systemctl", "show", *names, f"--property={wanted}").split("\n\n"):
        about = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        found[about["Id"].removesuffix(".service")] = about
    times = "UserspaceTimestampMonotonic,KernelTimestampMonotonic,RuntimeWatchdogUSec"
    manager = ask("systemctl", "show", f"--property={times}").splitlines()
    failed = ask("systemctl", "list-units", "--failed", "--plain", "--no-legend").splitlines()
    return {
        "units": found,
        "failed": [line.split()[0] for line in failed if line.split()],
        "manager": dict(line.split("=", 1) for line in manager if "=" in line),
    }


def ports() -> dict[str, object]:
    """Sockets of the network that wait for somebody."""
    found = []
    for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6", "udplite", "packet"):
        path = Path("/proc/net") / name
        rows = path.read_text().splitlines()[1:] if path.exists() else []
        for row in rows:
            words = row.split()
            if not name.startswith("tcp") or words[3] == LISTENING:
                found.append(f"{name} {words[1]}")
    links = sorted(path.name for path in Path("/sys/class/net").iterdir())
    return {"open": found, "network": links}


def logins() -> dict[str, object]:
    shadow = [line.split(":")[:2] for line in Path("/etc/shadow").read_text().splitlines()]
    running = ask("ps", "-eo", "comm").split()
    return {
        "passwords": [user for user, word in shadow if not word.startswith(("*", "!"))],
        "programs": sorted({p for p in running if re.search(r"getty|sshd|login|telnet|drop", p)}),
        "hostname": os.uname().nodename,
        "machine_id": Path("/etc/machine-id").read_text().strip(),
    }


def machine() -> dict[str, object]:
    bus = Path("/proc/device-tree/soc/i2c@7e804000/clock-frequency")
    modules = ("snd_hrtimer", "snd_seq", "snd_seq_midi", "i2c_dev", "bcm2835_wdt")
    sleep = Path("/sys/module/usbcore/parameters/autosuspend")
    return {
        "i2c_hz": int.from_bytes(bus.read_bytes(), "big") if bus.exists() else 0,
        "devices": [
            p
            for p in ("/dev/i2c-1", "/dev/ttyAMA0", "/dev/snd/seq", "/dev/watchdog0")
            if Path(p).exists()
        ],
        "watchdog_s": _setting("RuntimeWatchdogSec"),
        "modules": {name: Path("/sys/module", name).exists() for name in modules},
        "usb_autosuspend": sleep.read_text().strip() if sleep.exists() else "",
        "timers": ask("sh", "-c", "ps -eLo rtprio,comm | grep ktimers || true").splitlines(),
        "pins": wire.pins(),
    }


def _setting(name: str) -> str:
    """Of systemd itself, as its files say, the last one winning."""
    lines = ask("systemd-analyze", "cat-config", "systemd/system.conf").splitlines()
    found = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
    return found[-1] if found else ""


def check() -> dict[str, object]:
    done = subprocess.run(
        [BOX, "check", "--json", "--config", "/etc/lkjam-box.yaml"],
        capture_output=True,
        text=True,
        timeout=400,
        env=dict(os.environ, STATE_DIRECTORY=str(STATE)),
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return {"returned": done.returncode, "said": (done.stdout + done.stderr)[-1500:]}
    return {"returned": done.returncode, "plays": told["plays"], "findings": told["findings"]}


def kept() -> dict[str, object]:
    """How often it was started, as the state partition tells."""
    path = STATE / "proof-starts"
    starts = int(path.read_text()) if path.exists() else 0
    path.write_text(str(starts + 1))
    os.sync()
    return {"starts_before": starts, "there": sorted(p.name for p in STATE.iterdir())}


PARTS = {
    "kernel": kernel,
    "mounts": mounts,
    "units": units,
    "ports": ports,
    "logins": logins,
    "machine": machine,
    "midi": wire.midi,
    "check": check,
    "kept": kept,
    "cable": cable.prove,
}


def main() -> None:
    with open(WORDS, "w") as out:

        def tell(name: str, facts: object) -> None:
            out.write(f"PROOF {json.dumps({name: facts})}\n")
            out.flush()

        settle()
        tell("up_s", float(Path("/proc/uptime").read_text().split()[0]))
        for name, part in PARTS.items():
            if f"proof.skip={name}" in Path("/proc/cmdline").read_text().split():
                continue
            began_s = time.monotonic()
            try:
                tell(name, part())
                tell(f"{name}_s", round(time.monotonic() - began_s, 1))
            except Exception as error:  # one group must not hide the others
                tell(name, {"error": f"{type(error).__name__}: {error}"})
        for line in ask("journalctl", "-b", "-o", "short-monotonic", "--no-pager").splitlines():
            out.write(f"LOG {line}\n")
        tell("done", True)
        while True:  # until the power goes
            (STATE / "writing").write_bytes(os.urandom(4096))
            os.sync()
            time.sleep(0.01)


def settle(limit_s: float = 300.0) -> None:
    """Until the box plays, or will not."""
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s:
        state = ask("systemctl", "is-active", "lkjam-box.service")
        if state in ("active", "failed"):
            return
        restarts = ask("systemctl", "show", "lkjam-box.service", "-p", "NRestarts", "--value")
        if restarts.isdigit() and int(restarts) >= 2:
            return
        time.sleep(1.0)


if __name__ == "__main__":
    main()
